//! A message by which somebody who sets a number up sees that it sends. It is no part of any
//! conversation: it goes to the provider at once, and what the provider says is the answer.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Id, Source};
use crate::http::rules;
use crate::limiter::{Allowance, Verdict};
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::conversation::{REPLY_WINDOW, Rejection};
use papo_domain::outbound::Outbound;
use papo_domain::ports::{Gateway as _, OutboundMessage, SendError};
use papo_domain::{ChannelId, MessageId, Permission, later};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::{Duration, Instant};
use utoipa::ToSchema;
use uuid::Uuid;

/// They cost money, and go past the rates that the number's sender keeps.
const ALLOWED: Allowance = Allowance {
    most: 5,
    window: Duration::from_secs(60),
};
/// Within which the request must have begun.
const SOON: Duration = Duration::from_secs(5);

/// What to send, to whom.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestMessage {
    /// With `+` of any country, without it of Brazil. It must have written to this number within the
    /// last 24 hours.
    #[garde(length(chars, max = rules::PHONE_MAX))]
    #[schema(example = "+55 11 99999-0001")]
    phone: String,
    #[garde(custom(rules::note))]
    #[schema(example = "Teste do Papo")]
    text: String,
}

/// What the provider said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestResult {
    /// Whether it took the message. Whether that arrived is seen on the phone.
    accepted: bool,
    /// The provider's id of the message.
    external_id: Option<String>,
    /// Why not: `unreachable`, `no_answer` (it may still arrive), `try_later`, `channel_down`
    /// (credentials or account: nothing can be sent) or `refused`.
    #[schema(example = "channel_down")]
    problem: Option<&'static str>,
    /// The provider's code.
    #[schema(example = 190)]
    code: Option<i64>,
    /// The provider's words.
    detail: Option<String>,
}

impl From<Result<String, SendError>> for TestResult {
    fn from(sent: Result<String, SendError>) -> Self {
        let failed = |problem, code, detail| Self {
            accepted: false,
            external_id: None,
            problem: Some(problem),
            code,
            detail,
        };
        match sent {
            Ok(id) => Self {
                accepted: true,
                external_id: Some(id),
                problem: None,
                code: None,
                detail: None,
            },
            // The network's words are for the log.
            Err(SendError::NotSent(_)) => failed("unreachable", None, None),
            Err(SendError::Ambiguous(_)) => failed("no_answer", None, None),
            Err(
                SendError::Retry { code, .. }
                | SendError::PairRate { code }
                | SendError::NumberRate { code, .. },
            ) => failed("try_later", Some(code), None),
            Err(SendError::ChannelDown { code, detail }) => {
                failed("channel_down", Some(code), Some(detail))
            }
            Err(SendError::Permanent { code, title }) => failed("refused", Some(code), Some(title)),
        }
    }
}

/// Sends a text to a phone, at once and outside of any conversation: nothing of it is kept but who
/// did so.
#[utoipa::path(
    tag = "channels",
    params(("id" = Uuid, Path)),
    request_body = TestMessage,
    responses(
        (status = 200, description = "What the provider said", body = TestResult),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such channel", body = ErrorBody),
        (status = 409, description = "The channel was deleted", body = ErrorBody),
        (status = 422, description = "The phone has not written within 24 hours", body = ErrorBody),
        (status = 429, description = "Too many", body = ErrorBody),
    )
)]
#[post("/channels/{id}/test-message")]
pub(crate) async fn send_test_message(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<ChannelId>,
    body: Body<TestMessage>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::WhatsappConfig)?;
    let tenant = user.tenant()?;
    let channel = app.database.find_channel(tenant, id).await?;
    if channel.phone_number_id.is_none() {
        return Err(ApiError::Retired);
    }
    let TestMessage { phone, text } = body.value;
    let to = rules::wa_id(&phone)?;
    let heard = app.database.last_heard_of(tenant, id, &to).await?;
    let closes = heard.map(|at| later(at, REPLY_WINDOW));
    if closes.is_none_or(|at| at <= app.clock.now()) {
        // The provider would take it, and say later that it was not delivered.
        return Err(ApiError::Rejected(Rejection::WindowClosed {
            since: closes,
        }));
    }
    let key = format!("channel-test:{tenant}");
    if let Verdict::Exceeded { retry_after } = app.limiter.count(&key, ALLOWED).await {
        return Err(ApiError::TooMany { retry_after });
    }
    let message = OutboundMessage {
        tracking: MessageId(Uuid::now_v7()),
        to,
        outbound: Outbound::text(text),
        quote: None,
    };
    let sent = app.gateway.send(tenant, id, message, Instant::now() + SOON);
    let result = TestResult::from(sent.await);
    let entry = source.tells(&user, Action::ChannelTested);
    let entry = entry.about("channel", id);
    let told = json!({ "accepted": result.accepted, "code": result.code });
    app.database.note(tenant, entry.after(told)).await?;
    Ok(HttpResponse::Ok().json(result))
}
