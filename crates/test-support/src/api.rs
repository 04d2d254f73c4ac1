//! The HTTP API as its users call it: an address, a login, answers with status and JSON.

use anyhow::{Context, Result, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::Duration;

/// No answer of a healthy server takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server's address.
#[derive(Clone, Debug)]
pub struct Api {
    pub http: Client,
    /// Such as `http://127.0.0.1:8080`.
    pub base: String,
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// `null` if it is not JSON.
    pub body: Value,
    pub text: String,
}

impl Answer {
    /// Insists on a status.
    ///
    /// # Errors
    /// It is another one; with the body.
    pub fn expect(self, status: u16) -> Result<Value> {
        ensure!(
            self.status == status,
            "expected {status}, got {}: {}",
            self.status,
            self.text
        );
        Ok(self.body)
    }

    /// The error's code; empty if it has none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body
            .get("code")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Api {
    /// A client of the server at `base`.
    ///
    /// # Errors
    /// The client cannot be made.
    pub fn at(base: impl Into<String>) -> Result<Self> {
        // Fails if the program has chosen a provider before us.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        Ok(Self {
            http,
            base: base.into(),
        })
    }

    /// Where the WebSocket is.
    #[must_use]
    pub fn socket_url(&self) -> String {
        format!("{}/ws", self.base.replacen("http", "ws", 1))
    }

    /// Any call.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer> {
        let request = self.request(&method, path, headers);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        Self::answer(request, format!("{method} {path}")).await
    }

    /// Any call with a body that is no JSON.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn upload(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        bytes: Vec<u8>,
    ) -> Result<Answer> {
        let request = self.request(&method, path, headers).body(bytes);
        Self::answer(request, format!("{method} {path}")).await
    }

    fn request(&self, method: &Method, path: &str, headers: &[(&str, &str)]) -> RequestBuilder {
        let url = format!("{}{path}", self.base);
        let request = self.http.request(method.clone(), url);
        let with =
            |request: RequestBuilder, (name, value): &(&str, &str)| request.header(*name, *value);
        headers.iter().fold(request, with)
    }

    async fn answer(request: RequestBuilder, asked: String) -> Result<Answer> {
        let response = request.send().await.with_context(|| asked.clone())?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.with_context(|| asked)?;
        Ok(Answer {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        })
    }

    /// A login attempt; `slug` names the tenant, none means the platform.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn try_log_in(
        &self,
        slug: Option<&str>,
        email: &str,
        password: &str,
    ) -> Result<Answer> {
        let headers: Vec<_> = slug
            .map(|slug| ("X-Tenant-Slug", slug))
            .into_iter()
            .collect();
        let body = json!({ "email": email, "password": password });
        self.call(Method::POST, "/api/v1/auth/login", &headers, Some(&body))
            .await
    }

    /// Logs in.
    ///
    /// # Errors
    /// It is refused.
    pub async fn log_in(&self, slug: Option<&str>, email: &str, password: &str) -> Result<User> {
        let answer = self.try_log_in(slug, email, password).await?;
        let login = answer
            .expect(200)
            .with_context(|| format!("login of {email}"))?;
        let text = |path: &str| {
            let value = login.pointer(path).and_then(Value::as_str);
            value
                .map(str::to_owned)
                .with_context(|| format!("no {path} in a login"))
        };
        Ok(User {
            api: self.clone(),
            id: text("/user/id")?,
            name: text("/user/full_name")?,
            access_token: text("/access_token")?,
            refresh_token: text("/refresh_token")?,
            acting_for: None,
        })
    }
}

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct User {
    pub api: Api,
    pub id: String,
    pub name: String,
    pub access_token: String,
    pub refresh_token: String,
    /// Slug that every call names; for super admins.
    pub acting_for: Option<String>,
}

impl User {
    /// The same person, acting for a tenant.
    #[must_use]
    pub fn acting_for(&self, slug: &str) -> Self {
        Self {
            acting_for: Some(slug.to_owned()),
            ..self.clone()
        }
    }

    /// Any call, with more headers.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer> {
        let bearer = format!("Bearer {}", self.access_token);
        let all = self.headers(&bearer, headers);
        self.api.call(method, path, &all, body).await
    }

    /// Any call with a body that is no JSON.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn upload(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        bytes: Vec<u8>,
    ) -> Result<Answer> {
        let bearer = format!("Bearer {}", self.access_token);
        let all = self.headers(&bearer, headers);
        self.api.upload(method, path, &all, bytes).await
    }

    fn headers<'a>(
        &'a self,
        bearer: &'a str,
        more: &[(&'a str, &'a str)],
    ) -> Vec<(&'a str, &'a str)> {
        let slug = self.acting_for.as_deref();
        let slug = slug.map(|slug| ("X-Tenant-Slug", slug));
        let mut all = vec![("Authorization", bearer)];
        all.extend(slug);
        all.extend_from_slice(more);
        all
    }

    /// GET, which must be answered 200.
    ///
    /// # Errors
    /// It is not.
    pub async fn get(&self, path: &str) -> Result<Value> {
        let answer = self.call(Method::GET, path, &[], None).await?;
        answer.expect(200).with_context(|| format!("GET {path}"))
    }

    /// POST; without a body if it is `null`.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn post(&self, path: &str, body: Value) -> Result<Answer> {
        self.call(
            Method::POST,
            path,
            &[],
            Some(&body).filter(|body| !body.is_null()),
        )
        .await
    }

    /// POST under an `Idempotency-Key`.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn post_once(&self, path: &str, key: &str, body: Value) -> Result<Answer> {
        let headers = [("Idempotency-Key", key)];
        let body = Some(&body).filter(|body| !body.is_null());
        self.call(Method::POST, path, &headers, body).await
    }

    /// PUT.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn put(&self, path: &str, body: Value) -> Result<Answer> {
        self.call(Method::PUT, path, &[], Some(&body)).await
    }

    /// PATCH.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn patch(&self, path: &str, body: Value) -> Result<Answer> {
        self.call(Method::PATCH, path, &[], Some(&body)).await
    }
}
