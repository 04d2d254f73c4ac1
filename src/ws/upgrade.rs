//! From an HTTP request to a socket: where it may come from, and where its token may be.

use super::Sockets;
use super::protocol::SUBPROTOCOL;
use super::session::{self, Entry};
use crate::error::{ApiError, FieldFault};
use crate::http::extract::tenant_slug;
use actix_web::http::header::{HeaderMap, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use actix_web::rt::net::TcpStream;
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use socket2::{SockRef, TcpKeepalive};
use std::time::Duration;

/// Names under which a token must not stand in the URL, where logs and histories keep it.
const SECRETS: [&str; 6] = [
    "token",
    "access_token",
    "auth",
    "authorization",
    "bearer",
    "jwt",
];
/// How the token is spelled among the subprotocols.
const BEARER: &str = "bearer.";
/// A quiet peer is asked whether it is still there after this time, then this often.
const KEEPALIVE: Duration = Duration::from_secs(60);
const KEEPALIVE_AGAIN: Duration = Duration::from_secs(10);
/// Bytes that may wait unsent in the kernel for one peer. Beyond it the socket stops taking
/// more, so a peer that has stopped reading is noticed, and holds no more of our memory.
const UNSENT_MAX: u32 = 128 << 10;

/// `GET /ws`.
///
/// # Errors
/// The origin is not ours (403), or the request is no proper handshake (400).
pub async fn connect(
    req: HttpRequest,
    payload: web::Payload,
    sockets: web::Data<Sockets>,
) -> Result<HttpResponse, ApiError> {
    no_secret_in(req.query_string())?;
    may_come_from(req.headers(), &sockets.origins)?;
    let entry = Entry {
        token: offered_token(req.headers())?,
        tenant: tenant_slug(&sockets.public_url, &req),
    };
    session::start(sockets.into_inner(), entry, &req, payload).map_err(|error| {
        let problem = error.to_string();
        ApiError::Unreadable(FieldFault::new("upgrade", problem))
    })
}

fn no_secret_in(query: &str) -> Result<(), ApiError> {
    let mut names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
    let secret = names.find(|name| SECRETS.iter().any(|s| s.eq_ignore_ascii_case(name)));
    match secret {
        None => Ok(()),
        Some(name) => {
            let problem = "must not stand in the URL: send it with hello";
            Err(ApiError::Unreadable(FieldFault::new(name, problem)))
        }
    }
}

/// Browsers say where a page comes from, and pages from elsewhere must not use a user's login.
/// Clients that are no browsers say nothing.
fn may_come_from(headers: &HeaderMap, origins: &[String]) -> Result<(), ApiError> {
    let mut given = headers.get_all(ORIGIN);
    let known = |origin: &str| {
        origins
            .iter()
            .any(|known| known.trim_end_matches('/').eq_ignore_ascii_case(origin))
    };
    if given.all(|origin| origin.to_str().is_ok_and(known)) {
        Ok(())
    } else {
        Err(ApiError::Forbidden)
    }
}

/// The token in `Sec-WebSocket-Protocol: papo.v1, bearer.<token>`.
fn offered_token(headers: &HeaderMap) -> Result<Option<SecretString>, ApiError> {
    let mut token = None;
    let (mut offered, mut ours) = (false, false);
    for value in headers.get_all(SEC_WEBSOCKET_PROTOCOL) {
        let names = value.to_str().unwrap_or_default().split(',').map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            offered = true;
            ours |= name == SUBPROTOCOL;
            token = token.or_else(|| name.strip_prefix(BEARER).map(SecretString::from));
        }
    }
    if offered && !ours {
        let problem = "must name papo.v1";
        return Err(ApiError::Unreadable(FieldFault::new(
            "Sec-WebSocket-Protocol",
            problem,
        )));
    }
    Ok(token)
}

/// What every connection gets that is accepted. A socket whose peer has stopped reading runs
/// none of our code, so only the kernel can end it: after `user_timeout` without progress.
pub fn on_connect(stream: &TcpStream, user_timeout: Duration) {
    if let Err(error) = harden(&SockRef::from(stream), user_timeout) {
        tracing::warn!(%error, "a connection's options were not set");
    }
}

fn harden(socket: &SockRef<'_>, user_timeout: Duration) -> std::io::Result<()> {
    // Frames are small and must not wait for each other.
    socket.set_tcp_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE)
        .with_interval(KEEPALIVE_AGAIN);
    socket.set_tcp_keepalive(&keepalive)?;
    socket.set_tcp_user_timeout(Some(user_timeout))?;
    socket.set_tcp_notsent_lowat(UNSENT_MAX)
}

#[cfg(test)]
mod tests {
    use super::{may_come_from, no_secret_in, offered_token};
    use actix_web::http::header::HeaderMap;
    use actix_web::test::TestRequest;
    use secrecy::ExposeSecret;

    fn headers(name: &str, values: &[&str]) -> HeaderMap {
        let mut req = TestRequest::default();
        for value in values {
            req = req.append_header((name, *value));
        }
        req.to_http_request().headers().clone()
    }

    #[test]
    fn only_known_pages_may_connect() {
        let known = [
            "https://dash.example.com".to_owned(),
            "http://localhost:5173/".to_owned(),
        ];
        let may = |origins: &[&str]| may_come_from(&headers("origin", origins), &known).is_ok();
        assert!(may(&[]));
        assert!(may(&["https://dash.example.com"]));
        assert!(may(&["https://DASH.example.com"]));
        assert!(may(&["http://localhost:5173"]));
        for origin in [
            "http://dash.example.com",
            "https://dash.example.com.evil.example",
            "https://evil.example",
            "https://dash.example.com:444",
            "null",
            "",
        ] {
            assert!(!may(&[origin]), "{origin}");
        }
        assert!(!may(&["https://dash.example.com", "https://evil.example"]));
    }

    #[test]
    fn a_token_in_the_url_is_refused() {
        for query in [
            "token=x",
            "a=1&access_token=x",
            "TOKEN=x",
            "jwt=",
            "%74oken=x",
        ] {
            assert!(no_secret_in(query).is_err(), "{query}");
        }
        for query in ["", "tenant=demo", "v=1"] {
            assert!(no_secret_in(query).is_ok(), "{query}");
        }
    }

    #[test]
    fn a_token_may_be_offered_as_a_subprotocol() {
        let token = |values: &[&str]| {
            let found = offered_token(&headers("sec-websocket-protocol", values))?;
            Ok::<_, crate::error::ApiError>(found.map(|token| token.expose_secret().to_owned()))
        };
        assert_eq!(token(&[]).unwrap(), None);
        assert_eq!(token(&["papo.v1"]).unwrap(), None);
        assert_eq!(
            token(&["papo.v1, bearer.a.b.c"]).unwrap().as_deref(),
            Some("a.b.c")
        );
        assert_eq!(
            token(&["bearer.a.b.c", "papo.v1"]).unwrap().as_deref(),
            Some("a.b.c")
        );
        assert!(token(&["bearer.a.b.c"]).is_err());
        assert!(token(&["graphql-ws"]).is_err());
    }
}
