//! What a send's result means for the message and for its number: pure, so that the table can be
//! tested as a table.

use crate::api::ChannelConfig;
use chrono::TimeDelta;
use papo_domain::Timestamp;
use papo_domain::channel::Backoff;
use papo_domain::ports::{ProviderError, SendError, SendOutcome};
use std::time::Duration;

/// The consequences of one result.
#[derive(Debug, PartialEq)]
pub(super) struct Consequence {
    pub(super) outcome: SendOutcome,
    pub(super) number: Number,
}

/// What becomes of the number.
#[derive(Debug, PartialEq)]
pub(super) enum Number {
    /// It works.
    Works,
    /// Nothing was learned about it.
    Same,
    /// The provider or the way to it failed: several in a row pause the number.
    Failed,
    /// The provider refused its rate, and maybe said for how long.
    Refused { after: Option<Duration> },
    /// This conversation alone must be left alone until then.
    PairUntil(Timestamp),
    /// Nothing works until a person acts.
    Down { code: i64, detail: String },
}

/// Judges the result of try number `attempts` (0 for the first) at `now`.
pub(super) fn judge(
    result: Result<String, SendError>,
    attempts: u32,
    now: Timestamp,
    config: &ChannelConfig,
) -> Consequence {
    let backoff = Backoff {
        first: config.backoff,
        factor: 2,
        max: config.backoff_max,
    };
    let later = |wait: Duration| add(now, wait);
    let retry = |code: i64, title: &str, wait: Duration| {
        if attempts + 1 >= config.max_attempts {
            let error = ProviderError {
                code,
                title: title.to_owned(),
                detail: None,
            };
            SendOutcome::Failed { error }
        } else {
            SendOutcome::Requeue {
                at: later(wait),
                counted: true,
            }
        }
    };
    match result {
        Ok(external_id) => Consequence {
            outcome: SendOutcome::Sent { external_id },
            number: Number::Works,
        },
        // Nothing left this machine, so the message is not what is wrong: it is not counted.
        Err(SendError::NotSent(_)) => Consequence {
            outcome: SendOutcome::Requeue {
                at: later(backoff.pause(attempts)),
                counted: false,
            },
            number: Number::Failed,
        },
        Err(SendError::Ambiguous(_)) => Consequence {
            outcome: SendOutcome::Unknown,
            number: Number::Failed,
        },
        Err(SendError::Retry { code, after }) => Consequence {
            outcome: retry(
                code,
                "refused for now",
                after.unwrap_or(backoff.pause(attempts)),
            ),
            number: Number::Same,
        },
        Err(SendError::PairRate { code }) => {
            let wait = Backoff::PAIR.pause(attempts);
            Consequence {
                outcome: retry(code, "too many to this customer", wait),
                number: Number::PairUntil(later(wait)),
            }
        }
        // When it goes again is decided by the number's pause.
        Err(SendError::NumberRate { after, .. }) => Consequence {
            outcome: SendOutcome::Requeue {
                at: now,
                counted: false,
            },
            number: Number::Refused { after },
        },
        Err(SendError::ChannelDown { code, detail }) => Consequence {
            outcome: SendOutcome::Requeue {
                at: now,
                counted: false,
            },
            number: Number::Down { code, detail },
        },
        Err(SendError::Permanent { code, title }) => Consequence {
            outcome: SendOutcome::Failed {
                error: ProviderError {
                    code,
                    title,
                    detail: None,
                },
            },
            number: Number::Same,
        },
    }
}

/// `now + wait`, at the end of time if it is beyond.
pub(super) fn add(now: Timestamp, wait: Duration) -> Timestamp {
    TimeDelta::from_std(wait)
        .ok()
        .and_then(|wait| now.checked_add_signed(wait))
        .unwrap_or(Timestamp::MAX_UTC)
}
