//! Deadlines: `wake_at` is a lower bound that commits leave alone while it is one.

use crate::bench::{Bench, Draft, Tenant};
use papo_domain::conversation::{Deadline, DeadlineKind};
use papo_domain::ports::{EngineStore, Wake};
use papo_domain::{ConversationId, Timestamp};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

struct Start {
    bench: Bench,
    one: Tenant,
    conversation: ConversationId,
    now: Timestamp,
}

async fn start() -> Start {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let now: Timestamp = bench.one("SELECT now()", &[]).await;
    Start {
        bench,
        one,
        conversation,
        now,
    }
}

impl Start {
    async fn stored(&self) -> Option<Timestamp> {
        self.bench
            .one("SELECT wake_at FROM conversation_state", &[])
            .await
    }

    async fn due(&self, before: Timestamp) -> Vec<Wake> {
        self.bench
            .store
            .due_wakes(self.one.id, before, 10)
            .await
            .unwrap()
    }
}

fn armed(draft: Draft, at: Option<Timestamp>) -> Draft {
    draft.with(|c| {
        c.state.deadlines = at
            .map(|at| Deadline {
                kind: DeadlineKind::BotIdle,
                at,
                generation: 1,
            })
            .into_iter()
            .collect();
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wake_moves_earlier_or_not_at_all() {
    let s = start().await;
    let draft = armed(Draft::first(&s.one, s.conversation), Some(s.now + HOUR));
    s.bench.commit(&s.one, draft.clone()).await.unwrap();
    assert_eq!(s.stored().await, Some(s.now + HOUR));
    let later = armed(draft.then(&s.one), Some(s.now + HOUR * 2));
    s.bench.commit(&s.one, later.clone()).await.unwrap();
    assert_eq!(s.stored().await, Some(s.now + HOUR), "still a lower bound");
    let none = armed(later.then(&s.one), None);
    s.bench.commit(&s.one, none.clone()).await.unwrap();
    assert_eq!(s.stored().await, Some(s.now + HOUR), "still a lower bound");
    let sooner = armed(none.then(&s.one), Some(s.now + HOUR / 2));
    s.bench.commit(&s.one, sooner.clone()).await.unwrap();
    assert_eq!(s.stored().await, Some(s.now + HOUR / 2));
    // One that has fired is replaced.
    let fired = s.now - HOUR;
    s.bench
        .run("UPDATE conversation_state SET wake_at = $1", &[&fired])
        .await;
    let next = armed(sooner.then(&s.one), Some(s.now + HOUR));
    s.bench.commit(&s.one, next).await.unwrap();
    assert_eq!(s.stored().await, Some(s.now + HOUR));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_what_is_armed() {
    let s = start().await;
    let at = s.now + HOUR;
    let draft = armed(Draft::first(&s.one, s.conversation), Some(at));
    s.bench.commit(&s.one, draft.clone()).await.unwrap();
    assert_eq!(s.due(at).await, []);
    let wake = Wake {
        conversation: s.conversation,
        at,
    };
    assert_eq!(s.due(at + HOUR).await, [wake]);

    // The bound is earlier than the deadline: corrected, not fired.
    let later = armed(draft.then(&s.one), Some(at + HOUR));
    s.bench.commit(&s.one, later.clone()).await.unwrap();
    assert_eq!(s.stored().await, Some(at));
    assert_eq!(s.due(at + HOUR / 2).await, []);
    assert_eq!(s.stored().await, Some(at + HOUR));

    // No deadline is left at all.
    let none = armed(later.then(&s.one), None);
    s.bench.commit(&s.one, none).await.unwrap();
    assert_eq!(s.due(at + HOUR * 9).await, []);
    assert_eq!(s.stored().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_snapshot_is_still_woken() {
    let s = start().await;
    s.bench
        .run(
            "UPDATE conversation_state SET payload = 'x', wake_at = $1",
            &[&s.now],
        )
        .await;
    assert_eq!(s.due(s.now + HOUR).await.len(), 1);
}
