//! How many conversations there are in each tab of an inbox.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use actix_web::{HttpResponse, get, web};
use papo_domain::Permission;
use papo_storage::app::Counts;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Conversations that go on, as far as the caller sees them. What is out of the way counts as
/// `snoozed` alone, unless its customer waits.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct ConversationStats {
    modes: ModeCounts,
    /// The caller leads.
    mine: i64,
    /// No user leads: the bot, or nobody yet.
    unassigned: i64,
    /// Something in them is unread.
    unread: i64,
    /// The caller leads, and something in them is unread.
    mine_unread: i64,
    /// Out of the way for a while.
    snoozed: i64,
    /// By department, in their order; those of none last.
    departments: Vec<DepartmentStats>,
}

/// By who leads.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(crate) struct ModeCounts {
    bot: i64,
    waiting: i64,
    human: i64,
}

/// Those of one department; only departments that have some.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepartmentStats {
    /// `null`: of none.
    id: Option<Uuid>,
    name: Option<String>,
    modes: ModeCounts,
    unread: i64,
}

impl From<Vec<Counts>> for ConversationStats {
    fn from(rows: Vec<Counts>) -> Self {
        let mut stats = Self::default();
        for row in rows {
            let modes = ModeCounts {
                bot: row.bot,
                waiting: row.waiting,
                human: row.human,
            };
            stats.modes.bot += row.bot;
            stats.modes.waiting += row.waiting;
            stats.modes.human += row.human;
            stats.mine += row.mine;
            stats.unassigned += row.unassigned;
            stats.unread += row.unread;
            stats.mine_unread += row.mine_unread;
            stats.snoozed += row.snoozed;
            stats.departments.push(DepartmentStats {
                id: row.department_id,
                name: row.department_name,
                modes,
                unread: row.unread,
            });
        }
        stats
    }
}

/// How many conversations go on, in each tab of an inbox.
#[utoipa::path(
    tag = "conversations",
    responses((status = 200, description = "How many", body = ConversationStats))
)]
#[get("/conversations/stats")]
pub(crate) async fn conversation_stats(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = user.tenant()?;
    let rows = app
        .database
        .count_conversations(tenant, &user.sight(), user.id)
        .await?;
    Ok(HttpResponse::Ok().json(ConversationStats::from(rows)))
}
