use super::{ApiError, FieldFault};
use actix_web::ResponseError as _;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn logged(error: &ApiError) -> String {
    let log = Log::default();
    let to_log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::with_default(to_log, || {
        drop(error.render(&crate::http::middleware::RequestContext::default()));
    });
    let log = log.0.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&log).into_owned()
}

#[test]
fn a_refusal_is_logged_without_what_was_sent() {
    let quoting = |field: &str| FieldFault::new(field, "unknown variant `5511987654321`");
    for error in [
        ApiError::Unreadable(quoting("5511987654321")),
        ApiError::Invalid(vec![quoting("phone"), quoting("name")]),
    ] {
        let line = logged(&error);
        assert!(line.contains("request refused"), "{line}");
        assert!(line.contains(error.entry().code), "{line}");
        assert!(!line.contains("5511987654321"), "{line}");
    }
    let line = logged(&ApiError::Invalid(vec![quoting("phone")]));
    assert!(line.contains("phone"), "{line}");
}

/// 503 promises that nothing was done; where that is not known, it is not promised.
#[test]
fn an_unknown_outcome_is_no_promise() {
    let lost = ApiError::from(crate::engine::DispatchError::Unknown);
    assert_eq!(
        (lost.status_code().as_u16(), lost.entry().code),
        (504, "outcome_unknown")
    );
    assert_eq!(lost.retry_after(), None);
}
