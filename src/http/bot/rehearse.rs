//! What a flow would say, without anybody being told.

use super::usable;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Body;
use crate::http::rules;
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::Permission;
use papo_domain::bot::Flow;
use papo_domain::content::Content;
use papo_domain::conversation::{Rehearsal, Turn};
use papo_domain::outbound::Outbound;
use papo_domain::tenant::Department;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A flow, and a customer who tries it.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RehearseFlow {
    #[garde(skip)]
    #[schema(value_type = Object)]
    flow: Flow,
    /// All that the customer says, from the first message on.
    #[garde(length(max = 50), dive)]
    said: Vec<SaidBody>,
    /// What `{name}` stands for.
    #[garde(inner(custom(rules::label)))]
    customer_name: Option<String>,
}

/// Something the customer says.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaidBody {
    /// What is typed, or the title of what is tapped.
    #[garde(custom(rules::note))]
    #[schema(example = "oi")]
    text: String,
    /// Id of the tapped button or chosen row.
    #[garde(inner(custom(rules::label)))]
    choice: Option<String>,
}

impl From<SaidBody> for Content {
    fn from(said: SaidBody) -> Self {
        match said.choice {
            Some(id) => Self::ButtonReply {
                id,
                title: said.text,
            },
            None => Self::Text { body: said.text },
        }
    }
}

/// What follows something said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TurnView {
    /// What the customer is told, in order.
    told: Vec<ToldView>,
    /// Who leads then: `bot`, `waiting` for a person, or `closed`.
    mode: &'static str,
    /// The node whose answer is awaited; `null` unless the bot leads.
    node: Option<String>,
}

/// A message to the customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ToldView {
    /// The words.
    text: String,
    /// The whole content, by its `type`, as in a conversation's messages.
    #[schema(value_type = Object)]
    content: Outbound,
}

impl From<Turn> for TurnView {
    fn from(turn: Turn) -> Self {
        let told = |outbound: Outbound| ToldView {
            text: outbound.body().to_owned(),
            content: outbound,
        };
        Self {
            told: turn.told.into_iter().map(told).collect(),
            mode: turn.mode,
            node: turn.node,
        }
    }
}

/// A played conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RehearsalView {
    /// As many as were `said`.
    turns: Vec<TurnView>,
}

/// Plays a conversation with a flow as it is in the request, with the tenant's own settings, texts
/// and hours: for a preview beside the form. Nobody is told anything and nothing is kept.
#[utoipa::path(
    tag = "bot",
    request_body = RehearseFlow,
    responses(
        (status = 200, description = "What would be said", body = RehearsalView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 422, description = "All faults of the flow", body = ErrorBody),
    )
)]
#[post("/bot/flows/dry-run")]
pub(crate) async fn rehearse_flow(
    app: web::Data<AppState>,
    user: CurrentUser,
    body: Body<RehearseFlow>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let tenant = user.tenant()?;
    let RehearseFlow {
        flow,
        said,
        customer_name,
    } = body.value;
    usable(&flow)?;
    let policy = app.database.find_tenant_by_id(tenant).await?.policy;
    let departments = app.database.list_departments(tenant).await?;
    let departments: Vec<Department> = departments
        .into_iter()
        .map(|row| Department {
            id: row.id,
            name: row.name,
            business_hours: row.business_hours,
            routing: row.routing,
        })
        .collect();
    let rehearsal = Rehearsal {
        now: app.clock.now(),
        policy: &policy,
        flow: &flow,
        departments: &departments,
        customer_name: customer_name.as_deref(),
    };
    let turns = rehearsal.play(said.into_iter().map(Content::from).collect());
    let turns = turns.into_iter().map(TurnView::from).collect();
    Ok(HttpResponse::Ok().json(RehearsalView { turns }))
}
