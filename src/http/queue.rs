//! How the queues stand: who waits, for how long, and who is there to serve them.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Page;
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use papo_domain::routing::{PersonView, QueueView};
use papo_domain::{DepartmentId, Permission, Role};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// One queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueLine {
    /// `null`: requests that belong to no department.
    department_id: Option<Uuid>,
    department_name: Option<String>,
    /// `pull`, `round_robin` or `least_busy`.
    strategy: &'static str,
    /// Whether it is open now; nobody is asked while it is not.
    open: bool,
    waiting: u32,
    /// Of those, being offered to somebody.
    offered: u32,
    /// Since when whoever waits the longest does.
    longest_since: Option<DateTime<Utc>>,
    /// A guess of the wait of somebody who came now, rounded up to 5 minutes; `null` where too
    /// little is known: fewer than 3 services in the last 2 hours, or nobody there.
    estimate_minutes: Option<u32>,
    /// Who is asked to serve it.
    people: Vec<ServerView>,
}

/// Somebody who serves a queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServerView {
    user_id: Uuid,
    full_name: String,
    /// `available` or `away`.
    availability: &'static str,
    /// Has an open socket.
    online: bool,
    /// Conversations that they lead or are offered.
    load: u32,
    capacity: u32,
}

impl From<PersonView> for ServerView {
    fn from(person: PersonView) -> Self {
        Self {
            user_id: person.user.0,
            full_name: person.name,
            availability: person.availability.name(),
            online: person.online,
            load: person.load,
            capacity: person.capacity,
        }
    }
}

/// The queues: for supervisors all, for attendants those they serve.
#[utoipa::path(
    tag = "handoffs",
    responses(
        (status = 200, description = "Each queue, the one without a department first",
         body = Page<QueueLine>),
        (status = 503, description = "Busy; try again", body = ErrorBody),
    )
)]
#[get("/queue")]
pub(crate) async fn show_queue(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = user.tenant()?;
    let departments = app.database.list_departments(tenant).await?;
    let names: HashMap<DepartmentId, String> = departments
        .into_iter()
        .map(|department| (department.id, department.name))
        .collect();
    let all = user.role >= Role::Supervisor;
    let theirs = |queue: &QueueView| {
        let own = |id: &DepartmentId| user.departments.contains(id);
        all || queue.department.as_ref().is_none_or(own)
    };
    let queues = app.engine.queues(tenant).await?;
    let queues: Vec<_> = queues.into_iter().filter(theirs).collect();
    let line = |queue: QueueView| QueueLine {
        department_id: queue.department.map(Uuid::from),
        department_name: queue.department.and_then(|id| names.get(&id).cloned()),
        strategy: queue.strategy.name(),
        open: queue.open,
        waiting: queue.waiting,
        offered: queue.offered,
        longest_since: queue.longest_since,
        estimate_minutes: queue.minutes,
        people: queue.people.into_iter().map(ServerView::from).collect(),
    };
    Ok(HttpResponse::Ok().json(Page::whole(queues, line)))
}
