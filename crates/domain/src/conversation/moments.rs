//! How moments stand in a snapshot: nanoseconds since 1970, which are a third of the room that
//! their words take. What version 1 wrote, and what lies beyond the year 2262, are words.

use crate::Timestamp;
use chrono::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Nanoseconds(i64),
    Words(Timestamp),
}

impl From<Timestamp> for Written {
    fn from(at: Timestamp) -> Self {
        at.timestamp_nanos_opt()
            .map_or(Self::Words(at), Self::Nanoseconds)
    }
}

impl From<Written> for Timestamp {
    fn from(written: Written) -> Self {
        match written {
            Written::Nanoseconds(nanoseconds) => DateTime::from_timestamp_nanos(nanoseconds),
            Written::Words(at) => at,
        }
    }
}

pub(super) fn serialize<S: Serializer>(
    at: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    at.map(Written::from).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let written = Option::<Written>::deserialize(deserializer)?;
    Ok(written.map(Timestamp::from))
}

/// The same for a moment that is always there.
pub(super) mod moment {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp, Written};

    pub(in super::super) fn serialize<S: Serializer>(
        at: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        Written::from(*at).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        Written::deserialize(deserializer).map(Timestamp::from)
    }
}
