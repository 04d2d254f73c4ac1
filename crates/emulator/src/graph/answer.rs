//! How a Graph call ends on the wire: an answer, Meta's error body, or a connection that closes
//! without either.

use super::error::GraphError;
use crate::world::Accepted;
use actix_web::dev::Extensions;
use actix_web::http::StatusCode;
use actix_web::rt::net::TcpStream;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use socket2::{SockRef, Socket};
use std::any::Any;
use std::net::Shutdown;

/// A second handle on a connection's socket, by which a handler can close it.
struct Line(Socket);

/// Called for each connection; keeps the handle in the connection's data.
pub(crate) fn remember_connection(connection: &dyn Any, data: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>()
        && let Ok(socket) = SockRef::from(stream).try_clone()
    {
        data.insert(Line(socket));
    }
}

/// Closes the connection; the response that is returned never reaches anyone.
pub(super) fn cut(request: &HttpRequest) -> HttpResponse {
    if let Some(Line(socket)) = request.conn_data::<Line>() {
        // It fails only if the other side has closed already, which is as good.
        let _ = socket.shutdown(Shutdown::Both);
    }
    HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE).finish()
}

pub(super) fn refused(error: &GraphError) -> HttpResponse {
    let trace = URL_SAFE_NO_PAD.encode(uuid::Uuid::new_v4().as_bytes());
    HttpResponse::build(error.status()).json(error.body(&trace))
}

pub(super) fn accepted(accepted: &Accepted) -> HttpResponse {
    let mut contact = json!({ "input": accepted.input });
    if let Some(fields) = contact.as_object_mut() {
        for (name, value) in [("wa_id", &accepted.wa_id), ("user_id", &accepted.user_id)] {
            if let Some(value) = value {
                fields.insert(name.to_owned(), Value::from(value.clone()));
            }
        }
    }
    HttpResponse::Ok().json(json!({
        "messaging_product": "whatsapp",
        "contacts": [contact],
        "messages": [{"id": accepted.message_id, "message_status": "accepted"}],
    }))
}

/// What a proxy in front of Meta says when Meta's answer got lost.
pub(super) fn bad_gateway() -> HttpResponse {
    HttpResponse::BadGateway()
        .content_type("text/html; charset=utf-8")
        .body("<html><body><h1>502 Bad Gateway</h1></body></html>")
}
