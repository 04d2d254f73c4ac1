//! What a file really is, by its first bytes. What its sender, its name or a header says about it is
//! not asked: a browser would believe it.

use papo_domain::MediaKind;
use papo_domain::media::{ANIMATED_WEBP, OGG_OPUS};

/// Bytes that are looked at.
pub(super) const HEAD: usize = 4096;
/// What nothing is known of.
const UNKNOWN: &str = "application/octet-stream";
const TEXT: &str = "text/plain";
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
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "application/x-ole-storage",
    ),
];

/// The type of a file that begins with `head`; `application/octet-stream` where it is not known.
#[must_use]
pub fn sniff(head: &[u8]) -> &'static str {
    if let Some((_, found)) = BEGINNINGS.iter().find(|(sign, _)| head.starts_with(sign)) {
        return found;
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

fn ogg(head: &[u8]) -> &'static str {
    if holds(head, b"OpusHead") {
        OGG_OPUS
    } else {
        "audio/ogg"
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
    for (name, found) in [
        (
            b"word/".as_slice(),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            b"xl/",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (
            b"ppt/",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
    ] {
        if holds(head, name) {
            return found;
        }
    }
    "application/zip"
}

/// Sound without a header, or text.
fn plainer(head: &[u8]) -> &'static str {
    match head {
        // A frame of AAC in ADTS: twelve bits of ones, then two bits of zero.
        [0xff, second, ..] if second & 0xf6 == 0xf0 => "audio/aac",
        [0xff, second, ..] if second & 0xe0 == 0xe0 => "audio/mpeg",
        _ if is_text(head) => TEXT,
        _ => UNKNOWN,
    }
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
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    !text.is_empty() && !text.contains(odd)
}

fn holds(head: &[u8], part: &[u8]) -> bool {
    head.windows(part.len()).any(|window| window == part)
}

/// What a file of this type is sent as, unless somebody says otherwise. A sticker is never guessed.
#[must_use]
pub fn kind_of(mime_type: &str) -> MediaKind {
    [MediaKind::Image, MediaKind::Video, MediaKind::Audio]
        .into_iter()
        .find(|kind| kind.check(mime_type, 1).is_ok())
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
    use super::{Shown, kind_of, shown_as, sniff};
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
            (b"OggS\0\x02......OpusHead".to_vec(), OGG_OPUS),
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
            (b"MZ\x90\0\x03".to_vec(), "application/octet-stream"),
            (Vec::new(), "application/octet-stream"),
        ] {
            assert_eq!(sniff(&bytes), expected, "{bytes:?}");
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
            assert_eq!(kind_of(mime_type), kind, "{mime_type}");
        }
    }
}
