//! The one HTTP client towards Graph. A failure before the request could leave is told apart from
//! one after it; both of the provider's and of the network's words are cut and freed of secrets.

use super::body;
use super::error::{GraphError, Refusal, presentable};
use papo_domain::ports::{OutboundMessage, SendError};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use std::error::Error;
use std::time::Duration;
use thiserror::Error;

/// No answer to a send is longer; what is, is read no further.
pub(super) const ANSWER_MAX: usize = 64 * 1024;
/// Meta's code for an invalid parameter, used where we refuse a message before Meta would.
const INVALID_PARAMETER: i64 = 131_009;
/// Meta's code for a token that is not valid.
pub const INVALID_TOKEN: i64 = 190;

/// Where Graph is and how long it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphConfig {
    /// `https://graph.facebook.com`, or the emulator's address.
    pub base_url: String,
    /// The API's version, such as `v26.0`.
    pub version: String,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest time for a whole call, connecting included.
    pub total_timeout: Duration,
}

impl GraphConfig {
    /// A configuration with the usual bounds: 3 s to connect, 10 s in all.
    #[must_use]
    pub fn new(base_url: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            version: version.into(),
            connect_timeout: Duration::from_secs(3),
            total_timeout: Duration::from_secs(10),
        }
    }

    /// Whether a client could be made of it.
    ///
    /// # Errors
    /// What is wrong with address or version.
    pub fn check(&self) -> Result<(), GraphSetupError> {
        root(self).map(drop)
    }
}

/// Why there is no client.
#[derive(Debug, Error)]
pub enum GraphSetupError {
    #[error("the Graph address {0:?} is not an http or https URL")]
    BaseUrl(String),
    #[error("the Graph version {0:?} is not of the form v26.0")]
    Version(String),
    #[error("the HTTP client cannot be made")]
    Client(#[source] reqwest::Error),
}

/// In whose name a call is made.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub phone_number_id: String,
    pub access_token: SecretString,
}

/// The Graph API. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct GraphApi {
    pub(super) http: Client,
    /// `{base}/{version}`.
    pub(super) root: Url,
}

impl GraphApi {
    /// Prepares the client. Does not connect. The process must have installed a rustls provider.
    ///
    /// # Errors
    /// The configuration is unusable.
    pub fn new(config: &GraphConfig) -> Result<Self, GraphSetupError> {
        let root = root(config)?;
        let client = Client::builder()
            .user_agent(concat!("papo/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(config.connect_timeout)
            .timeout(config.total_timeout)
            // A redirect or a proxy of the environment would carry the token elsewhere.
            .redirect(Policy::none())
            .no_proxy();
        // Plain HTTP is for the emulator; it needs no certificates, which a bare machine lacks.
        let client = if root.scheme() == "https" {
            client.https_only(true)
        } else {
            client.tls_certs_only([])
        };
        let http = client.build().map_err(GraphSetupError::Client)?;
        Ok(Self { http, root })
    }

    /// Sends one message; `Ok` is its wamid. Limits are checked before anything leaves. `media` is
    /// the id under which its file was handed in, if it has one.
    ///
    /// # Errors
    /// What may be done about it. Never holds the token or the message.
    pub async fn send(
        &self,
        credentials: &Credentials,
        message: OutboundMessage,
        media: Option<&str>,
    ) -> Result<String, SendError> {
        message
            .outbound
            .check()
            .map_err(|limit| SendError::Permanent {
                code: INVALID_PARAMETER,
                title: limit.to_string(),
            })?;
        let answer = self
            .post(credentials, &body::message(&message, media))
            .await?;
        // Accepted without an id: sent, but nobody can tell which status is its own.
        answer
            .message_id()
            .ok_or_else(|| answer.refusal(credentials))
    }

    /// Marks the customer's message `external_id`, and all before it, as read; with `typing`,
    /// also shows that an answer is being written.
    ///
    /// # Errors
    /// What may be done about it; nothing has to.
    pub async fn show_read(
        &self,
        credentials: &Credentials,
        external_id: &str,
        typing: bool,
    ) -> Result<(), SendError> {
        let body = body::read(external_id, typing);
        let answer = self.post(credentials, &body).await?;
        match GraphError::find(&answer.body) {
            None => Ok(()),
            Some(_) => Err(answer.refusal(credentials)),
        }
    }

    /// An address under the version.
    pub(super) fn at(&self, path: &[&str]) -> Url {
        let mut url = self.root.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path);
        }
        url
    }

    /// The body of an HTTP success.
    pub(super) async fn accepted(
        &self,
        credentials: &Credentials,
        response: Response,
    ) -> Result<Vec<u8>, SendError> {
        let answer = Answer::read(response, &credentials.access_token, ANSWER_MAX).await?;
        if (200..300).contains(&answer.status) {
            Ok(answer.body)
        } else {
            Err(answer.refusal(credentials))
        }
    }

    /// Reads what lies at `path`, at most `most` bytes of it. Nothing is changed by it.
    pub(super) async fn fetch(
        &self,
        credentials: &Credentials,
        path: &[&str],
        query: &[(&str, &str)],
        most: usize,
    ) -> Result<Vec<u8>, SendError> {
        let mut url = self.at(path);
        url.query_pairs_mut().extend_pairs(query);
        let token = &credentials.access_token;
        let request = self.http.get(url).header(AUTHORIZATION, bearer(token)?);
        let response = request
            .send()
            .await
            .map_err(|error| SendError::NotSent(presentable(&chain(error), token)))?;
        let answer = Answer::read(response, token, most).await?;
        if (200..300).contains(&answer.status) {
            Ok(answer.body)
        } else {
            Err(answer.refusal(credentials))
        }
    }

    /// Posts to the number's `messages`. `Ok` is an HTTP success.
    async fn post(&self, credentials: &Credentials, body: &Value) -> Result<Answer, SendError> {
        let url = self.at(&[&credentials.phone_number_id, "messages"]);
        let request = self
            .http
            .post(url)
            .header(AUTHORIZATION, bearer(&credentials.access_token)?)
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let token = &credentials.access_token;
        let response = request.send().await.map_err(|error| {
            // Only a connection that never came about proves that nothing left.
            let left = !(error.is_connect() || error.is_builder());
            let words = presentable(&chain(error), token);
            if left {
                SendError::Ambiguous(words)
            } else {
                SendError::NotSent(words)
            }
        })?;
        let answer = Answer::read(response, token, ANSWER_MAX).await?;
        if (200..300).contains(&answer.status) {
            Ok(answer)
        } else {
            Err(answer.refusal(credentials))
        }
    }
}

pub(super) struct Answer {
    pub(super) status: u16,
    retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) async fn read(
        mut response: Response,
        token: &SecretString,
        most: usize,
    ) -> Result<Self, SendError> {
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= most => {
                    body.extend_from_slice(&chunk);
                }
                Ok(_) => break,
                // The head already says that it was refused; only the reason is lost.
                Err(_) if (300..500).contains(&status) => break,
                Err(error) => {
                    let words = presentable(&chain(error), token);
                    return Err(SendError::Ambiguous(words));
                }
            }
        }
        Ok(Self {
            status,
            retry_after,
            body,
        })
    }

    fn message_id(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Accepted {
            messages: Vec<Message>,
        }
        #[derive(Deserialize)]
        struct Message {
            id: String,
        }
        let accepted: Result<Accepted, _> = serde_json::from_slice(&self.body);
        let message = accepted.ok()?.messages.into_iter().next()?;
        (!message.id.is_empty()).then_some(message.id)
    }

    fn refusal(&self, credentials: &Credentials) -> SendError {
        Refusal {
            status: self.status,
            retry_after: self.retry_after,
            body: &self.body,
            token: &credentials.access_token,
        }
        .classify()
    }
}

fn root(config: &GraphConfig) -> Result<Url, GraphSetupError> {
    let wrong_url = || GraphSetupError::BaseUrl(config.base_url.clone());
    let mut root = Url::parse(&config.base_url).ok().ok_or_else(wrong_url)?;
    if !matches!(root.scheme(), "http" | "https") {
        return Err(wrong_url());
    }
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let numbers = config
        .version
        .strip_prefix('v')
        .and_then(|v| v.split_once('.'));
    if !numbers.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
        return Err(GraphSetupError::Version(config.version.clone()));
    }
    if let Ok(mut path) = root.path_segments_mut() {
        path.pop_if_empty().push(&config.version);
    }
    Ok(root)
}

pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue, SendError> {
    let header = format!("Bearer {}", token.expose_secret());
    match HeaderValue::from_str(&header) {
        Ok(mut header) if !token.expose_secret().is_empty() => {
            header.set_sensitive(true);
            Ok(header)
        }
        _ => Err(SendError::ChannelDown {
            code: INVALID_TOKEN,
            detail: "the access token is empty or holds characters that no token has".to_owned(),
        }),
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

/// An error with its causes, without the address, which belongs to one number.
pub(super) fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
