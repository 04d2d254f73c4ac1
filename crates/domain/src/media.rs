//! Files of messages: what kinds there are, how far one has come, and what WhatsApp takes
//! (docs/META.md, "Media"). The bytes lie in the object storage; nothing here sees them.

use crate::ids::{ConversationId, MediaId};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use std::time::Duration;
use thiserror::Error;

const KB: u64 = 1024;
const MB: u64 = 1024 * KB;

/// What a file is to the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    Image,
    Video,
    Audio,
    Document,
    Sticker,
}

/// How far a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaState {
    /// It is at the provider and will be fetched.
    Pending,
    /// It can be had.
    Stored,
    /// It could not be fetched; a person may have it tried again.
    Failed,
    /// It is larger than this installation keeps.
    TooLarge,
    /// The provider does not have it any more.
    Expired,
}

/// What became of fetching a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaNews {
    pub state: MediaState,
    /// What it really is, by its bytes.
    pub mime_type: Option<String>,
    pub size: Option<u64>,
    /// Of the bytes, as 64 hexadecimal digits.
    pub sha256: Option<String>,
    /// Where the bytes lie in the object storage.
    pub storage_key: Option<String>,
    /// Why there are none; for people, without secrets.
    pub error: Option<String>,
}

impl MediaNews {
    /// It is still to come.
    #[must_use]
    pub fn pending() -> Self {
        Self::without_bytes(MediaState::Pending, None)
    }

    /// There is nothing of it, and why.
    #[must_use]
    pub fn without_bytes(state: MediaState, error: Option<String>) -> Self {
        Self {
            state,
            mime_type: None,
            size: None,
            sha256: None,
            storage_key: None,
            error,
        }
    }
}

/// The job that fetches a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchMedia {
    pub conversation: ConversationId,
    /// Of the message that brought it.
    pub seq: u64,
}

impl FetchMedia {
    /// Its kind among jobs.
    pub const KIND: &'static str = "fetch_media";
}

/// How long the provider keeps what a customer sent (docs/META.md, "Media").
pub const INBOUND_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A stored file that is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFile {
    pub id: MediaId,
    /// By its bytes.
    pub mime_type: String,
    pub size: u64,
    pub filename: Option<String>,
}

/// Why WhatsApp would not take a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MediaRefusal {
    /// Not one of the types of this kind.
    #[error("is not of a type that WhatsApp takes as {0}")]
    Type(&'static str),
    /// Larger than this many bytes.
    #[error("is larger than {0} bytes")]
    Size(u64),
    #[error("is empty")]
    Empty,
}

impl MediaKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Image,
        Self::Video,
        Self::Audio,
        Self::Document,
        Self::Sticker,
    ];

    /// The word for it, as stored and sent.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }

    /// Whether WhatsApp takes a file of this type and size as this kind. Whatever it takes at all may
    /// be sent as a document.
    ///
    /// # Errors
    /// Why not.
    pub fn check(self, mime_type: &str, size: u64) -> Result<(), MediaRefusal> {
        // Nothing has no type.
        if size == 0 {
            return Err(MediaRefusal::Empty);
        }
        let most = self
            .most(mime_type)
            .ok_or(MediaRefusal::Type(self.name()))?;
        if size > most {
            return Err(MediaRefusal::Size(most));
        }
        Ok(())
    }

    /// The most bytes of a file of this type; `None` if it cannot be of this kind.
    fn most(self, mime_type: &str) -> Option<u64> {
        let one_of = |types: &[&str], most: u64| types.contains(&mime_type).then_some(most);
        match self {
            Self::Image => one_of(&["image/jpeg", "image/png"], 5 * MB),
            Self::Video => one_of(&["video/mp4", "video/3gpp"], 16 * MB),
            Self::Audio => one_of(
                &[
                    "audio/aac",
                    "audio/amr",
                    "audio/mpeg",
                    "audio/mp4",
                    OGG_OPUS,
                ],
                16 * MB,
            ),
            Self::Document => one_of(HANDED_IN, 100 * MB),
            Self::Sticker => match mime_type {
                "image/webp" => Some(100 * KB),
                ANIMATED_WEBP => Some(500 * KB),
                _ => None,
            },
        }
    }
}

/// All that can be handed in: Meta's upload refuses other types with code 100 (docs/META.md, "Media").
const HANDED_IN: &[&str] = &[
    "application/msword",
    "application/pdf",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "audio/aac",
    "audio/amr",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    OGG_OPUS,
    "image/jpeg",
    "image/png",
    "image/webp",
    ANIMATED_WEBP,
    "text/plain",
    "video/3gpp",
    "video/mp4",
];

/// The only Ogg that WhatsApp plays, with one channel, and the only type of a voice message.
pub const OGG_OPUS: &str = "audio/ogg; codecs=opus";

/// A sticker that moves: the same MIME type for the world, with other limits.
pub const ANIMATED_WEBP: &str = "image/webp; animated=true";

impl MediaState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Stored,
        Self::Failed,
        Self::TooLarge,
        Self::Expired,
    ];

    /// The word for it, as stored and sent.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Stored => "stored",
            Self::Failed => "failed",
            Self::TooLarge => "too_large",
            Self::Expired => "expired",
        }
    }
}

/// A word that names no kind or state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an unknown word")]
pub struct UnknownWord;

impl FromStr for MediaKind {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == word);
        found.ok_or(UnknownWord)
    }
}

impl FromStr for MediaState {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|state| state.name() == word);
        found.ok_or(UnknownWord)
    }
}

#[cfg(test)]
mod tests {
    use super::{ANIMATED_WEBP, MediaKind, MediaRefusal, MediaState, OGG_OPUS};

    #[test]
    fn whatsapps_limits_are_kept() {
        let mb = 1024 * 1024;
        for (kind, mime_type, most) in [
            (MediaKind::Image, "image/jpeg", 5 * mb),
            (MediaKind::Image, "image/png", 5 * mb),
            (MediaKind::Video, "video/mp4", 16 * mb),
            (MediaKind::Video, "video/3gpp", 16 * mb),
            (MediaKind::Audio, "audio/mpeg", 16 * mb),
            (MediaKind::Audio, OGG_OPUS, 16 * mb),
            (MediaKind::Document, "application/pdf", 100 * mb),
            (MediaKind::Document, "application/msword", 100 * mb),
            (MediaKind::Document, "image/jpeg", 100 * mb),
            (MediaKind::Document, "audio/ogg", 100 * mb),
            (MediaKind::Sticker, "image/webp", 100 * 1024),
            (MediaKind::Sticker, ANIMATED_WEBP, 500 * 1024),
        ] {
            assert_eq!(kind.check(mime_type, most), Ok(()), "{kind:?} {mime_type}");
            assert_eq!(
                kind.check(mime_type, most + 1),
                Err(MediaRefusal::Size(most))
            );
            assert_eq!(kind.check(mime_type, 0), Err(MediaRefusal::Empty));
        }
        for (kind, mime_type) in [
            (MediaKind::Image, "image/webp"),
            (MediaKind::Image, "application/pdf"),
            (MediaKind::Audio, "audio/ogg"),
            (MediaKind::Video, "video/webm"),
            (MediaKind::Sticker, "image/png"),
            (MediaKind::Document, "application/zip"),
            (MediaKind::Document, "application/octet-stream"),
            (MediaKind::Document, "image/gif"),
            (MediaKind::Document, "video/quicktime"),
        ] {
            let refused = Err(MediaRefusal::Type(kind.name()));
            assert_eq!(kind.check(mime_type, 1), refused, "{mime_type}");
        }
    }

    #[test]
    fn words_come_back() {
        for kind in MediaKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        for state in MediaState::ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
    }
}
