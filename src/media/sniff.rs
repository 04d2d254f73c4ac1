//! What a file really is, by its first bytes. What its sender, its name or a header says about it is
//! not asked: a browser would believe it. A name only tells apart what lies in one and the same box.

use papo_domain::MediaKind;
use papo_domain::media::{ANIMATED_WEBP, OGG_OPUS};

/// Bytes that are looked at.
pub(crate) const HEAD: usize = 4096;
/// What nothing is known of.
const UNKNOWN: &str = "application/octet-stream";
const TEXT: &str = "text/plain";
/// Boxes that hold many things.
const ZIP: &str = "application/zip";
const OLE: &str = "application/x-ole-storage";
const DOC: &str = "application/msword";
const XLS: &str = "application/vnd.ms-excel";
const PPT: &str = "application/vnd.ms-powerpoint";
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
/// Where the first sector of an OLE storage begins, which mostly is the document itself (MS-CFB 2.2).
const OLE_SECTOR: usize = 512;
/// How long Opus's mark is, and how far behind its beginning the number of channels stands (RFC 7845,
/// 5.1).
const OPUS_HEAD: &[u8] = b"OpusHead";
const OPUS_CHANNELS: usize = 9;
/// Set in the header of a WebP with extensions: it moves.
const WEBP_ANIMATION: u8 = 0b10;

/// Signatures at the beginning.
const BEGINNINGS: &[(&[u8], &str)] = &[
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
];
/// How an OLE storage begins (MS-CFB 2.2).
const OLE_SIGN: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// The type of a file that begins with `head`; `application/octet-stream` where it is not known.
#[must_use]
pub fn sniff(head: &[u8]) -> &'static str {
    if let Some((_, found)) = BEGINNINGS.iter().find(|(sign, _)| head.starts_with(sign)) {
        return found;
    }
    if head.starts_with(OLE_SIGN) {
        return old_office(head);
    }
    let word = |from: usize| head.get(from..from + 4);
    match (word(0), word(4), word(8)) {
        (Some(b"RIFF"), _, Some(b"WEBP")) => webp(head),
        (Some(b"RIFF"), _, Some(b"WAVE")) => "audio/wav",
        (Some(b"OggS"), ..) => ogg(head),
        (_, Some(b"ftyp"), Some(brand)) => container(brand),
        (Some(b"PK\x03\x04"), ..) => office(head),
        _ => plainer(head),
    }
}

fn webp(head: &[u8]) -> &'static str {
    let moves = head.get(12..16) == Some(b"VP8X")
        && head
            .get(20)
            .is_some_and(|flags| flags & WEBP_ANIMATION != 0);
    if moves { ANIMATED_WEBP } else { "image/webp" }
}

/// WhatsApp plays Opus of one channel only.
fn ogg(head: &[u8]) -> &'static str {
    let opus = head.windows(OPUS_CHANNELS + 1);
    let mut opus = opus.filter(|part| part.starts_with(OPUS_HEAD));
    match opus.next().and_then(|part| part.get(OPUS_CHANNELS)) {
        Some(1) => OGG_OPUS,
        _ => "audio/ogg",
    }
}

/// The brand of an ISO media file.
fn container(brand: &[u8]) -> &'static str {
    match brand {
        b"M4A " | b"M4B " => "audio/mp4",
        b"qt  " => "video/quicktime",
        b"heic" | b"heix" | b"mif1" => "image/heic",
        b"avif" => "image/avif",
        [b'3', b'g', ..] => "video/3gpp",
        _ => "video/mp4",
    }
}

/// Office files are archives whose first names tell what they are.
fn office(head: &[u8]) -> &'static str {
    for (name, found) in [(b"word/".as_slice(), DOCX), (b"xl/", XLSX), (b"ppt/", PPTX)] {
        if holds(head, name) {
            return found;
        }
    }
    ZIP
}

/// Office files of before 2007 are storages: what they are, the first sector tells (MS-DOC 2.5.2,
/// MS-XLS 2.4.21), or the name of a stream, in UTF-16.
fn old_office(head: &[u8]) -> &'static str {
    let sector = head.get(OLE_SECTOR..).unwrap_or_default();
    for (begins, stream, found) in [
        (b"\xec\xa5".as_slice(), "WordDocument", DOC),
        (b"\x09\x08\x10\x00", "Workbook", XLS),
        (b"\x0f\x00\xe8\x03", "PowerPoint Document", PPT),
    ] {
        let stream: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
        if sector.starts_with(begins) || holds(head, &stream) {
            return found;
        }
    }
    OLE
}

/// The type of a file whose bytes are of type `sniffed`, and which has this name: inside of a box that
/// holds many things, the name's ending tells which of them.
#[must_use]
pub fn named(sniffed: &'static str, name: Option<&str>) -> &'static str {
    let ending = name.and_then(|name| name.rsplit_once('.'));
    let ending = ending.map(|(_, ending)| ending.to_ascii_lowercase());
    match (sniffed, ending.as_deref().unwrap_or_default()) {
        (OLE, "doc" | "dot") => DOC,
        (OLE, "xls" | "xlt") => XLS,
        (OLE, "ppt" | "pps" | "pot") => PPT,
        (ZIP, "docx") => DOCX,
        (ZIP, "xlsx") => XLSX,
        (ZIP, "pptx") => PPTX,
        // Telephones record sound under the brand of films.
        ("video/mp4", "m4a") => "audio/mp4",
        _ => sniffed,
    }
}

/// Sound without a header, or text.
fn plainer(head: &[u8]) -> &'static str {
    match head {
        // A frame of AAC in ADTS: twelve bits of ones, then two bits of zero.
        [0xff, second, ..] if second & 0xf6 == 0xf0 => "audio/aac",
        // One of layer III: eleven bits of ones, two of the version, then 01.
        [0xff, second, ..] if second & 0xe6 == 0xe2 => "audio/mpeg",
        [0xff, 0xfe, rest @ ..] if is_wide_text(rest, u16::from_le_bytes) => TEXT,
        [0xfe, 0xff, rest @ ..] if is_wide_text(rest, u16::from_be_bytes) => TEXT,
        _ if is_text(head) || is_old_text(head) => TEXT,
        _ => UNKNOWN,
    }
}

/// No text has such characters.
fn odd(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')
}

/// Text in UTF-16, as Windows calls "Unicode"; its last character may be cut.
fn is_wide_text(bytes: &[u8], read: fn([u8; 2]) -> u16) -> bool {
    let (pairs, _) = bytes.as_chunks::<2>();
    let text: Vec<_> = char::decode_utf16(pairs.iter().copied().map(read)).collect();
    let last = text.len().saturating_sub(1);
    let fits = |(at, c): (usize, &Result<char, _>)| match c {
        Ok(c) => !odd(*c),
        Err(_) => at == last,
    };
    !text.is_empty() && text.iter().enumerate().all(fits)
}

/// Text in Windows-1252, as spreadsheets still write it: mostly ASCII, and nothing that has no letter.
fn is_old_text(head: &[u8]) -> bool {
    let plain = head.iter().filter(|byte| byte.is_ascii()).count();
    let letters = |byte: &u8| !byte.is_ascii() || !odd(char::from(*byte));
    !head.is_empty() && plain * 4 >= head.len() * 3 && head.iter().all(letters)
}

/// Text in UTF-8 without control characters; its last character may be cut.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let valid = head.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.contains(odd)
}

fn holds(head: &[u8], part: &[u8]) -> bool {
    head.windows(part.len()).any(|window| window == part)
}

/// What a file of this type and size is sent as, unless somebody says otherwise. A sticker is never
/// guessed.
#[must_use]
pub fn kind_of(mime_type: &str, size: u64) -> MediaKind {
    [MediaKind::Image, MediaKind::Video, MediaKind::Audio]
        .into_iter()
        .find(|kind| kind.check(mime_type, size).is_ok())
        .unwrap_or(MediaKind::Document)
}

/// How a browser is given a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Beside the conversation.
    Inline,
    /// To be saved.
    Attachment,
}

/// Whether a browser may show a file of this type. What could hold a script is only saved.
#[must_use]
pub fn shown_as(mime_type: &str) -> Shown {
    let family = mime_type.split('/').next().unwrap_or_default();
    match family {
        "image" | "audio" | "video" => Shown::Inline,
        _ => Shown::Attachment,
    }
}

/// The type as it is said to a browser: without what only WhatsApp's limits need.
#[must_use]
pub fn plain(mime_type: &str) -> &str {
    if mime_type == ANIMATED_WEBP {
        "image/webp"
    } else {
        mime_type
    }
}

#[cfg(test)]
mod tests {
    use super::{OLE_SIGN, Shown, kind_of, named, shown_as, sniff};
    use papo_domain::MediaKind;
    use papo_domain::media::{ANIMATED_WEBP, OGG_OPUS};

    fn webp(flags: u8) -> Vec<u8> {
        [
            b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0".as_slice(),
            &[flags, 0, 0, 0],
        ]
        .concat()
    }

    #[test]
    fn files_are_known_by_their_bytes() {
        for (bytes, expected) in [
            (b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), "image/png"),
            (webp(0), "image/webp"),
            (webp(0b10), ANIMATED_WEBP),
            (b"\0\0\0\x18ftypmp42\0\0".to_vec(), "video/mp4"),
            (b"\0\0\0\x18ftyp3gp4\0\0".to_vec(), "video/3gpp"),
            (b"\0\0\0\x18ftypM4A \0\0".to_vec(), "audio/mp4"),
            (b"OggS\0\x02......OpusHead\x01\x01".to_vec(), OGG_OPUS),
            // Of two channels, or cut before their number.
            (b"OggS\0\x02......OpusHead\x01\x02".to_vec(), "audio/ogg"),
            (b"OggS\0\x02......OpusHead\x01".to_vec(), "audio/ogg"),
            (b"OggS\0\x02......\x01vorbis".to_vec(), "audio/ogg"),
            (b"ID3\x04\0".to_vec(), "audio/mpeg"),
            (vec![0xff, 0xfb, 0x90], "audio/mpeg"),
            (vec![0xff, 0xf1, 0x50], "audio/aac"),
            (b"#!AMR\n".to_vec(), "audio/amr"),
            (b"%PDF-1.7".to_vec(), "application/pdf"),
            (
                b"PK\x03\x04......[Content_Types].xml..word/document.xml".to_vec(),
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            (b"PK\x03\x04......a.txt".to_vec(), "application/zip"),
            ("Ol\u{e1}\n".as_bytes().to_vec(), "text/plain"),
            // Cut in the middle of a character.
            (b"Ol\xc3".to_vec(), "text/plain"),
            (b"<html><script>".to_vec(), "text/plain"),
            // As Excel writes "Unicode text" and, in Brazil, CSV.
            (b"\xff\xfeO\0l\0\xe1\0;\0\r\0\n\0".to_vec(), "text/plain"),
            (b"\xfe\xff\0O\0l\0\xe1".to_vec(), "text/plain"),
            (
                b"Nome;Situa\xe7\xe3o\r\nAna;Em dia\r\n".to_vec(),
                "text/plain",
            ),
            (
                vec![0xff, 0xfe, 0x90, 0, 0, 0, 1, 0],
                "application/octet-stream",
            ),
            (vec![0xff; 64], "application/octet-stream"),
            (b"MZ\x90\0\x03".to_vec(), "application/octet-stream"),
            (Vec::new(), "application/octet-stream"),
        ] {
            assert_eq!(sniff(&bytes), expected, "{bytes:?}");
        }
    }

    /// An OLE storage whose first sector begins so.
    fn storage(sector: &[u8]) -> Vec<u8> {
        let mut bytes = OLE_SIGN.to_vec();
        bytes.resize(512, 0);
        bytes.extend_from_slice(sector);
        bytes.resize(1_024, 0);
        bytes
    }

    #[test]
    fn office_files_are_told_apart_by_what_is_in_them_and_else_by_name() {
        let unknown = "application/x-ole-storage";
        for (bytes, name, expected) in [
            (storage(b"\xec\xa5\xc1\0"), None, "application/msword"),
            (
                storage(b"\x09\x08\x10\0"),
                Some("a.doc"),
                "application/vnd.ms-excel",
            ),
            (
                storage(b"....P\0o\0w\0e\0r\0P\0o\0i\0n\0t\0 \0D\0o\0c\0u\0m\0e\0n\0t\0"),
                None,
                "application/vnd.ms-powerpoint",
            ),
            (
                storage(b""),
                Some("Planilha.XLS"),
                "application/vnd.ms-excel",
            ),
            (storage(b""), Some("setup.msi"), unknown),
            (storage(b""), None, unknown),
            (
                b"PK\x03\x04....docProps/".to_vec(),
                Some("a.docx"),
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            (
                b"\0\0\0\x18ftypmp42\0\0".to_vec(),
                Some("a.m4a"),
                "audio/mp4",
            ),
            // A name makes nothing of bytes that are something else.
            (
                b"PK\x03\x04....a.txt".to_vec(),
                Some("a.pdf"),
                "application/zip",
            ),
            (
                b"MZ\x90\0\x03".to_vec(),
                Some("a.doc"),
                "application/octet-stream",
            ),
        ] {
            assert_eq!(named(sniff(&bytes), name), expected, "{name:?}");
        }
    }

    #[test]
    fn what_could_hold_a_script_is_never_shown() {
        for (mime_type, shown) in [
            ("image/png", Shown::Inline),
            (OGG_OPUS, Shown::Inline),
            ("text/plain", Shown::Attachment),
            ("application/pdf", Shown::Attachment),
            ("application/octet-stream", Shown::Attachment),
        ] {
            assert_eq!(shown_as(mime_type), shown, "{mime_type}");
        }
        // A drawing is text to us, and text is saved.
        assert_eq!(shown_as(sniff(b"<svg onload=alert(1)>")), Shown::Attachment);
    }

    #[test]
    fn what_whatsapp_does_not_show_is_a_document() {
        for (mime_type, kind) in [
            ("image/png", MediaKind::Image),
            ("image/webp", MediaKind::Document),
            ("video/mp4", MediaKind::Video),
            (OGG_OPUS, MediaKind::Audio),
            ("audio/ogg", MediaKind::Document),
            ("application/pdf", MediaKind::Document),
        ] {
            assert_eq!(kind_of(mime_type, 1), kind, "{mime_type}");
        }
        // Nor what is too large to be shown.
        assert_eq!(kind_of("audio/mp4", 20 << 20), MediaKind::Document);
    }
}
