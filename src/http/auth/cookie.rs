//! The refresh token as a browser keeps it: in a cookie that no script can read and that goes to
//! these routes alone. What asks for it or uses it must come from a page of ours: a cookie goes
//! along with whatever request a page makes, also with one of a neighbouring subdomain's.

use crate::app::AppState;
use crate::config::Config;
use crate::error::ApiError;
use actix_web::http::Uri;
use actix_web::http::header::{COOKIE, HeaderName, HeaderValue, ORIGIN, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

const NAME: &str = "papo_refresh";
/// A token in a cookie is good for another exchange within this time of its first one: tabs share
/// the cookie, and an answer can get lost. A token that a program keeps is good once, also if it
/// comes as a cookie.
pub(super) const GRACE: Duration = Duration::from_secs(20);

/// Who keeps the refresh token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Keeping {
    /// The caller: it is in the answer.
    #[default]
    Token,
    /// The browser: it is in the cookie `papo_refresh` and not in the answer.
    Cookie,
}

/// The token that came as a cookie, if one came.
///
/// # Errors
/// [`ApiError::ForeignOrigin`] if it came from somebody else's page.
pub(super) fn presented(app: &AppState, req: &HttpRequest) -> Result<Option<String>, ApiError> {
    let Some(token) = read(req) else {
        return Ok(None);
    };
    must_be_ours(&app.config, req)?;
    Ok(Some(token))
}

/// Refuses what another page's script asks. Who is no browser names no origin and sends no
/// cookies of other people.
///
/// # Errors
/// [`ApiError::ForeignOrigin`].
pub(super) fn must_be_ours(config: &Config, req: &HttpRequest) -> Result<(), ApiError> {
    let Some(origin) = req.headers().get(ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let trusted = origin == config.server.public_url
        || config.security.cors_origins.iter().any(|o| o == origin)
        || is_of_this_host(config, origin, req.connection_info().host());
    if trusted {
        Ok(())
    } else {
        Err(ApiError::ForeignOrigin)
    }
}

/// Pages come from the host that they ask, also where that is a tenant's subdomain, and no less
/// encrypted than the rest of us.
fn is_of_this_host(config: &Config, origin: &str, host: &str) -> bool {
    let (Ok(origin), Ok(public)) = (
        origin.parse::<Uri>(),
        config.server.public_url.parse::<Uri>(),
    ) else {
        return false;
    };
    let named = origin.authority();
    origin.scheme() == public.scheme()
        && named.is_some_and(|authority| authority.as_str().eq_ignore_ascii_case(host))
}

/// The header that sets the cookie.
pub(super) fn set(app: &AppState, token: &SecretString) -> (HeaderName, String) {
    let life = app.config.auth.refresh_ttl.as_secs();
    let cookie = cookie(&app.config, token.expose_secret(), life);
    (SET_COOKIE, cookie)
}

/// Has the browser forget the cookie.
pub(super) fn clear(app: &AppState, answer: &mut HttpResponse) {
    let cookie = HeaderValue::from_str(&cookie(&app.config, "", 0));
    if let Ok(cookie) = cookie {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// The token is letters, digits, `-` and `_`: nothing in it needs quoting.
fn cookie(config: &Config, token: &str, life: u64) -> String {
    let secure = if config.server.public_url.starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    format!("{NAME}={token}; Path=/api/v1/auth; Max-Age={life}; HttpOnly; SameSite=Strict{secure}")
}

fn read(req: &HttpRequest) -> Option<String> {
    let headers = req.headers().get_all(COOKIE);
    headers
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == NAME && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{must_be_ours, read};
    use crate::config::Config;
    use actix_web::test::TestRequest;

    #[test]
    fn only_our_own_pages_may_use_the_cookie() {
        let mut config = Config::for_tests();
        config.server.public_url = "https://papo.example.com".to_owned();
        config.security.cors_origins = vec!["https://desk.example.com".to_owned()];
        let from = |origin: Option<&str>, host: &str| {
            let mut req = TestRequest::post().insert_header(("host", host));
            if let Some(origin) = origin {
                req = req.insert_header(("origin", origin));
            }
            must_be_ours(&config, &req.to_http_request()).is_ok()
        };
        let host = "acme.papo.example.com";
        assert!(from(None, host));
        for ours in [
            "https://papo.example.com",
            "https://desk.example.com",
            "https://acme.papo.example.com",
        ] {
            assert!(from(Some(ours), host), "{ours}");
        }
        for foreign in [
            "null",
            "",
            "https://other.papo.example.com",
            "http://acme.papo.example.com",
            "https://acme.papo.example.com.example.net",
            "https://evil@acme.papo.example.com",
            "https://acme.papo.example.com:8443",
        ] {
            assert!(!from(Some(foreign), host), "{foreign}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let of = |header: &str| {
            let req = TestRequest::post().insert_header(("cookie", header));
            read(&req.to_http_request())
        };
        let found = of("theme=dark; papo_refresh=a-b_c; x=1");
        assert_eq!(found.as_deref(), Some("a-b_c"));
        for none in ["", "papo_refresh", "papo_refresh=", "xpapo_refresh=a"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
