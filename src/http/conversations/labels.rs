//! The labels of a conversation.

use super::{CommandResult, earlier, must_see, obey};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, ClientKey, Id};
use actix_web::{HttpResponse, put, web};
use garde::Validate;
use papo_domain::conversation::{Command, LABELS_MAX};
use papo_domain::{ConversationId, LabelId, Permission, TenantId, UserId};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which ones.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LabelsBody {
    /// All of them, at most 20; an empty list takes the conversation's labels away.
    #[garde(length(max = LABELS_MAX))]
    labels: Vec<Uuid>,
}

/// What is to come and to go.
pub(super) struct Wanted {
    pub(super) add: BTreeSet<LabelId>,
    pub(super) remove: BTreeSet<LabelId>,
}

/// Refuses labels that the tenant does not have.
pub(super) async fn known(
    app: &AppState,
    tenant: TenantId,
    wanted: &BTreeSet<LabelId>,
) -> Result<(), ApiError> {
    let labels = app.database.list_labels(tenant).await?;
    let known: BTreeSet<LabelId> = labels.into_iter().map(|label| LabelId(label.id)).collect();
    if wanted.is_subset(&known) {
        Ok(())
    } else {
        Err(ApiError::invalid("labels", "holds an unknown label"))
    }
}

/// The command that leaves a conversation with its labels changed so, unless they became too many.
/// Two people at once may leave it with more: nothing depends on it.
pub(super) fn labelling(
    by: UserId,
    current: &BTreeSet<LabelId>,
    wanted: &Wanted,
) -> Result<Command, ApiError> {
    let after = current.union(&wanted.add);
    let after = after.filter(|id| !wanted.remove.contains(id));
    if after.count() > LABELS_MAX {
        return Err(ApiError::invalid("labels", "has more than 20 entries"));
    }
    Ok(Command::Label {
        by,
        add: wanted.add.difference(current).copied().collect(),
        remove: wanted.remove.intersection(current).copied().collect(),
    })
}

/// Gives the conversation these labels in place of those it has.
#[utoipa::path(
    tag = "conversations",
    params(("id" = Uuid, Path)),
    request_body = LabelsBody,
    responses(
        (status = 200, description = "It has these labels", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 422, description = "Too many, or one that is not known", body = ErrorBody),
    )
)]
#[put("/conversations/{id}/labels")]
pub(crate) async fn set_labels(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: Body<LabelsBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    if let Some(outcome) = earlier(&app, user.tenant()?, key.as_ref()).await? {
        return Ok(CommandResult::answer(&outcome));
    }
    let tenant = must_see(&app, &user, id).await?;
    let all: BTreeSet<LabelId> = body.value.labels.into_iter().map(LabelId).collect();
    known(&app, tenant, &all).await?;
    let current = app.database.labels_of(tenant, id).await?;
    let current: BTreeSet<LabelId> = current.into_iter().collect();
    let wanted = Wanted {
        remove: current.difference(&all).copied().collect(),
        add: all,
    };
    let command = labelling(user.id, &current, &wanted)?;
    obey(&app, &user, id, key, command).await
}
