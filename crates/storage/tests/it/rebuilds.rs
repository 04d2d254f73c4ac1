//! What followers made is made anew, as far as the events are kept.

use crate::bench::{Bench, Draft, Tenant, at, settings, store_on};
use crate::followers::{attended, days, facts, follow_all};
use papo_domain::conversation::{CloseReason, Event, Originator};
use papo_domain::ids::UserId;
use papo_storage::{EngineSettings, Follower, SessionLimits};
use std::time::Duration;
use uuid::Uuid;

const ANA: UserId = UserId(Uuid::from_u128(1));

async fn forget(bench: &Bench, tenant: &Tenant) {
    let forgotten = bench.store.forget(Follower::Metrics, tenant.id).await;
    forgotten.unwrap();
}

/// The oldest days of events are gone, those of the first sessions with them.
async fn lose_beginnings(bench: &Bench) {
    bench
        .run("DELETE FROM events WHERE kind = 'session_opened'", &[])
        .await;
}

/// What was stored before the stream's beginning stays; everything else is made anew, the same.
#[tokio::test(flavor = "multi_thread")]
async fn facts_are_made_anew_from_the_stream() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    attended(&bench, &one, conversation).await;
    follow_all(&bench, &one).await;
    let before = facts(&bench, &one).await;
    bench
        .run("UPDATE service_sessions SET inbound = 99, staff = 7", &[])
        .await;
    bench.store.forget(Follower::Metrics, one.id).await.unwrap();
    follow_all(&bench, &one).await;
    assert_eq!(facts(&bench, &one).await, before);

    // Its beginning is gone: nothing can be made of the rest, so it is kept, though it ended later.
    bench
        .run("UPDATE events SET at = at + interval '1 day'", &[])
        .await;
    bench
        .run("DELETE FROM events WHERE kind = 'session_opened'", &[])
        .await;
    bench.store.forget(Follower::Metrics, one.id).await.unwrap();
    follow_all(&bench, &one).await;
    let kept: i64 = bench
        .one("SELECT count(*) FROM service_sessions", &[])
        .await;
    assert_eq!(kept, 1);
    assert_eq!(facts(&bench, &one).await, before);
    let days = days(&bench, &one).await;
    assert_eq!(days.last().map(String::as_str), Some("whole 1 1 1 1 1"));
}

/// It goes on where it was, and what it was made of does not count again.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_runs_and_lost_its_beginning_goes_on() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation)
        .event(Event::SessionOpened { at: at(0) })
        .inbound("in-1", "oi");
    bench.commit(&one, draft.clone()).await.unwrap();
    let draft = draft.then(&one).takeover(ANA).reply(&one, ANA, "oi");
    bench.commit(&one, draft.clone()).await.unwrap();
    follow_all(&bench, &one).await;
    lose_beginnings(&bench).await;
    let draft = draft.then(&one).inbound("in-2", "obrigado");
    bench.commit(&one, draft.clone()).await.unwrap();
    forget(&bench, &one).await;
    forget(&bench, &one).await;
    follow_all(&bench, &one).await;
    let draft = draft.then(&one).inbound("in-3", "tchau");
    bench.commit(&one, draft.clone()).await.unwrap();
    follow_all(&bench, &one).await;
    let counts = bench
        .column(
            "SELECT concat_ws(' ', session, inbound, staff, stretches) FROM service_sessions",
            &[],
        )
        .await;
    let counts: Vec<String> = counts;
    assert_eq!(counts, ["1 3 1 1"]);

    // What comes after it is counted, and made anew, as ever.
    let draft = draft.then(&one).event(closed(60));
    bench.commit(&one, draft.clone()).await.unwrap();
    let draft = draft
        .then(&one)
        .event(Event::SessionOpened { at: at(70) })
        .inbound("in-4", "oi");
    bench.commit(&one, draft).await.unwrap();
    follow_all(&bench, &one).await;
    let before = facts(&bench, &one).await;
    assert_eq!(before.len(), 2);
    forget(&bench, &one).await;
    follow_all(&bench, &one).await;
    assert_eq!(facts(&bench, &one).await, before);
}

fn closed(second: i64) -> Event {
    Event::Closed {
        by: Originator::User(ANA),
        at: at(second),
        reason: CloseReason::Staff,
        upto_seq: 3,
    }
}

/// No statement takes as long as all of it does.
#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_facts_is_made_anew() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    attended(&bench, &one, conversation).await;
    follow_all(&bench, &one).await;
    bench
        .run(
            "INSERT INTO service_sessions (tenant_id, conversation_id, session, channel_id, opened_at,
                 transfers, inbound, bot, staff, stretches, opened_seq)
             SELECT $1, $2, n, $3, now(), 0, 0, 0, 0, 0, n FROM generate_series(2, 60000) AS n",
            &[&one.id.0, &conversation.0, &one.channel.0],
        )
        .await;
    let hurried = EngineSettings {
        limits: SessionLimits {
            statement: Duration::from_millis(300),
            ..SessionLimits::default()
        },
        ..settings()
    };
    let (store, _sink) = store_on(&bench.db, &hurried);
    store.forget(Follower::Metrics, one.id).await.unwrap();
    let left: i64 = bench
        .one("SELECT count(*) FROM service_sessions", &[])
        .await;
    assert_eq!(left, 0);
}

/// What was counted on a day is taken away from that day, wherever the day of the same moment is now.
#[tokio::test(flavor = "multi_thread")]
async fn days_add_up_though_the_time_zone_changes() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation)
        .event(Event::SessionOpened { at: at(0) })
        .inbound("in-1", "oi")
        .takeover(ANA);
    bench.commit(&one, draft.clone()).await.unwrap();
    follow_all(&bench, &one).await;
    bench
        .run(
            "UPDATE tenants SET policy = policy || '{\"business_hours\": {\"timezone\": \"Pacific/Honolulu\"}}'",
            &[],
        )
        .await;
    let draft = draft.then(&one).reply(&one, ANA, "oi").event(closed(60));
    bench.commit(&one, draft).await.unwrap();
    follow_all(&bench, &one).await;
    let by_day = async || -> Vec<String> {
        bench
            .column(
                "SELECT concat_ws(' ', day, tally->>'sessions', tally->>'ended', tally->>'attended',
                        tally->>'closed')
                 FROM attendance_days WHERE slice = 'whole' ORDER BY day",
                &[],
            )
            .await
    };
    assert_eq!(by_day().await, ["2027-01-15 1 1 1 1"]);
    forget(&bench, &one).await;
    follow_all(&bench, &one).await;
    assert_eq!(by_day().await, ["2027-01-14 1 1 1 1"]);
}
