//! What a conversation leaves behind that comes and goes.

use super::IdleChecks;
use papo_domain::ConversationId;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// As when the store is away, and each of its items brings it back for nothing.
#[test]
fn a_conversation_that_comes_back_often_is_looked_at_once() {
    let mut checks = IdleChecks::default();
    let (quiet, start) = (Duration::from_secs(300), Instant::now());
    let (restless, other) = (
        ConversationId(Uuid::from_u128(1)),
        ConversationId(Uuid::from_u128(2)),
    );
    for life in 0..1_000 {
        checks.add(start + quiet + Duration::from_millis(200 * life), restless);
    }
    checks.add(start + quiet, other);
    assert_eq!(checks.line.len(), 2);

    assert_eq!(checks.take_due(start), None);
    let due = start + quiet;
    assert_eq!(checks.take_due(due), Some(restless));
    assert_eq!(checks.take_due(due), Some(other));
    checks.add(due + quiet, restless);
    assert_eq!(checks.take_due(due + quiet), Some(restless));
    assert_eq!(checks.take_due(due + quiet), None);
}
