//! The routes; README.md lists them for integrators.

use super::controls::{Controls, NotYet};
use super::error::ControlError;
use super::requests::{
    Callback, Change, ChatQuery, CustomerQuery, Echo, Page, Reset, Send, SetClock, SetFaults,
    Together, Token, Wait,
};
use crate::config::{Receipts, Rules};
use crate::world::{Customer, Number, Template};
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::{
    Bytes, Data, Json, JsonConfig, Path, PayloadConfig, Query, QueryConfig, ServiceConfig,
};
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use serde::Serialize;
use serde_json::json;

type Answer = Result<HttpResponse, ControlError>;
type Chat = Path<(String, String)>;

/// The longest body.
const BODY_MAX: usize = 256 * 1024;
/// The largest file.
const FILE_MAX: usize = 100 * 1024 * 1024;
/// The longest body with many messages; a webhook call of 3 MB fits.
const TOGETHER_MAX: usize = 4 * 1024 * 1024;

pub(crate) fn routes(config: &mut ServiceConfig) {
    let chat = "/chats/{number}/{customer}";
    config.service(
        web::scope("/_emulator")
            .app_data(json_up_to(BODY_MAX))
            .app_data(
                QueryConfig::default()
                    .error_handler(|error, _| ControlError::bad_request(error.to_string()).into()),
            )
            .route("/numbers", web::get().to(numbers))
            .route("/numbers", web::put().to(add_number))
            .route("/numbers/{number}/token", web::put().to(set_token))
            .route("/numbers/{number}/callback", web::put().to(set_callback))
            .route("/numbers/{number}/verify", web::post().to(verify))
            .route("/numbers/{number}/changes", web::post().to(change))
            .route("/customers", web::get().to(customers))
            .route("/customers", web::put().to(add_customer))
            .route("/templates", web::put().to(add_template))
            .service(
                web::resource("/files")
                    .app_data(PayloadConfig::new(FILE_MAX))
                    .route(web::put().to(add_file)),
            )
            .route("/files/{id}", web::get().to(file))
            .route(chat, web::get().to(show_chat))
            .route(&format!("{chat}/messages"), web::post().to(send))
            .route(&format!("{chat}/echo"), web::post().to(echo))
            .route(&format!("{chat}/open"), web::post().to(open_chat))
            .route(&format!("{chat}/next"), web::get().to(next_outbound))
            .service(
                web::resource("/together")
                    .app_data(json_up_to(TOGETHER_MAX))
                    .route(web::post().to(send_together)),
            )
            .route("/calls", web::get().to(calls))
            .route("/deliveries", web::get().to(deliveries))
            .route("/stats", web::get().to(stats))
            .route("/idle", web::get().to(idle))
            .route("/faults", web::get().to(faults))
            .route("/faults", web::put().to(set_faults))
            .route("/rules", web::get().to(rules))
            .route("/rules", web::put().to(set_rules))
            .route("/receipts", web::get().to(receipts))
            .route("/receipts", web::put().to(set_receipts))
            .route("/clock", web::get().to(clock))
            .route("/clock", web::put().to(set_clock))
            .route("/reset", web::post().to(reset)),
    );
}

fn json_up_to(limit: usize) -> JsonConfig {
    JsonConfig::default()
        .limit(limit)
        .error_handler(|error, _| ControlError::bad_request(error.to_string()).into())
}

fn ok(body: impl Serialize) -> Answer {
    Ok(HttpResponse::Ok().json(body))
}

fn done(result: Result<(), crate::world::Refusal>) -> Answer {
    result?;
    ok(json!({}))
}

async fn numbers(controls: Data<Controls>) -> impl Responder {
    Json(controls.numbers())
}

async fn add_number(controls: Data<Controls>, number: Json<Number>) -> Answer {
    ok(controls.add_number(number.into_inner())?)
}

async fn set_token(controls: Data<Controls>, number: Path<String>, token: Json<Token>) -> Answer {
    done(controls.set_token(&number, token.state))
}

async fn set_callback(
    controls: Data<Controls>,
    number: Path<String>,
    callback: Json<Callback>,
) -> Answer {
    done(controls.set_callback(&number, callback.into_inner().callback_url))
}

async fn verify(controls: Data<Controls>, number: Path<String>) -> Answer {
    ok(controls.verify_webhook(&number).await?)
}

async fn change(controls: Data<Controls>, number: Path<String>, change: Json<Change>) -> Answer {
    let Change { field, value } = change.into_inner();
    done(controls.change(&number, &field, value))
}

async fn customers(controls: Data<Controls>, query: Query<CustomerQuery>) -> impl Responder {
    Json(controls.find_customers(&query.q, query.limit()))
}

async fn add_customer(controls: Data<Controls>, customer: Json<Customer>) -> Answer {
    ok(controls.add_customer(customer.into_inner())?)
}

async fn add_template(controls: Data<Controls>, template: Json<Template>) -> Answer {
    done(controls.add_template(template.into_inner()))
}

/// The phone hands in a file, to be named in a message by its id.
async fn add_file(request: HttpRequest, controls: Data<Controls>, bytes: Bytes) -> Answer {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("application/octet-stream");
    ok(controls.add_file(bytes, kind))
}

/// A file, for the phone's page.
async fn file(controls: Data<Controls>, id: Path<String>) -> HttpResponse {
    let Some((kind, bytes)) = controls.file(&id) else {
        return HttpResponse::NotFound().finish();
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .body(bytes)
}

async fn show_chat(controls: Data<Controls>, chat: Chat, query: Query<ChatQuery>) -> Answer {
    let (number, customer) = &*chat;
    ok(match query.after_revision {
        None => controls.chat(number, customer)?,
        Some(revision) => {
            controls
                .chat_after(number, customer, revision, query.patience())
                .await?
        }
    })
}

async fn send(controls: Data<Controls>, chat: Chat, send: Json<Send>) -> Answer {
    let Send { what, copies } = send.into_inner();
    ok(controls.send_copies(&chat.0, &chat.1, what, copies)?)
}

async fn echo(controls: Data<Controls>, chat: Chat, echo: Json<Echo>) -> Answer {
    ok(match echo.into_inner() {
        Echo::Text(text) => controls.echo(&chat.0, &chat.1, &text)?,
        Echo::Message(message) => controls.echo_message(&chat.0, &chat.1, message)?,
    })
}

async fn open_chat(controls: Data<Controls>, chat: Chat) -> Answer {
    done(controls.open_chat(&chat.0, &chat.1))
}

async fn next_outbound(controls: Data<Controls>, chat: Chat, wait: Query<Wait>) -> Answer {
    let next = controls
        .next_outbound(&chat.0, &chat.1, wait.after, wait.patience())
        .await;
    match next {
        Ok(entry) => ok(json!({ "entry": entry })),
        Err(NotYet::TimedOut(_)) => ok(json!({ "entry": null })),
        Err(NotYet::Refused(refusal)) => Err(refusal.into()),
    }
}

async fn send_together(controls: Data<Controls>, together: Json<Together>) -> Answer {
    let messages = together
        .into_inner()
        .messages
        .into_iter()
        .map(|item| (item.phone_number_id, item.customer, item.what))
        .collect();
    ok(controls.send_together(messages)?)
}

async fn calls(controls: Data<Controls>, page: Query<Page>) -> impl Responder {
    Json(controls.calls(page.after, page.limit()))
}

async fn deliveries(controls: Data<Controls>, page: Query<Page>) -> impl Responder {
    Json(controls.deliveries(page.after, page.limit()))
}

async fn stats(controls: Data<Controls>) -> impl Responder {
    Json(controls.stats())
}

async fn idle(controls: Data<Controls>, wait: Query<Wait>) -> impl Responder {
    let idle = controls.idle(wait.patience()).await.is_ok();
    Json(json!({ "idle": idle }))
}

async fn faults(controls: Data<Controls>) -> impl Responder {
    Json(controls.faults())
}

async fn set_faults(controls: Data<Controls>, set: Json<SetFaults>) -> impl Responder {
    controls.set_faults(match set.into_inner() {
        SetFaults::Profile(profile) => profile.faults(),
        SetFaults::Faults(faults) => *faults,
    });
    Json(controls.faults())
}

async fn rules(controls: Data<Controls>) -> impl Responder {
    Json(controls.rules())
}

async fn set_rules(controls: Data<Controls>, rules: Json<Rules>) -> impl Responder {
    controls.set_rules(rules.into_inner());
    Json(controls.rules())
}

async fn receipts(controls: Data<Controls>) -> impl Responder {
    Json(controls.receipts())
}

async fn set_receipts(controls: Data<Controls>, receipts: Json<Receipts>) -> impl Responder {
    controls.set_receipts(receipts.into_inner());
    Json(controls.receipts())
}

async fn clock(controls: Data<Controls>) -> impl Responder {
    Json(json!({ "offset_seconds": controls.clock_offset_seconds() }))
}

async fn set_clock(controls: Data<Controls>, clock: Json<SetClock>) -> impl Responder {
    controls.set_clock_offset_seconds(clock.offset_seconds);
    Json(json!({ "offset_seconds": clock.offset_seconds }))
}

async fn reset(controls: Data<Controls>, reset: Json<Reset>) -> impl Responder {
    controls.reset(reset.registrations);
    Json(json!({}))
}
