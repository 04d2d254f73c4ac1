//! Files at the provider: where one lies, its bytes, and handing one in (docs/META.md, "Media").

use super::client::{Credentials, GraphApi, bearer, chain};
use super::error::{GraphError, presentable};
use futures_util::TryStream;
use papo_domain::ports::SendError;
use reqwest::header::AUTHORIZATION;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Response, Url};
use secrecy::SecretString;
use serde::Deserialize;
use std::time::Duration;
use thiserror::Error;

/// Hosts that Meta serves files from, and everything under them.
const HOSTS: [&str; 4] = ["facebook.com", "fbcdn.net", "fbsbx.com", "whatsapp.net"];
/// Codes that say that there is no such file: an unknown object, a failed download.
const GONE: [i64; 2] = [100, 131_052];

/// Why a file cannot be had, by what may be done about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MediaError {
    /// Later, it may be.
    #[error("not now: {0}")]
    NotNow(String),
    /// The provider does not have it (any more).
    #[error("the provider does not have it: {0}")]
    Gone(String),
    /// Not before a person acts: token, permission.
    #[error("refused: {0}")]
    Refused(String),
}

/// Where a file lies, for a few minutes.
#[derive(Clone, Debug, Deserialize)]
pub struct MediaPlace {
    pub url: String,
    pub mime_type: Option<String>,
    /// Of the bytes: hexadecimal or base64.
    pub sha256: Option<String>,
    pub file_size: Option<u64>,
}

/// A file on its way here.
#[derive(Debug)]
pub struct Download {
    response: Response,
    token: SecretString,
}

/// A file on its way there.
#[derive(Debug)]
pub struct Upload {
    pub mime_type: String,
    pub filename: String,
    pub size: u64,
    pub body: Body,
}

impl Upload {
    /// A body of bytes that are still coming. One that breaks off breaks the request off.
    pub fn body_of<S, E>(bytes: S) -> Body
    where
        S: TryStream<Ok = bytes::Bytes, Error = E> + Send + 'static,
        E: std::error::Error + Send + Sync + 'static,
    {
        Body::wrap_stream(bytes)
    }
}

impl Download {
    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// The connection broke, or took too long.
    pub async fn chunk(&mut self) -> Result<Option<bytes::Bytes>, MediaError> {
        let chunk = self.response.chunk().await;
        chunk.map_err(|error| MediaError::NotNow(presentable(&chain(error), &self.token)))
    }
}

impl GraphApi {
    /// Where the file lies. The address is good for five minutes.
    ///
    /// # Errors
    /// See [`MediaError`]. Never holds the token.
    pub async fn media(
        &self,
        credentials: &Credentials,
        id: &str,
    ) -> Result<MediaPlace, MediaError> {
        let url = self.at(&[id]);
        let mut download = self.open(credentials, url, None).await?;
        let mut body = Vec::new();
        while let Some(chunk) = download.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > super::client::ANSWER_MAX {
                break;
            }
        }
        serde_json::from_slice(&body)
            .map_err(|_unreadable| MediaError::NotNow("an answer that cannot be read".to_owned()))
    }

    /// Begins to fetch a file; the whole of it must come within `patience`.
    ///
    /// # Errors
    /// See [`MediaError`]. An address outside of the provider is refused: the token goes along.
    pub async fn download(
        &self,
        credentials: &Credentials,
        place: &MediaPlace,
        patience: Duration,
    ) -> Result<Download, MediaError> {
        let url = Url::parse(&place.url)
            .ok()
            .filter(|url| self.is_provider(url));
        let url = url.ok_or_else(|| MediaError::Refused("an address elsewhere".to_owned()))?;
        let found = self.open(credentials, url, Some(patience)).await;
        // An address that is over: the next try gets a fresh one.
        found.map_err(|error| match error {
            MediaError::Gone(words) => MediaError::NotNow(words),
            error => error,
        })
    }

    /// Hands a file in; `Ok` is the id that it can be sent by for 30 days.
    ///
    /// # Errors
    /// What may be done about it. [`SendError::Ambiguous`]: it is there or it is not; nothing was sent
    /// to anybody, so it may be handed in again.
    pub async fn upload(
        &self,
        credentials: &Credentials,
        upload: Upload,
        patience: Duration,
    ) -> Result<String, SendError> {
        #[derive(Deserialize)]
        struct Uploaded {
            id: String,
        }
        let token = &credentials.access_token;
        let part = Part::stream_with_length(upload.body, upload.size)
            .file_name(upload.filename)
            .mime_str(&upload.mime_type)
            .map_err(|error| SendError::Ambiguous(presentable(&chain(error), token)))?;
        let form = Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", upload.mime_type)
            .part("file", part);
        let url = self.at(&[&credentials.phone_number_id, "media"]);
        let request = self
            .http
            .post(url)
            .timeout(patience)
            .header(AUTHORIZATION, bearer(token)?)
            .multipart(form);
        let response = request.send().await.map_err(|error| {
            let away = error.is_connect();
            let words = presentable(&chain(error), token);
            if away {
                SendError::NotSent(words)
            } else {
                SendError::Ambiguous(words)
            }
        })?;
        let body = self.accepted(credentials, response).await?;
        let uploaded: Result<Uploaded, _> = serde_json::from_slice(&body);
        uploaded
            .map(|uploaded| uploaded.id)
            .map_err(|_unreadable| SendError::Ambiguous("an upload without an id".to_owned()))
    }

    async fn open(
        &self,
        credentials: &Credentials,
        url: Url,
        patience: Option<Duration>,
    ) -> Result<Download, MediaError> {
        let token = &credentials.access_token;
        let bearer = bearer(token).map_err(|error| MediaError::Refused(error.to_string()))?;
        let mut request = self.http.get(url).header(AUTHORIZATION, bearer);
        if let Some(patience) = patience {
            request = request.timeout(patience);
        }
        let response = request
            .send()
            .await
            .map_err(|error| MediaError::NotNow(presentable(&chain(error), token)))?;
        let mut download = Download {
            token: token.clone(),
            response,
        };
        let status = download.response.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(download);
        }
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = download.chunk().await
            && body.len() <= super::client::ANSWER_MAX
        {
            body.extend_from_slice(&chunk);
        }
        let error = GraphError::find(&body);
        let words = error.as_ref().map_or_else(
            || format!("HTTP {status}"),
            |error| presentable(&error.words(), token),
        );
        Err(match (error.map(|error| error.code()), status) {
            (Some(code), _) if GONE.contains(&code) => MediaError::Gone(words),
            (None, 404 | 410) => MediaError::Gone(words),
            (_, 401 | 403) => MediaError::Refused(words),
            _ => MediaError::NotNow(words),
        })
    }

    /// Where Graph itself is, or one of Meta's hosts for files.
    fn is_provider(&self, url: &Url) -> bool {
        let root = &self.root;
        let same = url.scheme() == root.scheme()
            && url.host_str() == root.host_str()
            && url.port_or_known_default() == root.port_or_known_default();
        let meta = url.scheme() == "https"
            && url.host_str().is_some_and(|host| {
                HOSTS.iter().any(|known| {
                    host.strip_suffix(known)
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                })
            });
        same || meta
    }
}

#[cfg(test)]
mod tests {
    use super::{GraphApi, Url};
    use crate::GraphConfig;

    #[test]
    fn the_token_goes_to_the_provider_only() {
        drop(rustls::crypto::ring::default_provider().install_default());
        let graph = |base: &str| GraphApi::new(&GraphConfig::new(base, "v26.0")).unwrap();
        let local = graph("http://127.0.0.1:8090");
        for (url, provider) in [
            ("http://127.0.0.1:8090/_media/1/2", true),
            ("http://127.0.0.1:8091/_media/1/2", false),
            ("https://lookaside.fbsbx.com/whatsapp?mid=1", true),
            ("http://lookaside.fbsbx.com/whatsapp?mid=1", false),
            ("https://fbsbx.com.example.com/", false),
            ("https://notfbsbx.com/", false),
            ("https://example.com/", false),
            ("http://169.254.169.254/latest", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(
                local.is_provider(&Url::parse(url).unwrap()),
                provider,
                "{url}"
            );
        }
    }
}
