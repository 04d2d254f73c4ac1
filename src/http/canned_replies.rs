//! Texts that staff keeps ready, for everybody, for a department or for oneself.

mod create;
mod delete;
mod list;
mod render;
mod show;
mod update;

pub(crate) use create::create_canned_reply;
pub(crate) use delete::delete_canned_reply;
pub(crate) use list::list_canned_replies;
pub(crate) use render::render_canned_reply;
pub(crate) use show::show_canned_reply;
pub(crate) use update::update_canned_reply;

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::Listed;
use crate::error::{ApiError, FieldFault};
use crate::http::audit::Action;
use crate::http::extract::Source;
use chrono::{DateTime, Utc};
use papo_domain::canned_reply::{self, SHORTCUT_MAX};
use papo_domain::{CannedReplyId, Role, TenantId};
use papo_storage::Database;
use papo_storage::app::{CannedReader, CannedReply, CannedText};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whose a canned reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CannedScope {
    /// Everybody's.
    Tenant,
    /// One department's.
    Department,
    /// The caller's own.
    Personal,
}

/// A canned reply.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CannedReplyView {
    id: Uuid,
    scope: CannedScope,
    department: Option<super::conversations::Named>,
    #[schema(example = "boas-vindas")]
    shortcut: String,
    title: String,
    /// With its variables as they are written.
    #[schema(example = "{{greeting}}, {{customer.first_name}}! Como posso ajudar?")]
    text: String,
    /// How often it was used.
    used: i64,
    last_used_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<CannedReply> for CannedReplyView {
    fn from(reply: CannedReply) -> Self {
        Self {
            scope: scope(&reply),
            id: reply.id,
            department: reply.department_id.map(|id| super::conversations::Named {
                id,
                name: reply.department_name,
            }),
            shortcut: reply.shortcut,
            title: reply.title,
            text: reply.text,
            used: reply.used,
            last_used_at: reply.last_used_at,
            created_at: reply.created_at,
            updated_at: reply.updated_at,
        }
    }
}

fn scope(reply: &CannedReply) -> CannedScope {
    match (reply.department_id, reply.user_id) {
        (Some(_), _) => CannedScope::Department,
        (None, Some(_)) => CannedScope::Personal,
        (None, None) => CannedScope::Tenant,
    }
}

fn reader(user: &CurrentUser) -> CannedReader {
    CannedReader {
        user: user.id,
        sight: user.sight(),
    }
}

/// Everybody writes their own; what others use as well is a supervisor's to write.
fn may_write(user: &CurrentUser, scope: CannedScope) -> Result<(), ApiError> {
    match scope {
        CannedScope::Personal => Ok(()),
        CannedScope::Tenant | CannedScope::Department => user.must_be(Role::Supervisor),
    }
}

/// One that the caller may write.
async fn writable(
    app: &AppState,
    user: &CurrentUser,
    id: CannedReplyId,
) -> Result<(TenantId, CannedReply), ApiError> {
    let tenant = user.tenant()?;
    let reply = app
        .database
        .find_canned_reply(tenant, &reader(user), id)
        .await?;
    may_write(user, scope(&reply))?;
    Ok((tenant, reply))
}

/// Refuses texts that could not be filled.
fn check(text: CannedText) -> Result<CannedText, ApiError> {
    canned_reply::check(&text.text)
        .map_err(|fault| ApiError::Invalid(vec![FieldFault::new("text", fault.to_string())]))?;
    Ok(CannedText {
        title: text.title.trim().to_owned(),
        ..text
    })
}

/// What is typed after `/`: 1 to 40 lower-case letters, digits and dashes.
fn shortcut(value: &str, _: &()) -> garde::Result {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=SHORTCUT_MAX).contains(&value.len()) && value.chars().all(plain) {
        return Ok(());
    }
    Err(garde::Error::new(format!(
        "must be 1 to {SHORTCUT_MAX} lower-case letters without accents, digits and dashes"
    )))
}

/// Notes a change of what others use as well, and has them told. One's own is one's own business.
fn noting(
    app: &AppState,
    source: &Source,
    user: &CurrentUser,
    action: Action,
    (id, scope): (CannedReplyId, CannedScope),
    (before, after): (Option<&CannedText>, Option<&CannedText>),
) -> Database {
    if scope == CannedScope::Personal {
        return app.database.clone();
    }
    let told = |text: &CannedText| json!({ "shortcut": text.shortcut, "title": text.title, "text": text.text });
    let mut entry = source.tells(user, action).about("canned_reply", id);
    if let (Some(before), Some(after)) = (before, after) {
        entry = entry.change(&told(before), &told(after));
    } else {
        entry.before = before.map(told);
        entry.after = after.map(told);
    }
    app.database.noting(entry)
}

fn changed(app: &AppState, tenant: TenantId, scope: CannedScope) {
    if scope != CannedScope::Personal {
        app.list_changed(tenant, Listed::CannedReplies);
    }
}
