//! What HTTP clients are told when something fails: one table from failure to status, code and
//! words. Whatever is not foreseen here is a 500 without inner text; what happened is logged
//! once, when the answer is rendered.

mod sources;
mod words;

use crate::http::middleware::RequestContext;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_RANGE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use papo_domain::conversation::Rejection;
use papo_domain::media::MediaRefusal;
use papo_domain::ports::CustomerRefusal;
use papo_domain::{MediaState, Timestamp, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

/// The language of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    Portuguese,
    English,
}

/// What is wrong with the proof of who is calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthFault {
    /// No token was sent.
    Missing,
    /// The token is not ours, or damaged.
    Invalid,
    /// The token was good once.
    Expired,
    /// The login behind the token has ended.
    Ended,
    /// E-mail, password or account; which one is not told.
    Credentials,
    /// The refresh token cannot be exchanged.
    Refresh,
    /// The login that owes a code is too old, or tried too many.
    Challenge,
    /// The code of the second factor is wrong, or was used before.
    Code,
}

/// Why a second factor cannot be changed like that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwoFactorFault {
    /// It is in use already.
    On,
    /// There is none in use, or none was set up.
    Off,
    /// The tenant asks the user's role for one.
    Required,
}

/// A field that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// Path such as `nodes.main.options[2].next`.
    pub field: String,
    pub message: String,
}

impl FieldFault {
    /// What is wrong with `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// A failed request.
#[derive(Debug)]
pub enum ApiError {
    Unauthenticated(AuthFault),
    /// The password was right; a code is owed.
    MfaRequired {
        challenge: SecretString,
        expires_in: Duration,
    },
    TwoFactor(TwoFactorFault),
    /// Nothing else is allowed before a second factor is set up.
    MustSetUpTwoFactor,
    /// A delivery that the owner of everything in it did not sign.
    BadSignature,
    /// The role does not allow it.
    Forbidden,
    /// A link to choose a password by is unknown, used, replaced or too old.
    LinkInvalid,
    /// A cookie may not be used from that page.
    ForeignOrigin,
    NotFound,
    TenantNotFound,
    /// A super admin must name the tenant this is about.
    TenantRequired,
    /// Cannot be read: no JSON, a wrong type, a missing field.
    Unreadable(FieldFault),
    /// Can be read and cannot be accepted.
    Invalid(Vec<FieldFault>),
    /// Another row has this value of `field` already.
    Taken(&'static str),
    /// The trial of the tenant is over.
    TrialEnded,
    /// The tenant's plan gives no more of it.
    QuotaExceeded(&'static str),
    /// Nobody would administer the tenant any more.
    LastAdmin,
    /// Somebody else changed it in between.
    Stale,
    /// A channel that was deleted has nothing left to be used with.
    Retired,
    /// The bot's flow that serves cannot go.
    FlowServes,
    /// The bytes of a file are not here, or are already.
    MediaState(MediaState),
    /// WhatsApp would not take the file.
    MediaRefused(MediaRefusal),
    /// Nothing of a file of this size lies in the range.
    Range {
        size: u64,
    },
    /// A rule of the domain.
    Rejected(Rejection),
    /// Another attendant leads the conversation.
    Led {
        by: UserId,
        name: Option<String>,
    },
    /// Somebody said something that the writer had not seen.
    Moved {
        /// `seq` of the newest message.
        last_seq: u64,
        /// What came after those the writer had seen, oldest first, as far as it is shown.
        messages: Value,
    },
    /// Free text needs a message of the customer within the last 24 hours; templates do not.
    WindowClosed {
        since: Option<Timestamp>,
        templates_available: i64,
    },
    /// What was to be sent later was sent, has failed, or was cancelled.
    ScheduleEnded,
    /// A rule about records of customers.
    Customer(CustomerRefusal),
    /// The idempotency key belongs to another request.
    KeyReused,
    UnsupportedMediaType,
    /// The body did not arrive in time.
    Slow,
    TooLarge,
    TooMany {
        retry_after: Duration,
    },
    /// Too much is waiting; nothing was done.
    Busy,
    /// Not now; nothing was done.
    Unavailable {
        retry_after: Duration,
        reason: String,
    },
    /// No answer in time; it may still be done.
    Timeout,
    /// The database went away while it was being stored: it is done, or not.
    Unknown,
    /// A bug, or damage.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// One line of the table.
pub(crate) struct Entry {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) portuguese: &'static str,
    pub(crate) english: &'static str,
}

impl Entry {
    fn words(&self, language: Language) -> &'static str {
        match language {
            Language::Portuguese => self.portuguese,
            Language::English => self.english,
        }
    }
}

impl ApiError {
    /// A value of one field that cannot be accepted.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldFault::new(field, message)])
    }

    /// An error that nobody foresaw.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// What a client needs to act on the error.
    fn details(&self) -> Option<Value> {
        match self {
            Self::Unreadable(fault) => Some(json!({ "fields": [fault] })),
            Self::Invalid(faults) => Some(json!({ "fields": faults })),
            Self::Taken(field) => Some(json!({ "fields": [FieldFault::new(*field, "is taken")] })),
            Self::MfaRequired {
                challenge,
                expires_in,
            } => Some(json!({
                "challenge": challenge.expose_secret(),
                "expires_in": expires_in.as_secs(),
            })),
            Self::QuotaExceeded(quota) => Some(json!({ "quota": quota })),
            Self::MediaState(state) => Some(json!({ "state": state })),
            Self::MediaRefused(MediaRefusal::Size(most)) => Some(json!({ "max_bytes": most })),
            Self::Rejected(rejection) => rejection_details(rejection),
            Self::Led { by, name } => Some(json!({ "by": by, "name": name })),
            Self::WindowClosed {
                since,
                templates_available,
            } => Some(json!({ "since": since, "templates_available": templates_available })),
            Self::Moved { last_seq, messages } => {
                Some(json!({ "last_seq": last_seq, "messages": messages }))
            }
            Self::Customer(
                CustomerRefusal::Merged { into } | CustomerRefusal::MergedOn { into },
            ) => Some(json!({ "into": into })),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany { retry_after } | Self::Unavailable { retry_after, .. } => {
                Some(*retry_after)
            }
            Self::Busy => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    /// The error of one of several things, in the caller's language.
    pub(crate) fn tell(&self, language: Language) -> OneError {
        let entry = self.entry();
        self.log(entry.status);
        OneError {
            code: entry.code,
            message: entry.words(language),
            details: self.details(),
        }
    }

    /// The answer, in the caller's language.
    pub(crate) fn render(&self, context: &RequestContext) -> HttpResponse {
        let entry = self.entry();
        self.log(entry.status);
        let message = entry.words(context.language);
        let mut answer = HttpResponse::build(entry.status);
        if let Some(wait) = self.retry_after() {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            answer.insert_header((RETRY_AFTER, seconds.max(1).to_string()));
        }
        if let Self::Range { size } = self {
            answer.insert_header((CONTENT_RANGE, format!("bytes */{size}")));
        }
        if matches!(self, Self::Slow) {
            // The rest of the body is not waited for.
            answer.force_close();
        }
        if matches!(self, Self::Unauthenticated(_)) {
            answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        answer.json(ErrorBody {
            code: entry.code.to_owned(),
            message: message.to_owned(),
            details: self.details(),
            request_id: context.request_id.clone(),
        })
    }

    fn log(&self, status: StatusCode) {
        match self {
            Self::Internal(error) => {
                tracing::error!(error = chain(error.as_ref()), "request failed");
            }
            Self::Unavailable { reason, .. } => tracing::warn!(reason, "request refused"),
            _ => tracing::debug!(
                status = status.as_u16(),
                code = self.entry().code,
                fields = ?self.fields(),
                "request refused"
            ),
        }
    }

    /// Which fields the log names: those of ours. What is wrong with them may quote what was sent,
    /// and where a body cannot be read, even the name may be the client's.
    fn fields(&self) -> Vec<&str> {
        match self {
            Self::Invalid(faults) => faults.iter().map(|fault| fault.field.as_str()).collect(),
            Self::Taken(field) => vec![field],
            _ => Vec::new(),
        }
    }
}

/// An error with everything behind it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

fn rejection_details(rejection: &Rejection) -> Option<Value> {
    match rejection {
        Rejection::AssignedToAnother { by } => Some(json!({ "by": by })),
        Rejection::ConversationMoved { last_seq } => Some(json!({ "last_seq": last_seq })),
        Rejection::WindowClosed { since } => Some(json!({ "since": since })),
        Rejection::OfferedToAnother { to } => Some(json!({ "to": to })),
        Rejection::AtCapacity { user, capacity } => {
            Some(json!({ "user_id": user, "capacity": capacity }))
        }
        Rejection::AttendantAway { user } => Some(json!({ "user_id": user })),
        Rejection::SkillsMissing { user, skills } => {
            Some(json!({ "user_id": user, "skills": skills }))
        }
        Rejection::UnknownDepartment => {
            let fault = FieldFault::new("department_id", "is not a department of this tenant");
            Some(json!({ "fields": [fault] }))
        }
        Rejection::Content(limit) => {
            let fault = FieldFault::new(limit.field.clone(), limit.problem.clone());
            Some(json!({ "fields": [fault] }))
        }
        Rejection::Invalid { field, problem } => {
            Some(json!({ "fields": [FieldFault::new(*field, *problem)] }))
        }
        _ => None,
    }
}

/// The body of every error.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ErrorBody {
    /// Stable, for programs.
    #[schema(example = "window_closed")]
    pub code: String,
    /// For people: Portuguese, or English by `Accept-Language: en`.
    pub message: String,
    /// What is needed to act on it: wrong fields, who leads, since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub details: Option<Value>,
    pub request_id: String,
}

/// Why one of several things was not done: an [`ErrorBody`] without the request, which is that of
/// all of them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct OneError {
    /// Stable, for programs.
    #[schema(example = "already_closed")]
    code: &'static str,
    /// For people.
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    details: Option<Value>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry().code)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.entry().status
    }

    /// Only for errors that no middleware renders.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.entry().status)
    }
}

#[cfg(test)]
mod tests;
