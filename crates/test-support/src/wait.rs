//! Waiting for what must become true, with a deadline as bound. For states that announce
//! themselves (a frame, a call, a line) there are better ways; this one is for the rest.

use anyhow::{Error, Result, bail};
use std::io::ErrorKind;
use std::time::{Duration, Instant};

/// Longest wait for anything that must come.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// Looks until `look` finds something. `Ok(None)` says that what is seen is a state on the way
/// there. An error ends the wait, unless it says that there was no answer: a server that is
/// killed, or not up yet, is on the way too. The last such error is told if nothing ever comes.
///
/// # Errors
/// It did not come in time, or looking failed.
pub async fn eventually<T>(
    what: &str,
    patience: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let seen = look().await;
        let late = Instant::now() >= deadline;
        match seen {
            Ok(Some(found)) => return Ok(found),
            Ok(None) if late => bail!("{what}: not within {patience:?}"),
            Err(error) if late => {
                return Err(error.context(format!("{what}: not within {patience:?}")));
            }
            Ok(None) => {}
            Err(error) if was_unanswered(&error) => {}
            Err(error) => return Err(error.context(what.to_owned())),
        }
    }
}

/// Whether somebody was asked and the connection, not they, said no.
fn was_unanswered(error: &Error) -> bool {
    error.chain().any(|cause| {
        if let Some(error) = cause.downcast_ref::<reqwest::Error>() {
            // Nobody parses an answer through the client: decoding fails where a body breaks off.
            return error.is_connect()
                || error.is_request()
                || error.is_timeout()
                || error.is_body()
                || error.is_decode();
        }
        let error = cause.downcast_ref::<std::io::Error>();
        error.is_some_and(|error| is_broken(error.kind()))
    })
}

fn is_broken(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::NotConnected
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
            | ErrorKind::TimedOut
    )
}

#[cfg(test)]
mod tests {
    use super::{PATIENCE, eventually};
    use crate::api::Api;
    use anyhow::{Context, bail};
    use reqwest::Method;
    use std::time::Duration;

    #[tokio::test]
    async fn a_fault_is_not_looked_at_twice() {
        let mut looks = 0;
        let waited = eventually::<()>("an answer", PATIENCE, async || {
            looks += 1;
            bail!("it was answered 409")
        });
        let error = format!("{:#}", waited.await.unwrap_err());
        let once = (1, "an answer: it was answered 409");
        assert_eq!((looks, error.as_str()), once);
    }

    #[tokio::test]
    async fn who_is_not_there_may_come_and_who_never_comes_is_told_of() {
        // Nobody gets through to this port.
        let api = Api::at("http://127.0.0.1:1").unwrap();
        let mut looks = 0;
        let found = eventually("a server", PATIENCE, async || {
            looks += 1;
            if looks < 3 {
                api.call(Method::GET, "/health", &[], None).await?;
                tokio::net::TcpStream::connect("127.0.0.1:1")
                    .await
                    .context("a socket")?;
            }
            Ok(Some(looks))
        });
        assert_eq!(found.await.unwrap(), 3);
        let never = eventually::<()>("a server", Duration::ZERO, async || {
            api.call(Method::GET, "/health", &[], None).await?;
            Ok(None)
        });
        let error = format!("{:#}", never.await.unwrap_err());
        assert!(
            error.contains("not within") && error.contains("GET /health"),
            "{error}"
        );
    }
}
