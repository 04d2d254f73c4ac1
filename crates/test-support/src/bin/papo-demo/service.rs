//! An HTTP service that speaks JSON.

use anyhow::{Context, Result, bail};
use reqwest::{Client, Error, Method};
use serde_json::Value;

/// A service under one address, and who we are to it.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    http: Client,
    base: String,
    headers: Vec<(&'static str, String)>,
}

impl Service {
    pub(crate) fn at(http: Client, base: String) -> Self {
        Self {
            http,
            base,
            headers: Vec::new(),
        }
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Option<Value>) -> Result<Value> {
        self.call(Method::POST, path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let asked = format!("{method} {}{path}", self.base);
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        // The address is told once, by us.
        let response = request.send().await.map_err(Error::without_url);
        let response = response.with_context(|| asked.clone())?;
        let status = response.status();
        let text = response.text().await.map_err(Error::without_url);
        let text = text.with_context(|| asked.clone())?;
        if !status.is_success() {
            bail!("{asked} was answered {status}: {text}");
        }
        serde_json::from_str(&text).with_context(|| format!("{asked} was not answered in JSON"))
    }
}
