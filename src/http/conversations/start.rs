//! Writing to a customer first, by phone number.

use super::command::{earlier, told_who_leads};
use super::send::{SentMessage, sent};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::Dispatch;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, ClientKey};
use crate::http::rules;
use crate::http::templates::{self, OutgoingTemplate};
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::conversation::{Command, Rejection};
use papo_domain::ports::{Peer, PeerQuery};
use papo_domain::{ChannelId, ConversationId, Permission, TenantId, UserId};
use papo_storage::DbError;
use papo_storage::app::Sight;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whom to write to, and what.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartConversation {
    /// The number that it is sent from.
    #[garde(skip)]
    channel_id: Uuid,
    /// With `+` of any country, without it of Brazil.
    #[garde(length(chars, max = rules::PHONE_MAX))]
    #[schema(example = "+55 11 99999-0001")]
    phone: String,
    /// Kept if the customer has no name yet.
    #[garde(length(chars, min = 1, max = 200))]
    name: Option<String>,
    #[garde(skip)]
    template: OutgoingTemplate,
}

/// Writes to a customer first: finds or makes the customer and the conversation, which the caller
/// leads from then on, and sends a template. A conversation that a colleague leads stays theirs.
/// With an `Idempotency-Key` a repetition sends nothing more and has the same answer.
#[utoipa::path(
    tag = "conversations",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters")),
    request_body = StartConversation,
    responses(
        (status = 201, description = "Durable and on its way", body = SentMessage),
        (status = 403, description = "It waits in a department that is not the caller's", body = ErrorBody),
        (status = 404, description = "No such channel", body = ErrorBody),
        (status = 409, description = "A colleague leads the conversation; `details.by` says who", body = ErrorBody),
        (status = 422, description = "No phone number, no template that can be sent, or the key belongs \
                                      to another request", body = ErrorBody),
        (status = 503, description = "Busy; try again", body = ErrorBody),
        (status = 504, description = "No answer in time; repeat with the same key", body = ErrorBody),
    )
)]
#[post("/conversations")]
pub(crate) async fn start_conversation(
    app: web::Data<AppState>,
    user: CurrentUser,
    key: ClientKey,
    body: Body<StartConversation>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let tenant = user.tenant()?;
    let key = key.of(&user, body.digest);
    if let Some(outcome) = earlier(&app, tenant, key.as_ref()).await? {
        return sent(&outcome);
    }
    let wanted = body.value;
    let channel = ChannelId(wanted.channel_id);
    if !app.database.find_channel(tenant, channel).await?.is_active {
        return Err(ApiError::invalid("channel_id", "is not active"));
    }
    let alias = rules::wa_id(&wanted.phone)?;
    // Whatever is wrong with the message is found before anything is made for it.
    let outbound = templates::filled(&app, tenant, channel, wanted.template).await?;
    let mut query = PeerQuery {
        channel,
        peer: Peer {
            aliases: vec![alias],
            group: false,
        },
        name: None,
    };
    let found = app.engine.resolve_peer(tenant, query.clone()).await?;
    let id = found.conversation;
    if let Err(refused) = must_be_free(&app, &user, tenant, id).await {
        return Err(told_who_leads(&app, &user, id, refused).await);
    }
    if wanted.name.is_some() {
        // Of one whose conversation is somebody else's, nothing is written.
        query.name = wanted.name;
        app.engine.resolve_peer(tenant, query).await?;
    }
    let dispatch = Dispatch {
        tenant,
        conversation: id,
        command: Command::Reach {
            by: user.id,
            outbound,
        },
        idempotency: key.clone(),
    };
    match app.engine.dispatch(dispatch).await.map_err(ApiError::from) {
        Ok(outcome) => sent(&outcome),
        Err(refused @ ApiError::Rejected(_)) => match earlier(&app, tenant, key.as_ref()).await? {
            Some(outcome) => sent(&outcome),
            None => Err(refused),
        },
        Err(refused) => Err(refused),
    }
}

/// Refuses whoever could not take the conversation over: it is led by somebody else, or waits where
/// they do not serve. One that has ended is everybody's.
async fn must_be_free(
    app: &AppState,
    user: &CurrentUser,
    tenant: TenantId,
    id: ConversationId,
) -> Result<(), ApiError> {
    match app
        .database
        .find_conversation(tenant, &user.sight(), id)
        .await
    {
        Err(DbError::NotFound) => {}
        found => return Ok(found.map(drop)?),
    }
    let unseen = app
        .database
        .find_conversation(tenant, &Sight::All, id)
        .await?;
    match unseen.mode.as_str() {
        "closed" => Ok(()),
        "human" => Err(ApiError::Rejected(Rejection::AssignedToAnother {
            by: unseen.assigned_user_id.map(UserId),
        })),
        _ => Err(ApiError::Forbidden),
    }
}
