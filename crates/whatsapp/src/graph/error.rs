//! What a refusal means: the table of docs/META.md, "Errors", by code. The title and the HTTP
//! status decide only where there is no code that we know.

use papo_domain::ports::SendError;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;

/// The most characters of the provider's words that go into an error.
const DETAIL_MAX: usize = 300;
/// No `Retry-After` makes a channel wait longer.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);
/// How long an account or a number rests where the provider names no time: its limits count by
/// the hour, an upgrade takes about a minute.
const REST: Duration = Duration::from_secs(60);

/// What is to be done about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Temporary: this message again, later.
    Retry,
    /// The number waits for a moment.
    NumberRate,
    /// The number waits for a minute or so.
    NumberRest,
    /// The conversation waits.
    PairRate,
    /// Nothing can be sent until a person acts.
    ChannelDown,
    /// Never this message again.
    Permanent,
}

/// First and last code of a row, and its class. A code stands in one row only.
const TABLE: &[(i64, i64, Class)] = &[
    // Token, permission.
    (0, 0, Class::ChannelDown),
    (3, 3, Class::ChannelDown),
    (10, 10, Class::ChannelDown),
    (190, 190, Class::ChannelDown),
    (200, 299, Class::ChannelDown),
    // Policy, country, lock.
    (368, 368, Class::ChannelDown),
    (130_497, 130_497, Class::ChannelDown),
    (131_031, 131_031, Class::ChannelDown),
    // Display name, payment, certificate; registration and two-step PIN.
    (131_037, 131_037, Class::ChannelDown),
    (131_042, 131_042, Class::ChannelDown),
    (131_045, 131_045, Class::ChannelDown),
    (133_000, 133_016, Class::ChannelDown),
    // Unknown, temporary, internal, overload.
    (1, 2, Class::Retry),
    (131_000, 131_000, Class::Retry),
    (131_016, 131_016, Class::Retry),
    // Rates: of the app and the account, of the number, while it is being upgraded, of the pair.
    (4, 4, Class::NumberRest),
    (80_007, 80_007, Class::NumberRest),
    (130_429, 130_429, Class::NumberRate),
    (131_057, 131_057, Class::NumberRest),
    (131_056, 131_056, Class::PairRate),
    // Parameters.
    (100, 100, Class::Permanent),
    (131_005, 131_005, Class::Permanent),
    (131_008, 131_009, Class::Permanent),
    // This recipient, at this time.
    (130_472, 130_472, Class::Permanent),
    (131_021, 131_021, Class::Permanent),
    (131_026, 131_026, Class::Permanent),
    (131_030, 131_030, Class::Permanent),
    (131_047, 131_050, Class::Permanent),
    (131_062, 131_064, Class::Permanent),
    (135_000, 135_000, Class::Permanent),
    (137_000, 137_000, Class::Permanent),
    // Type and media.
    (131_051, 131_053, Class::Permanent),
    // Templates and flows.
    (132_000, 132_001, Class::Permanent),
    (132_005, 132_005, Class::Permanent),
    (132_007, 132_008, Class::Permanent),
    (132_012, 132_012, Class::Permanent),
    (132_015, 132_016, Class::Permanent),
    (132_018, 132_018, Class::Permanent),
    (132_068, 132_069, Class::Permanent),
];

fn class(code: i64) -> Option<Class> {
    let row = TABLE
        .iter()
        .find(|(first, last, _)| (*first..=*last).contains(&code));
    row.map(|(_, _, class)| *class)
}

/// Whether nothing can be sent through the number until a person acts.
pub(crate) fn stops_number(code: i64) -> bool {
    class(code) == Some(Class::ChannelDown)
}

/// Whether the provider refuses a template that it does not have as we know it: missing, too long,
/// against a policy, of another form, paused or disabled.
#[must_use]
pub fn tells_of_template(code: i64) -> bool {
    matches!(
        code,
        132_001 | 132_005 | 132_007 | 132_008 | 132_015 | 132_016
    )
}

/// The error object of the Graph API.
#[derive(Debug, Deserialize)]
pub(super) struct GraphError {
    code: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    is_transient: bool,
    error_data: Option<ErrorData>,
}

#[derive(Debug, Deserialize)]
struct ErrorData {
    #[serde(default)]
    details: String,
}

impl GraphError {
    /// The error in an answer's body, if it has one.
    pub(super) fn find(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Answer {
            error: GraphError,
        }
        let answer: Result<Answer, _> = serde_json::from_slice(body);
        answer.ok().map(|answer| answer.error)
    }

    pub(super) fn code(&self) -> i64 {
        self.code
    }

    pub(super) fn words(&self) -> String {
        let details = self.error_data.as_ref().map_or("", |data| &data.details);
        match (self.message.is_empty(), details.is_empty()) {
            (_, true) => self.message.clone(),
            (true, false) => details.to_owned(),
            (false, false) => format!("{}: {details}", self.message),
        }
    }
}

/// An answer that is no success.
pub(super) struct Refusal<'a> {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: &'a [u8],
    /// Cut out of whatever the answer repeats.
    pub(super) token: &'a SecretString,
}

impl Refusal<'_> {
    /// What the caller may do about it.
    pub(super) fn classify(&self) -> SendError {
        match GraphError::find(self.body) {
            Some(error) => self.by_code(&error),
            None => self.by_status(),
        }
    }

    /// The Graph API itself answered, so the message was not taken, whatever the HTTP status.
    fn by_code(&self, error: &GraphError) -> SendError {
        let code = error.code;
        let words = self.presentable(&error.words());
        let class = class(code).unwrap_or(match self.status {
            _ if error.is_transient => Class::Retry,
            500.. => Class::Retry,
            429 => Class::NumberRate,
            _ => Class::Permanent,
        });
        let after = self.retry_after();
        match class {
            Class::Retry => SendError::Retry { code, after },
            Class::NumberRate => SendError::NumberRate { code, after },
            Class::NumberRest => SendError::NumberRate {
                code,
                after: after.or(Some(REST)),
            },
            Class::PairRate => SendError::PairRate { code },
            Class::ChannelDown => SendError::ChannelDown {
                code,
                detail: words,
            },
            Class::Permanent => SendError::Permanent { code, title: words },
        }
    }

    /// Something on the way answered, in words of its own; its HTTP status is the code.
    fn by_status(&self) -> SendError {
        let code = i64::from(self.status);
        let words = self.presentable(&String::from_utf8_lossy(self.body));
        match self.status {
            // A redirect that is not followed, or a door that stays closed: every message would
            // meet it, and it is a person who put it there.
            300..400 | 401 | 403 | 407 => SendError::ChannelDown {
                code,
                detail: words,
            },
            429 => SendError::NumberRate {
                code,
                after: self.retry_after(),
            },
            // Given up waiting for a request that had left: who knows how much of it was passed on.
            408 => SendError::Ambiguous(format!("HTTP 408: {words}")),
            400..500 => SendError::Permanent { code, title: words },
            // A gateway that lost its upstream cannot tell what that did; neither can a success
            // without an id.
            status => SendError::Ambiguous(format!("HTTP {status}: {words}")),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.retry_after.map(|after| after.min(RETRY_AFTER_MAX))
    }

    fn presentable(&self, words: &str) -> String {
        presentable(words, self.token)
    }
}

/// Words from outside, without the token and of bounded length.
pub(super) fn presentable(words: &str, token: &SecretString) -> String {
    let token = token.expose_secret();
    let words = if token.is_empty() {
        words.to_owned()
    } else {
        words.replace(token, "[token]")
    };
    words.trim().chars().take(DETAIL_MAX).collect()
}

#[cfg(test)]
mod tests;
