//! One thing done to several conversations. Each of them is asked by itself, as if it were alone:
//! what one refuses, the others still do.

mod plan;

use super::CommandResult;
use super::priority::PriorityName;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::IdempotencyKey;
use crate::error::{ApiError, ErrorBody, OneError};
use crate::http::extract::{Body, ClientKey, Reads, Source, key_of_one, keys_of_several};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError as _, post, web};
use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt as _};
use garde::Validate;
use papo_domain::{ConversationId, Permission};
use plan::Plan;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// How many conversations are asked at once: one request leaves room for others.
const AT_ONCE: usize = 8;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Close,
    Read,
    Unread,
    Archive,
    /// Takes `labels`.
    LabelsAdd,
    /// Takes `labels`.
    LabelsRemove,
    /// Takes `user_id`: whoever waits is given to them, what somebody leads goes on to them.
    Assign,
    /// Takes `user_id` or `department_id`; neither: back to the bot.
    Transfer,
    /// Takes `until`.
    Snooze,
    /// Takes `priority`.
    Priority,
}

/// What is to be done, to which.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkBody {
    /// 1 to 100 conversations.
    #[garde(length(min = 1, max = 100))]
    ids: Vec<Uuid>,
    #[garde(skip)]
    action: Action,
    #[garde(inner(length(min = 1, max = 20)))]
    labels: Option<Vec<Uuid>>,
    #[garde(skip)]
    user_id: Option<Uuid>,
    #[garde(skip)]
    department_id: Option<Uuid>,
    /// Kept with a transfer.
    #[garde(length(chars, max = 1000))]
    note: Option<String>,
    /// Kept with a closing.
    #[garde(length(chars, max = 1000))]
    resolution: Option<String>,
    #[garde(skip)]
    until: Option<DateTime<Utc>>,
    #[garde(skip)]
    priority: Option<PriorityName>,
}

/// What became of them, in the order of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkResults {
    results: Vec<BulkResult>,
    /// How many were done.
    done: usize,
}

/// What became of one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkResult {
    id: Uuid,
    /// What a request for this one alone would have been answered.
    #[schema(example = 200)]
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<CommandResult>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<OneError>,
}

/// Does one thing to up to 100 conversations. Each has an outcome of its own; only a request that
/// makes no sense for any of them is refused as a whole. With an `Idempotency-Key` a repetition
/// does only what was not done yet.
#[utoipa::path(
    tag = "conversations",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters")),
    request_body = BulkBody,
    responses(
        (status = 200, description = "What became of each", body = BulkResults),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 422, description = "What the action needs is missing or unknown, or something \
                                      it has no use for is there; or the key was another \
                                      request's", body = ErrorBody),
    )
)]
#[post("/conversations/bulk")]
pub(crate) async fn act_on_several(
    app: web::Data<AppState>,
    user: CurrentUser,
    key: ClientKey,
    source: Source,
    reads: Reads,
    body: Body<BulkBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    if let Some(key) = &key {
        not_of_another(&app, &user, key).await?;
    }
    let (ids, plan) = Plan::of(&app, &user, body.value).await?;
    let asked = ids.into_iter().map(|id| {
        let key = key.as_ref().map(|key| key_of_one(key, id));
        let (app, user, plan, source) = (&app, &user, &plan, &source);
        Box::pin(async move {
            let done = plan
                .carry_out(app, user, source, ConversationId(id), key)
                .await;
            if let Ok(outcome) = &done {
                plan.note(app, user, source, outcome).await;
            }
            (id, done)
        })
    });
    let results: Vec<BulkResult> = stream::iter(asked)
        .buffered(AT_ONCE)
        .map(|(id, done)| match done {
            Ok(outcome) => BulkResult {
                id,
                status: StatusCode::OK.as_u16(),
                outcome: Some(CommandResult::from(&outcome)),
                error: None,
            },
            Err(error) => BulkResult {
                id,
                status: error.status_code().as_u16(),
                outcome: None,
                error: Some(error.tell(reads.0)),
            },
        })
        .collect()
        .await;
    let done = results.iter().filter(|one| one.error.is_none()).count();
    Ok(HttpResponse::Ok().json(BulkResults { results, done }))
}

/// Refuses a key under which another request did something, to whichever conversations: half of this
/// one must not be done.
async fn not_of_another(
    app: &AppState,
    user: &CurrentUser,
    key: &IdempotencyKey,
) -> Result<(), ApiError> {
    let (tenant, keys) = (user.tenant()?, keys_of_several(key));
    let reused = app
        .database
        .is_another_requests(tenant, key.user, &keys, &key.request)
        .await?;
    if reused {
        return Err(ApiError::KeyReused);
    }
    Ok(())
}

impl BulkBody {
    /// Each conversation once, in the order of the request.
    fn distinct(&self) -> Vec<Uuid> {
        let mut seen = BTreeSet::new();
        let ids = self.ids.iter().copied();
        ids.filter(|id| seen.insert(*id)).collect()
    }

    /// Something that the action has no use for.
    fn left_over(&self) -> Option<&'static str> {
        use Action::{Assign, Close, LabelsAdd, LabelsRemove, Priority, Snooze, Transfer};
        let used = |by: &[Action]| by.contains(&self.action);
        [
            (
                "labels",
                self.labels.is_some(),
                used(&[LabelsAdd, LabelsRemove]),
            ),
            ("user_id", self.user_id.is_some(), used(&[Assign, Transfer])),
            (
                "department_id",
                self.department_id.is_some(),
                used(&[Transfer]),
            ),
            ("note", self.note.is_some(), used(&[Transfer])),
            ("resolution", self.resolution.is_some(), used(&[Close])),
            ("until", self.until.is_some(), used(&[Snooze])),
            ("priority", self.priority.is_some(), used(&[Priority])),
        ]
        .into_iter()
        .find_map(|(field, given, used)| (given && !used).then_some(field))
    }
}
