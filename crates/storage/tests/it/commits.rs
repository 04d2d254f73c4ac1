//! A conversation's commit: whole or not at all, for the tenant whose row it is, once.

use crate::bench::{Bench, Draft, inbound};
use papo_domain::UserId;
use papo_domain::ports::{Commit, CommitError, DeliveryStatus, EngineStore, EventBody};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_stores_everything_it_holds() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let row = bench.item(&one, "wamid.1", inbound("wamid.1", "oi")).await;
    let draft = Draft::first(&one, conversation)
        .inbound("wamid.1", "oi")
        .bot(&one, "olá")
        .with(|c| c.inbox_done.push(row));
    let done = bench.commit(&one, draft).await.unwrap();
    assert_eq!(
        (done.first_event, done.cancelled, done.on_the_wire),
        (1, 0, 0)
    );

    let activation = bench.store.activate(one.id, conversation).await.unwrap();
    assert_eq!((activation.version, activation.state.seq), (1, 2));
    assert_eq!(activation.channel, one.channel);
    assert_eq!(activation.name.as_deref(), Some("Ana Exemplo"));
    let said: Vec<_> = activation.recent.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(said, ["oi", "olá"]);
    assert_eq!(
        bench.delivery(&one, conversation, 2).await,
        Some(DeliveryStatus::Queued)
    );
    assert_eq!(bench.delivery(&one, conversation, 1).await, None);
    let last: i64 = bench
        .one(
            "SELECT last_seq FROM conversations WHERE id = $1",
            &[&conversation.0],
        )
        .await;
    assert_eq!(last, 2);
    let open: i64 = bench
        .one("SELECT count(*) FROM inbox WHERE id = $1", &[&row])
        .await;
    let keys: i64 = bench.one("SELECT count(*) FROM inbox_keys", &[]).await;
    assert_eq!((open, keys), (0, 1));

    // What was offered is what the stream holds.
    let stored = bench.store.events_after(one.id, 0, 100).await.unwrap();
    let batches = bench.sink.batches.lock().unwrap();
    assert_eq!(batches.len(), 1);
    assert_eq!(batches[0].tenant, one.id);
    let offered: Vec<_> = batches[0].events.iter().map(|e| (**e).clone()).collect();
    assert_eq!(offered, stored);
    assert_eq!(stored.len(), 2);
    assert!(stored[0].message.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_is_a_conflict_and_stores_nothing() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation).bot(&one, "um");
    bench.commit(&one, draft.clone()).await.unwrap();
    let row = bench.item(&one, "wamid.1", inbound("wamid.1", "oi")).await;
    let late = draft.with(|c| c.inbox_done.push(row));
    assert_eq!(bench.commit(&one, late).await, Err(CommitError::Conflict));
    let messages: i64 = bench.one("SELECT count(*) FROM messages", &[]).await;
    let events: i64 = bench.one("SELECT count(*) FROM events", &[]).await;
    assert_eq!((messages, events), (1, 1));
    let state: String = bench
        .one("SELECT state FROM inbox WHERE id = $1", &[&row])
        .await;
    assert_eq!(state, "pending");
}

/// The lane takes the tenant from the conversation's row: naming another tenant's conversation
/// finds no row, alone and in the company of honest commits.
#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_conversation_cannot_be_written() {
    let bench = Bench::new().await;
    // One shard, so that all of it is one batch of one writer.
    let (one, two) = (bench.tenant("one", 7).await, bench.tenant("two", 7).await);
    let theirs = bench.conversation(&two, "5511999990001").await;
    let own = bench.conversation(&one, "5511999990002").await;
    let forged: Commit = Draft::first(&two, theirs)
        .inbound("wamid.x", "forged")
        .bot(&one, "forged")
        .takeover(UserId(Uuid::now_v7()))
        .with(|c| c.tenant = one.id)
        .done();
    let honest = Draft::first(&one, own).bot(&one, "honest").done();
    let both = tokio::join!(
        bench.store.commit(one.lease, forged),
        bench.store.commit(one.lease, honest),
    );
    assert_eq!(both.0, Err(CommitError::Conflict));
    assert!(both.1.is_ok());
    for table in ["messages", "events", "outbox"] {
        let rows: Vec<Uuid> = bench
            .column(&format!("SELECT conversation_id FROM {table}"), &[])
            .await;
        assert!(rows.iter().all(|c| *c == own.0), "{table}: {rows:?}");
    }
    let version: i64 = bench
        .one(
            "SELECT version FROM conversation_state WHERE conversation_id = $1",
            &[&theirs.0],
        )
        .await;
    assert_eq!(version, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_has_one_outcome() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let row = bench.item(&one, "wamid.1", inbound("wamid.1", "oi")).await;
    let first = Draft::first(&one, conversation)
        .inbound("wamid.1", "oi")
        .with(|c| c.inbox_done.push(row));
    bench.commit(&one, first.clone()).await.unwrap();
    // Decided a second time, on the right version: its effect is there already.
    let again = first
        .then(&one)
        .inbound("wamid.1", "oi")
        .with(|c| c.inbox_done.push(row));
    assert_eq!(
        bench.commit(&one, again).await,
        Err(CommitError::Replayed(serde_json::Value::Null))
    );
    let messages: i64 = bench.one("SELECT count(*) FROM messages", &[]).await;
    assert_eq!(messages, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_takeover_withdraws_and_counts() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let user = UserId(Uuid::now_v7());
    let conversation = bench.conversation(&one, "5511999990001").await;
    let first = Draft::first(&one, conversation)
        .bot(&one, "um")
        .bot(&one, "dois")
        .reply(&one, user, "pessoa")
        .bot(&one, "três");
    bench.commit(&one, first.clone()).await.unwrap();
    let claimed = bench.claim(&one).await;
    assert_eq!(claimed.len(), 1, "one at a time");
    let takeover = first.then(&one).takeover(user);
    let done = bench.commit(&one, takeover).await.unwrap();
    assert_eq!((done.cancelled, done.on_the_wire), (2, 1));
    let states: Vec<String> = bench
        .column("SELECT state FROM outbox ORDER BY seq", &[])
        .await;
    assert_eq!(states, ["sending", "cancelled", "queued", "cancelled"]);
    assert_eq!(
        bench.delivery(&one, conversation, 2).await,
        Some(DeliveryStatus::Cancelled)
    );
    // Clients are told of each, after the takeover itself.
    let events = bench
        .store
        .events_after(one.id, done.first_event - 1, 100)
        .await
        .unwrap();
    let told: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::Delivery { seq, status, .. } => Some((*seq, *status)),
            EventBody::Conversation { .. }
            | EventBody::Customer { .. }
            | EventBody::Notification { .. } => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, DeliveryStatus::Cancelled),
            (4, DeliveryStatus::Cancelled)
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_send_is_marked_and_only_upwards() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let first = Draft::first(&one, conversation)
        .bot(&one, "um")
        .bot(&one, "dois");
    bench.commit(&one, first.clone()).await.unwrap();
    bench
        .run("UPDATE messages SET delivery = 50 WHERE seq = 2", &[])
        .await;
    let failed = first
        .then(&one)
        .with(|c| c.failed.extend([(1, 131_026), (2, 131_026)]));
    bench.commit(&one, failed).await.unwrap();
    assert_eq!(
        bench.delivery(&one, conversation, 1).await,
        Some(DeliveryStatus::Failed)
    );
    assert_eq!(
        bench.delivery(&one, conversation, 2).await,
        Some(DeliveryStatus::Delivered)
    );
    let code: i64 = bench
        .one(
            "SELECT (delivery_error->>'code')::bigint FROM messages WHERE seq = 1",
            &[],
        )
        .await;
    assert_eq!(code, 131_026);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_kept() {
    use papo_domain::conversation::{
        HandoffChange, HandoffReason, Originator, Owner, Priority, TransferKind, TransferRecord,
    };
    use papo_domain::{DepartmentId, HandoffId};
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let user = UserId(Uuid::now_v7());
    let conversation = bench.conversation(&one, "5511999990001").await;
    let id = HandoffId::of(conversation, 2);
    let at = crate::bench::at(0);
    let department = Some(DepartmentId(Uuid::now_v7()));
    let open = HandoffChange::Open {
        id,
        department,
        priority: Priority::Medium,
        reason: HandoffReason::Keyword,
        note: Some("quer um \0 gerente".to_owned()),
        by: Originator::Customer,
        at,
        since: at,
    };
    let to = Owner::User(user);
    let draft = Draft::first(&one, conversation).with(|c| {
        c.handoffs.extend([
            open,
            HandoffChange::Escalate {
                id,
                priority: Priority::Urgent,
            },
            HandoffChange::Assign { id, to, at },
            HandoffChange::Complete {
                id,
                resolution: Some("resolvido".to_owned()),
                satisfaction: Some(5),
                at,
            },
        ]);
        c.transfers.push(TransferRecord {
            kind: TransferKind::Takeover,
            from: None,
            to: Some(to),
            department,
            by: Originator::User(user),
            note: None,
            at,
        });
    });
    bench.commit(&one, draft).await.unwrap();
    let row = bench
        .admin
        .query_one(
            "SELECT status, priority, reason, note, requested_by, assigned_user_id, resolution,
                    customer_satisfaction
             FROM handoffs WHERE id = $1",
            &[&id.0],
        )
        .await
        .unwrap();
    let words: Vec<String> = [0, 1, 2, 3, 4, 6].iter().map(|i| row.get(*i)).collect();
    assert_eq!(
        words,
        [
            "completed",
            "urgent",
            "keyword",
            "quer um \u{FFFD} gerente",
            "customer",
            "resolvido"
        ]
    );
    assert_eq!(row.get::<_, Option<Uuid>>(5), Some(user.0));
    assert_eq!(row.get::<_, Option<i16>>(7), Some(5));
    let transfers: Vec<Uuid> = bench
        .column(
            "SELECT to_user_id FROM conversation_transfers WHERE kind = 'takeover'",
            &[],
        )
        .await;
    assert_eq!(transfers, [user.0]);
}
