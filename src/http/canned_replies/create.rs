//! A new canned reply.

use super::{CannedReplyView, CannedScope, changed, check, may_write, noting, reader};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Source};
use crate::http::rules;
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::{CannedReplyId, DepartmentId, Permission};
use papo_storage::app::{CannedOwner, CannedText};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The most canned replies of one owner: more than anybody remembers.
const MOST: i64 = 1_000;

/// A new canned reply.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateCannedReply {
    #[garde(skip)]
    scope: CannedScope,
    /// Whose, if the scope is `department`.
    #[garde(skip)]
    department_id: Option<Uuid>,
    /// 1 to 40 lower-case letters, digits and dashes.
    #[garde(custom(super::shortcut))]
    #[schema(example = "boas-vindas")]
    shortcut: String,
    #[garde(custom(rules::label))]
    #[schema(example = "Boas-vindas")]
    title: String,
    /// May hold `{{customer.name}}`, `{{customer.first_name}}`, `{{customer.phone}}`,
    /// `{{attendant.name}}`, `{{attendant.first_name}}`, `{{department.name}}`,
    /// `{{company.name}}` and `{{greeting}}`.
    #[garde(skip)]
    #[schema(example = "{{greeting}}, {{customer.first_name}}! Como posso ajudar?")]
    text: String,
}

impl CreateCannedReply {
    fn owner(&self, user: &CurrentUser) -> Result<CannedOwner, ApiError> {
        match (self.scope, self.department_id) {
            (CannedScope::Department, Some(id)) => Ok(CannedOwner::Department(DepartmentId(id))),
            (CannedScope::Department, None) => Err(ApiError::invalid(
                "department_id",
                "is needed for this scope",
            )),
            (_, Some(_)) => Err(ApiError::invalid(
                "department_id",
                "belongs to the scope department only",
            )),
            (CannedScope::Tenant, None) => Ok(CannedOwner::Everybody),
            (CannedScope::Personal, None) => Ok(CannedOwner::User(user.id)),
        }
    }
}

/// Keeps a text ready. Everybody may keep their own; those of a department or of everybody are a
/// supervisor's to write.
#[utoipa::path(
    tag = "canned replies",
    request_body = CreateCannedReply,
    responses(
        (status = 201, description = "Created", body = CannedReplyView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 409, description = "The owner has this shortcut already", body = ErrorBody),
        (status = 422, description = "Invalid, with an unknown variable, or one too many",
         body = ErrorBody),
    )
)]
#[post("/canned-replies")]
pub(crate) async fn create_canned_reply(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<CreateCannedReply>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let tenant = user.tenant()?;
    let new = body.value;
    may_write(&user, new.scope)?;
    let owner = new.owner(&user)?;
    let text = check(CannedText {
        shortcut: new.shortcut,
        title: new.title,
        text: new.text,
    })?;
    if app.database.count_canned_replies(tenant, owner).await? >= MOST {
        let problem = format!("has {MOST} canned replies already");
        return Err(ApiError::invalid("scope", problem));
    }
    let id = CannedReplyId(Uuid::now_v7());
    let about = (id, new.scope);
    let action = Action::CannedReplyCreated;
    let database = noting(&app, &source, &user, action, about, (None, Some(&text)));
    let created = database
        .create_canned_reply(tenant, &reader(&user), id, owner, &text)
        .await?;
    changed(&app, tenant, new.scope);
    Ok(HttpResponse::Created().json(CannedReplyView::from(created)))
}
