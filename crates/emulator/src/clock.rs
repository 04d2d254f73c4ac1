//! The emulator's clock: the machine's, moved by an offset that a test may set to let a service
//! window close without waiting. It stamps messages and drives the rules; the webhook schedule
//! runs on monotonic time and must never ask it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Wall-clock time plus an offset, in milliseconds since the epoch.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    offset_ms: i64,
}

impl Clock {
    pub(crate) fn now_ms(self) -> i64 {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| {
                i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
            });
        since_epoch.saturating_add(self.offset_ms)
    }

    pub(crate) fn set_offset_ms(&mut self, offset_ms: i64) {
        self.offset_ms = offset_ms;
    }

    pub(crate) fn offset_ms(self) -> i64 {
        self.offset_ms
    }
}
