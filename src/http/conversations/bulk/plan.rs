//! What a request for several conversations asks of each of them.

use super::super::labels::{Wanted, known, labelling};
use super::super::{attendant, carry_out, carry_out_noted, earlier, must_see};
use super::{Action, BulkBody};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::{IdempotencyKey, Outcome};
use crate::error::ApiError;
use crate::http::audit::{Action as Deed, note_done};
use crate::http::extract::Source;
use chrono::{DateTime, Utc};
use papo_domain::conversation::{Command, Priority, TransferTarget};
use papo_domain::{ConversationId, DepartmentId, LabelId, Permission, TenantId, UserId};
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What is asked of each.
pub(super) enum Plan {
    Close {
        resolution: Option<String>,
    },
    Read,
    Unread,
    Archive,
    Label(Wanted),
    Assign {
        to: UserId,
        name: String,
    },
    Transfer {
        to: TransferTarget,
        note: Option<String>,
    },
    Snooze {
        until: DateTime<Utc>,
    },
    Priority(Priority),
}

impl Plan {
    /// Reads the request; whom and what it names is looked up once.
    pub(super) async fn of(
        app: &AppState,
        user: &CurrentUser,
        body: BulkBody,
    ) -> Result<(Vec<Uuid>, Self), ApiError> {
        if let Some(field) = body.left_over() {
            return Err(ApiError::invalid(field, "has no use in this action"));
        }
        let (tenant, ids) = (user.tenant()?, body.distinct());
        let plan = match body.action {
            Action::Close => Self::Close {
                resolution: body.resolution,
            },
            Action::Read => Self::Read,
            Action::Unread => Self::Unread,
            Action::Archive => Self::Archive,
            Action::LabelsAdd | Action::LabelsRemove => {
                let labels = needed("labels", body.labels)?;
                let labels: BTreeSet<LabelId> = labels.into_iter().map(LabelId).collect();
                known(app, tenant, &labels).await?;
                let (add, remove) = match body.action {
                    Action::LabelsAdd => (labels, BTreeSet::new()),
                    _ => (BTreeSet::new(), labels),
                };
                Self::Label(Wanted { add, remove })
            }
            Action::Assign => {
                let to = needed("user_id", body.user_id)?;
                if to != user.id.0 {
                    user.must(Permission::HandoffManage)?;
                }
                let colleague = attendant(app, tenant, to, "user_id").await?;
                Self::Assign {
                    to: colleague.id,
                    name: colleague.full_name,
                }
            }
            Action::Transfer => {
                user.must(Permission::ConversationTransfer)?;
                let to = target(app, tenant, body.user_id, body.department_id).await?;
                Self::Transfer {
                    to,
                    note: body.note,
                }
            }
            Action::Snooze => Self::Snooze {
                until: needed("until", body.until)?,
            },
            Action::Priority => Self::Priority(needed("priority", body.priority)?.into()),
        };
        Ok((ids, plan))
    }

    /// Asks one conversation.
    pub(super) async fn carry_out(
        &self,
        app: &AppState,
        user: &CurrentUser,
        source: &Source,
        id: ConversationId,
        key: Option<IdempotencyKey>,
    ) -> Result<Outcome, ApiError> {
        if let Some(outcome) = earlier(app, user.tenant()?, key.as_ref()).await? {
            return Ok(outcome);
        }
        let command = self.command(app, user, id).await?;
        match self {
            // Noted by itself.
            Self::Assign { .. } => carry_out(app, user, id, key, command).await,
            _ => carry_out_noted(app, user, source, id, key, command).await,
        }
    }

    /// Tells the audit trail of an assignment to somebody else, once.
    pub(super) async fn note(
        &self,
        app: &AppState,
        user: &CurrentUser,
        source: &Source,
        outcome: &Outcome,
    ) {
        let (Self::Assign { to, .. }, Ok(tenant)) = (self, user.tenant()) else {
            return;
        };
        if *to != user.id && !outcome.replayed {
            let entry = source.tells(user, Deed::HandoffAssigned);
            let entry = entry.about("conversation", outcome.conversation_id);
            note_done(app, tenant, entry.after(json!({ "user_id": to }))).await;
        }
    }

    async fn command(
        &self,
        app: &AppState,
        user: &CurrentUser,
        id: ConversationId,
    ) -> Result<Command, ApiError> {
        let (by, force) = (user.id, user.may_force());
        Ok(match self {
            Self::Close { resolution } => Command::Close {
                by,
                force,
                handoff: None,
                resolution: resolution.clone(),
                satisfaction: None,
            },
            Self::Read => {
                let (tenant, sight) = (user.tenant()?, user.sight());
                let found = app.database.find_conversation(tenant, &sight, id).await?;
                let upto_seq = u64::try_from(found.last_seq).unwrap_or_default();
                Command::MarkRead { by, upto_seq }
            }
            Self::Unread => Command::MarkUnread { by },
            Self::Archive => Command::Archive { by },
            Self::Label(wanted) => {
                let tenant = must_see(app, user, id).await?;
                let current = app.database.labels_of(tenant, id).await?;
                labelling(by, &current.into_iter().collect(), wanted)?
            }
            Self::Assign { to, name } => {
                let tenant = must_see(app, user, id).await?;
                let (to, name) = (*to, name.clone());
                match app.database.waiting_handoff(tenant, id).await? {
                    Some(handoff) => Command::Assign {
                        by,
                        handoff,
                        to,
                        name,
                        force,
                    },
                    None => Command::Transfer {
                        by,
                        force,
                        to: TransferTarget::Attendant { id: to, name },
                        note: None,
                    },
                }
            }
            Self::Transfer { to, note } => Command::Transfer {
                by,
                force,
                to: to.clone(),
                note: note.clone(),
            },
            Self::Snooze { until } => Command::Snooze {
                by,
                force,
                until: *until,
            },
            Self::Priority(priority) => Command::SetPriority {
                by,
                priority: *priority,
            },
        })
    }
}

async fn target(
    app: &AppState,
    tenant: TenantId,
    to_user: Option<Uuid>,
    department: Option<Uuid>,
) -> Result<TransferTarget, ApiError> {
    Ok(match (to_user, department) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid("department_id", "cannot go with user_id"));
        }
        (Some(colleague), None) => {
            let colleague = attendant(app, tenant, colleague, "user_id").await?;
            TransferTarget::Attendant {
                id: colleague.id,
                name: colleague.full_name,
            }
        }
        (None, Some(department)) => TransferTarget::Department(DepartmentId(department)),
        (None, None) => TransferTarget::Bot,
    })
}

fn needed<T>(field: &'static str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| ApiError::invalid(field, "is needed for this action"))
}
