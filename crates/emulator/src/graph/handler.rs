//! `POST /{version}/{phone_number_id}/messages` and the number's own page.

use super::answer;
use super::draft::{self, Draft, Request};
use super::error::GraphError;
use super::media;
use crate::shared::Shared;
use crate::world::{
    Accepted, After, Before, GraphCall, Plan, Template, TokenDigest, TokenState, World,
};
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long an answer waits for the product to take a status at most.
const STATUS_PATIENCE: Duration = Duration::from_secs(5);
/// Longer bodies are not kept in the log of calls.
const KEPT_BODY_MAX: usize = 16 * 1024;

type Path = web::Path<(String, String)>;

pub(crate) async fn messages(
    request: HttpRequest,
    path: Path,
    body: web::Bytes,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let (version, number) = path.into_inner();
    let call = Call {
        shared: shared.into_inner(),
        path: request.path().to_owned(),
        body: kept(&body),
        number,
    };
    let allowed = call
        .shared
        .quietly(|world| allow(world, &request, &version, &call.number));
    match allowed.and_then(|()| draft::parse(&body)) {
        Err(error) => call.refused(&error),
        Ok(Request::Read { message_id, typing }) => call.read(&message_id, typing),
        Ok(Request::Send(draft)) => call.send(&request, draft).await,
    }
}

/// `GET /{version}/{phone_number_id}`: what a health check asks.
pub(crate) async fn number(
    request: HttpRequest,
    path: Path,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let (version, id) = path.into_inner();
    if shared.quietly(|world| world.line(&id).is_none()) {
        return media::describe(&request, &shared, &id);
    }
    let found = shared.quietly(|world| {
        allow(world, &request, &version, &id)?;
        let line = world.line(&id).ok_or_else(|| GraphError::no_object(&id))?;
        Ok(json!({
            "id": id,
            "display_phone_number": line.number.display_phone_number,
            "verified_name": line.number.name,
            "quality_rating": "GREEN",
            "code_verification_status": "VERIFIED",
        }))
    });
    found.map_or_else(
        |error| answer::refused(&error),
        |found| HttpResponse::Ok().json(found),
    )
}

/// Which templates.
#[derive(Debug, Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default = "usual_page")]
    limit: usize,
    after: Option<usize>,
}

fn usual_page() -> usize {
    25
}

/// `GET /{version}/{waba_id}/message_templates`: the account's templates, a page of them.
pub(crate) async fn templates(
    request: HttpRequest,
    path: Path,
    query: web::Query<ListQuery>,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let (version, account) = path.into_inner();
    let found = shared.quietly(|world| {
        let number = world
            .number_of(&account, TokenDigest::of(bearer(&request)?))
            .ok_or_else(|| GraphError::no_object(&account))?;
        allow(world, &request, &version, &number)?;
        let all = world.templates_of(&account);
        let from = query.after.unwrap_or_default();
        let page: Vec<Value> = all
            .iter()
            .skip(from)
            .take(query.limit)
            .map(listed)
            .collect();
        let to = from + page.len();
        let mut answer =
            json!({ "data": page, "paging": { "cursors": { "after": to.to_string() } } });
        let paging = answer.get_mut("paging").and_then(Value::as_object_mut);
        if let (true, Some(paging)) = (to < all.len(), paging) {
            paging.insert("next".to_owned(), json!(request.path()));
        }
        Ok(answer)
    });
    found.map_or_else(
        |error: GraphError| answer::refused(&error),
        |found| HttpResponse::Ok().json(found),
    )
}

fn listed(template: &Template) -> Value {
    let mut components = template.components.clone();
    components.push(json!({ "type": "BODY", "text": template.body }));
    json!({
        "id": format!("{}:{}", template.name, template.language),
        "name": template.name,
        "language": template.language,
        "category": "UTILITY",
        "status": template.status,
        "rejected_reason": template.reason.as_deref().unwrap_or("NONE"),
        "components": components,
    })
}

/// Everything else under a version.
pub(crate) async fn unknown() -> HttpResponse {
    answer::refused(&GraphError::new(
        2_500,
        "The emulator does not have this part of the Graph API",
    ))
}

/// Whether this token may use this number.
pub(super) fn allow(
    world: &World,
    request: &HttpRequest,
    version: &str,
    number: &str,
) -> Result<(), GraphError> {
    let is_version = version.strip_prefix('v').is_some_and(|rest| {
        rest.split_once('.').is_some_and(|(major, minor)| {
            major.parse::<u16>().is_ok() && minor.parse::<u16>().is_ok()
        })
    });
    if !is_version {
        return Err(GraphError::new(
            2_500,
            format!("{version} is not a version"),
        ));
    }
    let token = TokenDigest::of(bearer(request)?);
    let line = match world.line(number) {
        Some(line) if line.knows(token) => line,
        _ if !world.knows_token(token) => {
            let details = "The access token could not be decrypted";
            return Err(GraphError::new(190, details));
        }
        Some(_) => {
            let details = "The token is not for this number's account";
            return Err(GraphError::new(10, details));
        }
        None => return Err(GraphError::no_object(number)),
    };
    match line.token {
        TokenState::Valid => Ok(()),
        TokenState::Revoked => Err(GraphError {
            subcode: Some(467),
            ..GraphError::new(190, "The access token was revoked")
        }),
    }
}

/// The token that a request shows.
pub(super) fn bearer(request: &HttpRequest) -> Result<&str, GraphError> {
    let header = request.headers().get(AUTHORIZATION);
    header
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::trim)
        .filter(|token| !token.is_empty())
        .ok_or_else(|| GraphError::new(190, "No access token was given"))
}

/// Whether this token is anybody's, and valid: files do not say whose they are.
pub(super) fn allow_any(world: &World, request: &HttpRequest) -> Result<(), GraphError> {
    if world.is_good(TokenDigest::of(bearer(request)?)) {
        Ok(())
    } else {
        Err(GraphError::new(190, "The access token is not valid"))
    }
}

fn kept(body: &[u8]) -> Value {
    if body.len() > KEPT_BODY_MAX {
        return Value::Null;
    }
    serde_json::from_slice(body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

/// One call to `/messages`.
struct Call {
    shared: Arc<Shared>,
    path: String,
    body: Value,
    number: String,
}

impl Call {
    fn refused(self, error: &GraphError) -> HttpResponse {
        let shared = Arc::clone(&self.shared);
        shared.with(|world| self.write_down(world, Some(error.status()), Some(error.code), None));
        answer::refused(error)
    }

    fn read(self, message_id: &str, typing: bool) -> HttpResponse {
        let shared = Arc::clone(&self.shared);
        let marked = shared.with(|world| world.mark_read(&self.number, message_id, typing));
        match marked {
            Err(error) => self.refused(&error),
            Ok(()) => {
                shared.with(|world| self.write_down(world, Some(StatusCode::OK), None, None));
                HttpResponse::Ok().json(json!({"success": true}))
            }
        }
    }

    async fn send(self, request: &HttpRequest, draft: Draft) -> HttpResponse {
        let shared = Arc::clone(&self.shared);
        let plan = shared.quietly(|world| world.plan(&self.number, &draft));
        let result = match plan.before {
            Before::Drop => {
                shared.with(|world| self.write_down(world, None, None, None));
                return answer::cut(request);
            }
            Before::Refuse => {
                return self.refused(&GraphError::new(131_000, "An unknown error occurred"));
            }
            Before::Nothing => self.accept(draft, plan),
            Before::Wait(time) => {
                // A task of its own: Meta goes on with a message whose sender has hung up.
                let accepting = actix_web::rt::spawn(async move {
                    tokio::time::sleep(time).await;
                    self.accept(draft, plan)
                });
                accepting
                    .await
                    .unwrap_or_else(|stopped| Err(GraphError::new(131_016, stopped.to_string())))
            }
        };
        let accepted = match result {
            Ok(accepted) => accepted,
            Err(error) => return answer::refused(&error),
        };
        match plan.after {
            After::Answer => {}
            After::Drop => return answer::cut(request),
            After::BadGateway => return answer::bad_gateway(),
            After::Wait(time) => tokio::time::sleep(time).await,
            After::Status => {
                let id = &accepted.message_id;
                shared
                    .until(STATUS_PATIENCE, |world| {
                        world.sent_was_reported(id).then_some(())
                    })
                    .await;
            }
        }
        answer::accepted(&accepted)
    }

    /// Accepts and writes the call down in one step, so that whoever sees the message on the
    /// phone finds its call in the log.
    fn accept(self, draft: Draft, plan: Plan) -> Result<Accepted, GraphError> {
        let shared = Arc::clone(&self.shared);
        shared.with(|world| {
            let result = world.accept(&self.number, draft, plan);
            let (status, code, message_id) = match &result {
                Err(error) => (Some(error.status()), Some(error.code), None),
                Ok(accepted) => {
                    let status = match plan.after {
                        After::Drop => None,
                        After::BadGateway => Some(StatusCode::BAD_GATEWAY),
                        After::Answer | After::Wait(_) | After::Status => Some(StatusCode::OK),
                    };
                    (status, None, Some(accepted.message_id.clone()))
                }
            };
            self.write_down(world, status, code, message_id);
            result
        })
    }

    fn write_down(
        self,
        world: &mut World,
        status: Option<StatusCode>,
        code: Option<u32>,
        message_id: Option<String>,
    ) {
        world.record_call(GraphCall {
            at_ms: world.clock.now_ms(),
            path: self.path,
            body: self.body,
            status: status.map(|status| status.as_u16()),
            code,
            message_id,
        });
    }
}
