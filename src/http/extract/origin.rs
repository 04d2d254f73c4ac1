//! Where a request comes from: the client's address and the tenant it names.

use crate::config::Config;
use actix_web::HttpRequest;
use actix_web::http::Uri;
use actix_web::http::uri::Authority;
use std::net::IpAddr;

/// The client's address: that of the peer, or, behind our own proxies, the one that the
/// outermost of them saw. A client can write what it likes further left.
#[must_use]
pub fn client_address(config: &Config, req: &HttpRequest) -> String {
    let peer = || {
        req.peer_addr()
            .map_or_else(|| "unknown".to_owned(), |address| address.ip().to_string())
    };
    let proxies = config.server.trusted_proxies;
    if proxies == 0 {
        return peer();
    }
    let forwarded: Vec<&str> = req
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let seen = forwarded.iter().rev().nth(proxies - 1);
    match seen.and_then(|address| address.parse::<IpAddr>().ok()) {
        Some(address) => address.to_string(),
        None => peer(),
    }
}

/// The tenant that a request names: header `X-Tenant-Slug`, query `?tenant=`, or the label in front
/// of the host of `public_url` (`server.public_url`), in this order.
#[must_use]
pub fn tenant_slug(public_url: &str, req: &HttpRequest) -> Option<String> {
    let header = req
        .headers()
        .get("x-tenant-slug")
        .and_then(|v| v.to_str().ok());
    if let Some(slug) = header.map(str::trim).filter(|slug| !slug.is_empty()) {
        return Some(slug.to_ascii_lowercase());
    }
    let query = form_urlencoded::parse(req.query_string().as_bytes());
    let query = query.into_iter().find(|(name, _)| name == "tenant");
    if let Some((_, slug)) = query.filter(|(_, slug)| !slug.is_empty()) {
        return Some(slug.to_ascii_lowercase());
    }
    label_before(public_url, req.connection_info().host())
}

/// The host of `public_url` itself is everybody's, and so are the usual names in front of it.
fn label_before(public_url: &str, host: &str) -> Option<String> {
    let public: Uri = public_url.parse().ok()?;
    let host: Authority = host.parse().ok()?;
    let host = host.host().to_ascii_lowercase();
    let front = host.strip_suffix(&public.host()?.to_ascii_lowercase())?;
    let label = front.strip_suffix('.')?;
    let reserved = matches!(label, "" | "www" | "api" | "app");
    (!reserved && !label.contains('.')).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{client_address, label_before, tenant_slug};
    use crate::config::Config;
    use actix_web::test::TestRequest;

    #[test]
    fn header_then_query_then_host() {
        let slug = |header: Option<&str>, uri: &str, host: &str| {
            let mut req = TestRequest::get().uri(uri).insert_header(("host", host));
            if let Some(header) = header {
                req = req.insert_header(("X-Tenant-Slug", header));
            }
            tenant_slug("https://papo.example.com", &req.to_http_request())
        };
        let host = "three.papo.example.com";
        assert_eq!(
            slug(Some("One"), "/?tenant=two", host).as_deref(),
            Some("one")
        );
        assert_eq!(slug(None, "/?tenant=two", host).as_deref(), Some("two"));
        assert_eq!(slug(None, "/", host).as_deref(), Some("three"));
        assert_eq!(slug(None, "/", "localhost:8080"), None);
    }

    #[test]
    fn only_a_subdomain_of_the_public_host_names_a_tenant() {
        let public = "https://papo.example.com";
        for host in ["acme.papo.example.com", "ACME.Papo.Example.com:8443"] {
            let named = label_before(public, host);
            assert_eq!(named.as_deref(), Some("acme"), "{host}");
        }
        for host in [
            "papo.example.com",
            "PAPO.example.com:443",
            "www.papo.example.com",
            "api.papo.example.com",
            "app.papo.example.com",
            ".papo.example.com",
            "a.b.papo.example.com",
            "acmepapo.example.com",
            "other.example.com",
            "example.com",
            "localhost",
            "127.0.0.1:8080",
            "[::1]:8080",
            "",
        ] {
            assert_eq!(label_before(public, host), None, "{host}");
        }
        let local = "http://localhost:8080";
        let named = label_before(local, "acme.localhost:8080");
        assert_eq!(named.as_deref(), Some("acme"));
        assert_eq!(label_before(local, "localhost:8080"), None);
    }

    #[test]
    fn a_client_cannot_choose_its_address() {
        let mut config = Config::for_tests();
        let req = TestRequest::get()
            .peer_addr("10.0.0.9:1234".parse().expect("address"))
            .insert_header(("x-forwarded-for", "1.1.1.1, 2.2.2.2, 3.3.3.3"))
            .to_http_request();
        assert_eq!(client_address(&config, &req), "10.0.0.9");
        config.server.trusted_proxies = 1;
        assert_eq!(client_address(&config, &req), "3.3.3.3");
        config.server.trusted_proxies = 2;
        assert_eq!(client_address(&config, &req), "2.2.2.2");
        config.server.trusted_proxies = 9;
        assert_eq!(client_address(&config, &req), "10.0.0.9");
    }
}
