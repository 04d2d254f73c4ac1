//! Staff.

mod create;
mod links;
mod list;
mod names;
mod online;
mod show;
mod two_factor;
mod update;

pub(crate) use create::{CreateUser, CreatedUser, create_user};
pub(super) use create::{create, random_password};
pub(crate) use links::make_password_link;
pub(super) use links::{Link, LinkView};
pub(crate) use list::list_users;
pub(crate) use names::user_names;
pub(crate) use online::online_users;
pub(crate) use show::show_user;
pub(crate) use two_factor::reset_two_factor;
pub(crate) use update::update_user;

use chrono::{DateTime, Utc};
use papo_domain::Role;
use papo_storage::app::User;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A user. Never a password or anything of one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    pub id: Uuid,
    #[schema(example = "ana@example.com")]
    pub email: String,
    #[schema(example = "Ana")]
    pub full_name: String,
    #[schema(value_type = String, example = "attendant")]
    pub role: Role,
    pub avatar_url: Option<String>,
    pub is_active: bool,
    /// The password was chosen by somebody else.
    pub must_change_password: bool,
    /// Since when logins need a second factor; `null` if they need none.
    pub two_factor_at: Option<DateTime<Utc>>,
    pub last_login_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// Departments the user works in.
    pub departments: Vec<Uuid>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id.0,
            email: user.email,
            full_name: user.full_name,
            role: user.role,
            avatar_url: user.avatar_url,
            is_active: user.is_active,
            must_change_password: user.must_change_password,
            two_factor_at: user.two_factor_at,
            last_login_at: user.last_login_at,
            created_at: user.created_at,
            departments: user.departments.into_iter().map(Into::into).collect(),
        }
    }
}

/// A role by any of its names (docs/API-DESIGN.md).
pub(super) fn role<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    let name = <String as serde::Deserialize>::deserialize(deserializer)?;
    name.parse().map_err(serde::de::Error::custom)
}

/// As [`role`], where there is one.
pub(super) fn optional_role<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Role>, D::Error> {
    role(deserializer).map(Some)
}
