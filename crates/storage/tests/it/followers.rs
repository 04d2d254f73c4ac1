//! Followers of the streams: each event counts once, in order, whoever reads it and however often
//! it is tried; what they made can be made anew.

use crate::bench::{Bench, Draft, Tenant, at, settings, store_on};
use papo_domain::conversation::{CloseReason, Event, HandoffReason, Originator, Priority};
use papo_domain::ids::{ConversationId, HandoffId, UserId};
use papo_domain::ports::EngineStore;
use papo_storage::Follower;
use uuid::Uuid;

const ANA: UserId = UserId(Uuid::from_u128(1));

/// A session with everything in it, in a few commits. Returns its last one.
pub(crate) async fn attended(
    bench: &Bench,
    tenant: &Tenant,
    conversation: ConversationId,
) -> Draft {
    let asked = Event::HandoffRequested {
        handoff: HandoffId(Uuid::now_v7()),
        at: at(10),
        department: None,
        priority: Priority::Medium,
        reason: HandoffReason::Keyword,
        by: Originator::Customer,
        since: None,
        passed_over: None,
        preferred: None,
        skills: Vec::new(),
    };
    let opened = Draft::first(tenant, conversation)
        .event(Event::SessionOpened { at: at(0) })
        .inbound(&format!("in-{conversation}"), "oi")
        .bot(tenant, "olá");
    bench.commit(tenant, opened.clone()).await.unwrap();
    let waiting = opened.then(tenant).event(asked);
    bench.commit(tenant, waiting.clone()).await.unwrap();
    let led = waiting.then(tenant).takeover(ANA).reply(tenant, ANA, "oi");
    bench.commit(tenant, led.clone()).await.unwrap();
    let closed = led.then(tenant).event(Event::Closed {
        by: Originator::User(ANA),
        at: at(60),
        reason: CloseReason::Staff,
        upto_seq: 3,
    });
    bench.commit(tenant, closed.clone()).await.unwrap();
    closed
}

pub(crate) async fn follow_all(bench: &Bench, tenant: &Tenant) {
    while bench
        .store
        .follow(Follower::Metrics, tenant.id)
        .await
        .unwrap()
    {}
}

/// Every fact as one text, by conversation and session.
pub(crate) async fn facts(bench: &Bench, tenant: &Tenant) -> Vec<String> {
    bench
        .column(
            "SELECT concat_ws('|', s.session, s.end_reason, s.inbound, s.bot, s.staff, s.transfers,
                    extract(epoch FROM s.ended_at - s.opened_at)::int,
                    (SELECT string_agg(concat_ws(',', r.number, r.user_id, r.end_kind, r.sent), ';'
                                       ORDER BY r.number)
                     FROM attendance_stretches r
                     WHERE r.tenant_id = s.tenant_id AND r.conversation_id = s.conversation_id
                       AND r.session = s.session))
             FROM service_sessions s WHERE s.tenant_id = $1
             ORDER BY s.conversation_id, s.session",
            &[&tenant.id.0],
        )
        .await
}

/// What each slice's days come to, as `slice sessions ended inbound attended sent`.
pub(crate) async fn days(bench: &Bench, tenant: &Tenant) -> Vec<String> {
    bench
        .column(
            "SELECT concat_ws(' ', d.slice, sum((d.tally->>'sessions')::int), sum((d.tally->>'ended')::int),
                    sum((d.tally->>'inbound')::int), sum((d.tally->>'attended')::int),
                    sum((d.tally->>'sent')::int))
             FROM attendance_days d WHERE d.tenant_id = $1 GROUP BY d.slice ORDER BY d.slice",
            &[&tenant.id.0],
        )
        .await
}

/// Each reading takes the facts as they were away and counts them as they are.
#[tokio::test(flavor = "multi_thread")]
async fn days_come_to_what_their_facts_say_however_they_were_read() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation)
        .event(Event::SessionOpened { at: at(0) })
        .inbound("in-1", "oi");
    bench.commit(&one, draft.clone()).await.unwrap();
    follow_all(&bench, &one).await;
    let draft = draft.then(&one).takeover(ANA).reply(&one, ANA, "oi");
    bench.commit(&one, draft.clone()).await.unwrap();
    follow_all(&bench, &one).await;
    let draft = draft
        .then(&one)
        .inbound("in-2", "obrigado")
        .event(Event::Closed {
            by: Originator::User(ANA),
            at: at(60),
            reason: CloseReason::Staff,
            upto_seq: 3,
        });
    bench.commit(&one, draft).await.unwrap();
    follow_all(&bench, &one).await;
    let expected = ["attendant", "channel", "department", "whole"];
    let expected = expected.map(|slice| format!("{slice} 1 1 2 1 1"));
    assert_eq!(days(&bench, &one).await, expected);
    bench.store.forget(Follower::Metrics, one.id).await.unwrap();
    follow_all(&bench, &one).await;
    assert_eq!(days(&bench, &one).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_what_the_stream_says_of_each_tenant() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let two = bench.tenant("two", 2).await;
    for (tenant, number) in [(&one, "5511999990001"), (&two, "5511999990002")] {
        let conversation = bench.conversation(tenant, number).await;
        attended(&bench, tenant, conversation).await;
    }
    follow_all(&bench, &one).await;
    let expected = format!("1|staff|1|1|1|0|60|1,{},closed,1", ANA.0);
    assert_eq!(facts(&bench, &one).await, [expected.as_str()]);
    assert_eq!(facts(&bench, &two).await, Vec::<String>::new());

    // Asked again, nothing counts twice; what is new is taken up where the other ended.
    follow_all(&bench, &one).await;
    let conversation = bench.conversation(&one, "5511999990003").await;
    attended(&bench, &one, conversation).await;
    follow_all(&bench, &one).await;
    assert_eq!(facts(&bench, &one).await, [expected.as_str(), &expected]);
}

/// More events than one reading takes, read by two nodes at once.
#[tokio::test(flavor = "multi_thread")]
async fn two_who_follow_count_each_event_once() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let mut draft = Draft::first(&one, conversation).event(Event::SessionOpened { at: at(0) });
    for round in 0..12 {
        for n in 0..100 {
            draft = draft.inbound(&format!("in-{round}-{n}"), "oi");
        }
        bench.commit(&one, draft.clone()).await.unwrap();
        draft = draft.then(&one);
    }
    let (other, _sink) = store_on(&bench.db, &settings());
    let read = async |store: &papo_storage::PgEngineStore| {
        while store.follow(Follower::Metrics, one.id).await.unwrap() {}
    };
    tokio::join!(read(&bench.store), read(&other));
    follow_all(&bench, &one).await;
    let inbound: i32 = bench.one("SELECT inbound FROM service_sessions", &[]).await;
    assert_eq!(inbound, 1_200);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_have_something_to_read_are_found() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let _two = bench.tenant("two", 2).await;
    let shards = bench.store.held_shards();
    let behind = async || {
        let behind = bench.store.behind(Follower::Metrics, shards.clone()).await;
        behind.unwrap()
    };
    assert_eq!(behind().await, []);
    let conversation = bench.conversation(&one, "5511999990001").await;
    attended(&bench, &one, conversation).await;
    assert_eq!(behind().await, [one.id]);
    follow_all(&bench, &one).await;
    assert_eq!(behind().await, []);
    let head = i64::try_from(bench.store.head(one.id).await.unwrap()).unwrap();
    let cursor: i64 = bench.one("SELECT seq FROM stream_cursors", &[]).await;
    assert_eq!(cursor, head);
}
