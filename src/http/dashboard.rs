//! The dashboard: the files that were built from `web/`, which are part of the program. A path that
//! is none of them is one of the dashboard's own pages, which it finds itself: it gets the frame.

use crate::error::ApiError;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "web/dist/"]
struct Files;

/// Every page begins with this file.
const FRAME: &str = "index.html";
/// What the frame and its parts may do. The components put rules of style into the page as they
/// appear; nothing else is loaded from anywhere or written into the page.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; media-src 'self' data: blob:; connect-src 'self'; \
     font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";
/// Voice messages are recorded in the page.
const DEVICES: &str = "camera=(), microphone=(self), geolocation=()";
/// Paths that are not the dashboard's, whatever is asked of them.
const OTHERS: [&str; 6] = [
    "/api",
    "/files",
    "/ws",
    "/health",
    "/metrics",
    "/openapi.json",
];
/// What is said where the program was built without the dashboard.
const NOT_BUILT: &str = "This build of Papo has no dashboard. `npm ci` and `npm run build` in web/, \
     then building again, put it in; script/server does all of it.\n";

/// Answers what no other route does.
pub(super) async fn serve(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    let path = req.path();
    if !matches!(*req.method(), Method::GET | Method::HEAD) || is_others(path) {
        return Err(ApiError::NotFound);
    }
    let headers = req.headers();
    let name = path.trim_start_matches('/');
    if !name.is_empty() && name != FRAME && Files::get(name).is_some() {
        return file(headers, name);
    }
    if !mentions(headers, &ACCEPT, "text/html") {
        return Err(ApiError::NotFound);
    }
    if Files::get(FRAME).is_some() {
        return file(headers, FRAME);
    }
    Ok(HttpResponse::NotFound()
        .content_type("text/plain; charset=utf-8")
        .body(NOT_BUILT))
}

fn is_others(path: &str) -> bool {
    OTHERS.iter().any(|other| {
        path.strip_prefix(other)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Whether a header's value names something, as a whole item of a list.
fn mentions(headers: &HeaderMap, header: &HeaderName, wanted: &str) -> bool {
    headers
        .get_all(header)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|item| item.split(';').next())
        .any(|item| item.trim().eq_ignore_ascii_case(wanted))
}

/// A file that is there, in the shortest form that the client reads.
fn file(headers: &HeaderMap, name: &str) -> Result<HttpResponse, ApiError> {
    let (encoding, found) = best(headers, name).ok_or(ApiError::NotFound)?;
    let tag = format!("\"{}\"", hex(&found.metadata.sha256_hash()));
    let mut answer = if mentions(headers, &IF_NONE_MATCH, &tag) {
        HttpResponse::NotModified().finish()
    } else {
        HttpResponse::Ok().body(found.data.into_owned())
    };
    let answered = answer.headers_mut();
    let mut say = |header, value| answered.insert(header, HeaderValue::from_static(value));
    say(CONTENT_TYPE, media_type(name));
    say(VARY, "Accept-Encoding");
    if let Some(encoding) = encoding {
        say(CONTENT_ENCODING, encoding);
    }
    // The name of what lies there changes with what is in it.
    let forever = name.starts_with("assets/");
    say(
        CACHE_CONTROL,
        if forever {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        },
    );
    if name == FRAME {
        say(CONTENT_SECURITY_POLICY, POLICY);
        say(HeaderName::from_static("permissions-policy"), DEVICES);
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.headers_mut().insert(ETAG, tag);
    }
    Ok(answer)
}

fn best(headers: &HeaderMap, name: &str) -> Option<(Option<&'static str>, EmbeddedFile)> {
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(encoding, _)| mentions(headers, &ACCEPT_ENCODING, encoding))
        .find_map(|(encoding, ending)| {
            Files::get(&format!("{name}.{ending}")).map(|found| (Some(encoding), found))
        })
        .or_else(|| Files::get(name).map(|found| (None, found)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("json" | "webmanifest") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        Some("mp3") => "audio/mpeg",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{is_others, mentions, serve};
    use crate::error::ApiError;
    use actix_web::http::StatusCode;
    use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
    use actix_web::test::TestRequest;

    #[test]
    fn only_whole_first_steps_belong_to_others() {
        for path in [
            "/api",
            "/api/v1/nowhere",
            "/ws",
            "/health/x",
            "/openapi.json",
        ] {
            assert!(is_others(path), "{path}");
        }
        for path in ["/", "/inbox", "/apiary", "/wstan", "/openapi.json5"] {
            assert!(!is_others(path), "{path}");
        }
    }

    #[test]
    fn lists_are_read_by_their_items() {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_static("gzip, BR;q=0.9, deflate");
        headers.insert(ACCEPT_ENCODING, value);
        assert!(mentions(&headers, &ACCEPT_ENCODING, "br"));
        assert!(mentions(&headers, &ACCEPT_ENCODING, "gzip"));
        assert!(!mentions(&headers, &ACCEPT_ENCODING, "zip"));
    }

    /// Holds with and without a dashboard in the build.
    #[actix_web::test]
    async fn only_who_reads_pages_gets_one() {
        let asked = |req: TestRequest| async move { serve(req.to_http_request()).await };
        for req in [
            TestRequest::get().uri("/inbox/1"),
            TestRequest::post()
                .uri("/inbox/1")
                .insert_header(("accept", "text/html")),
            TestRequest::get()
                .uri("/api/v1/nowhere")
                .insert_header(("accept", "text/html")),
            TestRequest::get()
                .uri("/assets/../../Cargo.toml")
                .insert_header(("accept", "*/*")),
        ] {
            assert!(matches!(asked(req).await, Err(ApiError::NotFound)));
        }
        let page = TestRequest::get()
            .uri("/inbox/1")
            .insert_header(("accept", "text/html,*/*;q=0.8"));
        let page = asked(page).await.expect("a page");
        let built = super::Files::get(super::FRAME).is_some();
        let expected = if built {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        };
        assert_eq!(page.status(), expected);
    }
}
