//! Message templates: what can be said to a customer who did not write for a day.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::extract::{Body, Cursor, Page, Query};
use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::outbound::ContentLimit;
use papo_domain::template::{BodyValues, Form, Values, reading};
use papo_domain::tenant::CsatPolicy;
use papo_domain::{ChannelId, Outbound, Permission, TenantId};
use papo_storage::DbError;
use papo_storage::app::{TemplateFilter, TemplateRecord};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which templates.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListTemplates {
    /// Those of this channel's account.
    #[garde(skip)]
    channel: Option<Uuid>,
    /// As the provider says it; `APPROVED` ones can be sent.
    #[garde(length(chars, min = 1, max = 40))]
    status: Option<String>,
    /// Part of the name.
    #[garde(length(chars, min = 1, max = 100))]
    q: Option<String>,
    #[garde(skip)]
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Rows of a page, 1 to 100.
    #[garde(range(min = 1, max = 100))]
    #[serde(default = "crate::http::extract::default_limit")]
    #[param(default = 50)]
    limit: u32,
}

/// A message template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateView {
    name: String,
    #[schema(example = "pt_BR")]
    language: String,
    waba_id: String,
    /// Such as `UTILITY` or `MARKETING`.
    category: Option<String>,
    /// As the provider says it; `APPROVED` ones can be sent.
    status: String,
    /// Why it was rejected.
    reason: Option<String>,
    /// Header, body, footer and buttons as the provider lists them.
    #[schema(value_type = Object)]
    components: Value,
    synced_at: DateTime<Utc>,
}

/// Whose templates are read.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SyncTemplates {
    /// A channel of the account.
    #[garde(skip)]
    channel_id: Uuid,
}

/// The reading that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SyncAsked {
    waba_id: String,
}

/// A template to send, with what goes into its gaps.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutgoingTemplate {
    #[schema(example = "pedido_enviado")]
    name: String,
    #[schema(example = "pt_BR")]
    language: String,
    /// The gap in a text header, or the `https` address of a picture, film or file.
    header: Option<String>,
    /// Values by the numbers of the gaps, `{{1}}` first, or by their names.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    body: Option<GapValues>,
    /// By a button's place, counted from 0: the end of its address, or the code to copy.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    buttons: BTreeMap<u8, String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum GapValues {
    Numbered(Vec<String>),
    Named(BTreeMap<String, String>),
}

impl From<TemplateRecord> for TemplateView {
    fn from(row: TemplateRecord) -> Self {
        Self {
            name: row.name,
            language: row.language,
            waba_id: row.waba_id,
            category: row.category,
            status: row.status,
            reason: row.reason,
            components: row.components,
            synced_at: row.synced_at,
        }
    }
}

/// The message that a template of the channel's account becomes. Faults name their field below
/// `template`.
pub(in crate::http) async fn filled(
    app: &AppState,
    tenant: TenantId,
    channel: ChannelId,
    wanted: OutgoingTemplate,
) -> Result<Outbound, ApiError> {
    let unusable = |field: &str, problem: &str| {
        Err(ApiError::Invalid(vec![FieldFault::new(
            format!("template.{field}"),
            problem,
        )]))
    };
    let (name, language) = (&wanted.name, &wanted.language);
    let template = match app
        .database
        .find_template(tenant, channel, name, language)
        .await
    {
        Ok(template) => template,
        Err(DbError::NotFound) => return unusable("name", "is no template in this language"),
        Err(error) => return Err(error.into()),
    };
    if !template.is_approved() {
        return unusable("name", "is not approved");
    }
    let values = Values {
        header: wanted.header,
        body: match wanted.body {
            None => BodyValues::default(),
            Some(GapValues::Numbered(values)) => BodyValues::Numbered(values),
            Some(GapValues::Named(values)) => BodyValues::Named(values),
        },
        buttons: wanted.buttons,
    };
    Form::of(&template.components)
        .fill(&template.name, &template.language, &values)
        .or_else(|ContentLimit { field, problem }| unusable(&field, &problem))
}

/// Reads what the template of a survey says. It must be approved, have no gaps, and the same quick
/// replies, in every account that has it; one that was accepted `before` stays. `field` is where the survey's rules are.
pub(in crate::http) async fn read_survey(
    app: &AppState,
    tenant: TenantId,
    csat: &mut CsatPolicy,
    before: &CsatPolicy,
    field: &str,
) -> Result<(), ApiError> {
    let Some(survey) = &mut csat.template else {
        return Ok(());
    };
    let named = app
        .database
        .templates_named(tenant, &survey.name, &survey.language)
        .await?;
    let kept = before
        .template
        .as_ref()
        .filter(|kept| kept.name == survey.name && kept.language == survey.language);
    let read = named.iter().map(|template| {
        let form = Form::of(&template.components);
        let filled = form.fill(&template.name, &template.language, &Values::default());
        let filled = filled.ok().filter(|_| template.is_approved())?;
        Some((filled, form.quick_replies()))
    });
    let read = read.collect::<Option<Vec<_>>>().filter(|read| {
        let mut pairs = read.windows(2);
        pairs.all(|pair| matches!(pair, [(_, one), (_, other)] if one == other))
    });
    match (read.and_then(|read| read.into_iter().next()), kept) {
        (Some((filled, answers)), _) => {
            filled.body().clone_into(&mut survey.text);
            survey.answers = answers;
        }
        (_, Some(kept)) => survey.clone_from(kept),
        _ => {
            let problem = "is no approved template without gaps in this language";
            let field = format!("{field}.template.name");
            return Err(ApiError::Invalid(vec![FieldFault::new(field, problem)]));
        }
    }
    Ok(())
}

/// Message templates by name, as the provider listed them last.
#[utoipa::path(
    tag = "templates",
    params(ListTemplates),
    responses(
        (status = 200, description = "A page of templates", body = Page<TemplateView>),
        (status = 400, description = "A filter cannot be read", body = ErrorBody),
    )
)]
#[get("/templates")]
pub(crate) async fn list_templates(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ListTemplates>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let after: Option<(String, String, String)> = query.cursor.key()?;
    let filter = TemplateFilter {
        channel: query.channel.map(ChannelId),
        status: query.status,
        text: query.q,
    };
    let limit = i64::from(query.limit) + 1;
    let rows = app
        .database
        .list_templates(user.tenant()?, &filter, after, limit)
        .await?;
    let key = |row: &TemplateRecord| (row.name.clone(), row.language.clone(), row.waba_id.clone());
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, TemplateView::from)))
}

/// Reads the templates of a channel's account from the provider. It takes a moment; once a day it
/// happens by itself.
#[utoipa::path(
    tag = "templates",
    request_body = SyncTemplates,
    responses(
        (status = 202, description = "They are being read", body = SyncAsked),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such channel", body = ErrorBody),
        (status = 422, description = "The channel has no account", body = ErrorBody),
    )
)]
#[post("/templates/sync")]
pub(crate) async fn sync_templates(
    app: web::Data<AppState>,
    user: CurrentUser,
    body: Body<SyncTemplates>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::WhatsappConfig)?;
    let tenant = user.tenant()?;
    let id = ChannelId(body.value.channel_id);
    let channel = app.database.find_channel(tenant, id).await?;
    let Some(waba_id) = channel.waba_id else {
        return Err(ApiError::invalid("channel_id", "has no business account"));
    };
    app.database.add_job(tenant, &reading::of(&waba_id)).await?;
    Ok(HttpResponse::Accepted().json(SyncAsked { waba_id }))
}
