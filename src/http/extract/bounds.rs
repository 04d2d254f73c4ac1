//! Taking a body from its connection: how much of it, for how long, and how much of all bodies
//! together may lie in memory. Whoever sends a body has not proved anything yet, so nothing here
//! looks inside.

use crate::config::Server;
use crate::error::{ApiError, FieldFault};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::rt::spawn;
use actix_web::rt::time::{sleep, timeout};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::{Stream, StreamExt as _};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory is counted in units of this many bytes.
const UNIT: usize = 1024;
/// A refusal is on its way to the client after this time.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// What bodies are held to. Clones count together.
#[derive(Clone, Debug)]
pub struct Bounds {
    limit: usize,
    time: Duration,
    memory: Arc<Semaphore>,
}

/// The bounds of both kinds of bodies. A flood of one leaves the other its memory.
#[derive(Clone, Debug)]
pub struct Bodies {
    pub webhooks: Bounds,
    pub requests: Bounds,
}

impl Bodies {
    /// As configured.
    #[must_use]
    pub fn of(server: &Server) -> Self {
        let bounds = |limit, memory| Bounds::new(limit, server.body_timeout, memory);
        Self {
            webhooks: bounds(server.webhook_body_limit, server.webhook_memory),
            requests: bounds(server.body_limit, server.body_memory),
        }
    }
}

/// A body in memory. Its share is free again when it is dropped.
#[derive(Debug)]
pub struct Taken {
    pub bytes: web::Bytes,
    _share: OwnedSemaphorePermit,
}

impl Bounds {
    /// Bodies of up to `limit` bytes that arrive within `time`, all together up to `memory`
    /// bytes.
    #[must_use]
    pub fn new(limit: usize, time: Duration, memory: usize) -> Self {
        let units = (memory / UNIT).min(Semaphore::MAX_PERMITS);
        Self {
            limit,
            time,
            memory: Arc::new(Semaphore::new(units)),
        }
    }

    /// Memory is taken as bytes arrive: who announces much and sends little holds little.
    async fn collect(
        &self,
        announced: Option<usize>,
        mut body: Pin<&mut (impl Stream<Item = Result<web::Bytes, PayloadError>> + ?Sized)>,
    ) -> Result<Taken, ApiError> {
        if announced.is_some_and(|length| length > self.limit) {
            return Err(ApiError::TooLarge);
        }
        let mut share = self.share(0)?;
        let mut bytes = web::BytesMut::new();
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| match error {
                PayloadError::Overflow => ApiError::TooLarge,
                _ => ApiError::Unreadable(FieldFault::new("body", "cannot be read")),
            })?;
            let length = bytes.len() + chunk.len();
            if length > self.limit {
                return Err(ApiError::TooLarge);
            }
            let more = length.div_ceil(UNIT).saturating_sub(share.num_permits());
            share.merge(self.share(more)?);
            bytes.extend_from_slice(&chunk);
        }
        Ok(Taken {
            bytes: bytes.freeze(),
            _share: share,
        })
    }

    fn share(&self, units: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let share = Arc::clone(&self.memory).try_acquire_many_owned(units);
        share.map_err(|_no_room| ApiError::Busy)
    }
}

impl FromRequest for Taken {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Self::within(req, payload, None)
    }
}

impl Taken {
    /// Takes the body of a route that has a limit of its own.
    pub fn within(
        req: &HttpRequest,
        payload: &mut Payload,
        limit: Option<usize>,
    ) -> <Self as FromRequest>::Future {
        let bounds = req.app_data::<Bounds>().cloned();
        let bounds = bounds.map(|bounds| Bounds {
            limit: limit.unwrap_or(bounds.limit),
            ..bounds
        });
        let announced = req.headers().get(CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
        let plain = is_plain(req);
        let mut body = Box::pin(payload.take());
        Box::pin(async move {
            let bounds = bounds.ok_or_else(|| ApiError::internal("a body without bounds"))?;
            let taken = if plain {
                timeout(bounds.time, bounds.collect(announced, body.as_mut())).await
            } else {
                Ok(Err(ApiError::UnsupportedMediaType))
            };
            let taken = taken.unwrap_or(Err(ApiError::Slow));
            if taken.is_err() {
                // The framework reads on what nobody holds any more, for as long as the client
                // likes. While it is held, the connection ends with the answer.
                spawn(async move {
                    sleep(ANSWERED_WITHIN).await;
                    drop(body);
                });
            }
            taken
        })
    }
}

/// Compressed bodies are not taken: a few bytes of one can be a thousand times as many in memory
/// before anybody counts them, and a signature is over the bytes that were sent.
fn is_plain(req: &HttpRequest) -> bool {
    let mut encodings = req.headers().get_all(CONTENT_ENCODING);
    encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

#[cfg(test)]
mod tests {
    use super::Bounds;
    use crate::error::ApiError;
    use actix_web::error::PayloadError;
    use actix_web::web::Bytes;
    use futures_util::{Stream, StreamExt as _, stream};
    use std::pin::Pin;
    use std::time::Duration;

    fn sent(chunks: &[usize]) -> Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> {
        let chunks: Vec<_> = chunks
            .iter()
            .map(|length| Ok(vec![b'x'; *length].into()))
            .collect();
        Box::pin(stream::iter(chunks))
    }

    #[actix_web::test]
    async fn all_bodies_together_have_a_bound() {
        let bounds = Bounds::new(8 << 10, Duration::from_secs(60), 10 << 10);
        let first = bounds.collect(None, sent(&[1; 6_000]).as_mut()).await;
        let first = first.expect("there is room");
        assert_eq!(first.bytes.len(), 6_000);
        let second = bounds.collect(None, sent(&[4_096, 1]).as_mut()).await;
        assert!(matches!(second, Err(ApiError::Busy)), "{second:?}");
        // What a refused one held is free again, and all of it when the first is done with.
        let small = bounds.collect(None, sent(&[4_096]).as_mut()).await;
        assert!(small.is_ok());
        drop((first, small));
        let large = bounds.collect(None, sent(&[8 << 10]).as_mut()).await;
        assert!(large.is_ok());
    }

    #[actix_web::test]
    async fn announcing_takes_no_memory() {
        let bounds = Bounds::new(8 << 10, Duration::from_secs(60), 8 << 10);
        let mut waiting: Vec<_> = (0..50)
            .map(|_| {
                let bounds = bounds.clone();
                Box::pin(async move {
                    let mut never = Box::pin(sent(&[10]).chain(stream::pending()));
                    bounds.collect(Some(8 << 10), never.as_mut()).await
                })
            })
            .collect();
        // Seven units are taken by what seven of them have sent.
        for one in waiting.iter_mut().take(7) {
            assert!(futures_util::poll!(one).is_pending());
        }
        let honest = bounds.collect(Some(1_024), sent(&[1_024]).as_mut()).await;
        assert!(honest.is_ok(), "{honest:?}");
    }
}
