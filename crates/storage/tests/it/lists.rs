//! What the HTTP side shows of conversations, queues and supervision, and to whom.

use crate::bench::{Bench, Draft, Tenant, at, inbound};
use crate::people::{app, user};
use papo_domain::ports::{EngineStore, InboxVerdict};
use papo_domain::routing::arrival;
use papo_domain::tenant::TenantPolicy;
use papo_domain::{ConversationId, DepartmentId, HandoffId, MessageId, Role, UserId};
use papo_storage::app::{
    Assignee, ConversationFilter, ConversationPosition, HandoffPosition, MessagePage, Sight,
};
use papo_storage::{Database, DbError};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A conversation as lists show it, with its one message at second `at_second`.
pub(crate) async fn listed(
    bench: &Bench,
    tenant: &Tenant,
    n: u32,
    at_second: i64,
    assigned: Option<UserId>,
    department: Option<DepartmentId>,
) -> ConversationId {
    let id = bench.conversation(tenant, &format!("55119{n:08}")).await;
    let draft = Draft::first(tenant, id).inbound(&format!("wamid.{n}"), &format!("texto {n}"));
    bench.commit(tenant, draft).await.unwrap();
    bench
        .run(
            "UPDATE conversations SET last_message_at = $3, assigned_user_id = $4, department_id = $5
             WHERE tenant_id = $1 AND id = $2",
            &[
                &tenant.id.0,
                &id.0,
                &at(at_second),
                &assigned.map(|user| user.0),
                &department.map(|d| d.0),
            ],
        )
        .await;
    id
}

pub(crate) async fn seen(
    app: &Database,
    tenant: &Tenant,
    sight: &Sight,
    filter: &ConversationFilter,
) -> BTreeSet<ConversationId> {
    let rows = app
        .list_conversations(tenant.id, sight, filter, None, 100)
        .await
        .unwrap();
    rows.into_iter().map(|row| ConversationId(row.id)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn attendants_see_their_own_and_what_is_nobodys() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let (ana, bruno) = (UserId(Uuid::now_v7()), UserId(Uuid::now_v7()));
    let (sales, support) = (DepartmentId(Uuid::now_v7()), DepartmentId(Uuid::now_v7()));
    let own = listed(&bench, &tenant, 1, 1, Some(ana), Some(support)).await;
    let others = listed(&bench, &tenant, 2, 2, Some(bruno), Some(sales)).await;
    let nobodys = listed(&bench, &tenant, 3, 3, None, None).await;
    let of_sales = listed(&bench, &tenant, 4, 4, None, Some(sales)).await;
    let of_support = listed(&bench, &tenant, 5, 5, None, Some(support)).await;
    let all = BTreeSet::from([own, others, nobodys, of_sales, of_support]);
    let every = ConversationFilter::default();
    let sight = Sight::Own {
        user: ana,
        departments: vec![sales],
    };
    assert_eq!(seen(&app, &tenant, &Sight::All, &every).await, all);
    let visible = BTreeSet::from([own, nobodys, of_sales]);
    assert_eq!(seen(&app, &tenant, &sight, &every).await, visible);
    for id in all {
        let found = app.find_conversation(tenant.id, &sight, id).await;
        assert_eq!(found.is_ok(), visible.contains(&id), "{found:?}");
    }
    // Filters narrow what may be seen; they never widen it.
    for (assignee, expected) in [
        (Assignee::User(ana), BTreeSet::from([own])),
        (Assignee::User(bruno), BTreeSet::new()),
        (Assignee::Nobody, BTreeSet::from([nobodys, of_sales])),
    ] {
        let filter = ConversationFilter {
            assignee: Some(assignee),
            ..every.clone()
        };
        assert_eq!(seen(&app, &tenant, &sight, &filter).await, expected);
    }
    let filter = ConversationFilter {
        department: Some(support),
        ..every.clone()
    };
    assert_eq!(
        seen(&app, &tenant, &sight, &filter).await,
        BTreeSet::from([own])
    );
    let elsewhere = bench.tenant("two", 2).await;
    assert_eq!(
        seen(&app, &elsewhere, &Sight::All, &every).await,
        BTreeSet::new()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_found_by_words_names_and_numbers() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let first = listed(&bench, &tenant, 1, 1, None, None).await;
    let second = listed(&bench, &tenant, 2, 2, None, None).await;
    bench
        .run(
            "UPDATE customers k SET name = 'João Ávila' FROM conversations c
             WHERE k.tenant_id = $1 AND c.tenant_id = $1 AND c.id = $2 AND k.id = c.customer_id",
            &[&tenant.id.0, &second.0],
        )
        .await;
    for (text, found) in [
        ("joao", BTreeSet::from([second])),
        ("JOÃO AVI", BTreeSet::from([second])),
        ("TEXTO 1", BTreeSet::from([first])),
        ("00000001", BTreeSet::from([first])),
        ("ana exemplo", BTreeSet::from([first])),
        ("nada disso", BTreeSet::new()),
        ("texto_1", BTreeSet::new()),
    ] {
        let filter = ConversationFilter {
            text: Some(text.to_owned()),
            ..ConversationFilter::default()
        };
        assert_eq!(
            seen(&app, &tenant, &Sight::All, &filter).await,
            found,
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_conversations_hold_each_of_them_once() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    for n in 0..8 {
        // Several share a moment.
        listed(&bench, &tenant, n, i64::from(n / 3), None, None).await;
    }
    let filter = ConversationFilter::default();
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = app
            .list_conversations(tenant.id, &Sight::All, &filter, after, 3)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some(ConversationPosition {
            at: last.last_message_at.unwrap(),
            id: ConversationId(last.id),
        });
        rows.extend(page);
    }
    let ids: BTreeSet<Uuid> = rows.iter().map(|row| row.id).collect();
    assert_eq!((rows.len(), ids.len()), (8, 8));
    let newest_first = rows.is_sorted_by(|a, b| a.last_message_at >= b.last_message_at);
    assert!(newest_first);
    assert_eq!(rows[0].last_text.as_deref(), Some("texto 6"));
    assert_eq!(rows[0].last_sender.as_deref(), Some("customer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_can_be_read_in_both_directions() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let ana = app
        .create_user(tenant.id, &user("ana@example.com", Role::Attendant))
        .await
        .unwrap();
    let id = bench.conversation(&tenant, "5511999990001").await;
    let mut draft = Draft::first(&tenant, id);
    for n in 1..=5 {
        draft = draft.inbound(&format!("wamid.{n}"), &n.to_string());
    }
    let draft = draft.reply(&tenant, ana.id, "resposta");
    bench.commit(&tenant, draft).await.unwrap();
    let page = async |page, limit| {
        let rows = app.list_messages(tenant.id, id, page, limit).await.unwrap();
        rows.iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    assert_eq!(page(MessagePage::Newest, 2).await, [6, 5]);
    assert_eq!(page(MessagePage::Before(5), 2).await, [4, 3]);
    assert_eq!(page(MessagePage::After(4), 9).await, [5, 6]);
    let newest = app
        .list_messages(tenant.id, id, MessagePage::Newest, 1)
        .await
        .unwrap();
    assert_eq!(newest[0].sender_name.as_deref(), Some("ana@example.com"));
    assert_eq!(newest[0].delivery.map(|d| d.name()), Some("queued"));
    // A message can be quoted once the provider knows it.
    let quoted = app
        .external_id_of(tenant.id, id, MessageId::of(id, 2).0)
        .await
        .unwrap();
    assert_eq!(quoted, "wamid.2");
    let unsent = app
        .external_id_of(tenant.id, id, MessageId::of(id, 6).0)
        .await;
    assert!(matches!(unsent, Err(DbError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_serves_by_priority_and_by_how_long_somebody_waits() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let sales = DepartmentId(Uuid::now_v7());
    let mut expected = Vec::new();
    for (n, priority, wait, department, position) in [
        // A step of priority is worth ten minutes of waiting.
        (1, "low", 5_000, None, 1),
        (2, "urgent", 10, None, 2),
        (3, "medium", 1_209, Some(sales), 1),
        (4, "high", 600, None, 3),
        (5, "low", 1_790, Some(sales), 2),
    ] {
        let conversation = listed(&bench, &tenant, n, i64::from(n), None, department).await;
        let id = HandoffId::of(conversation, 1);
        bench
            .run(
                "INSERT INTO handoffs (tenant_id, id, conversation_id, department_id, priority,
                                       reason, requested_by, requested_at)
                 VALUES ($1, $2, $3, $4, $5, 'keyword', 'customer',
                         now() - $6::int8 * interval '1 second')",
                &[
                    &tenant.id.0,
                    &id.0,
                    &conversation.0,
                    &department.map(|d| d.0),
                    &priority,
                    &i64::from(wait),
                ],
            )
            .await;
        expected.push((id.0, position));
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = app
            .list_pending_handoffs(tenant.id, &Sight::All, after, 2)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some(HandoffPosition {
            arrival: last.arrival,
            id: HandoffId(last.id),
        });
        for row in &page {
            let priority = serde_json::from_value(row.priority.as_str().into()).unwrap();
            let same = arrival(row.waiting_since, priority, TenantPolicy::default().aging);
            assert_eq!(row.arrival, same, "the database counts as the desk does");
        }
        assert!(page.iter().all(|row| row.total == 5), "{page:?}");
        seen.extend(page.iter().map(|row| (row.id, row.position)));
    }
    assert_eq!(seen, expected);
    let stranger = Sight::Own {
        user: UserId(Uuid::now_v7()),
        departments: vec![],
    };
    let rows = app
        .list_pending_handoffs(tenant.id, &stranger, None, 10)
        .await
        .unwrap();
    // The places are those of the whole queue, not of what one person sees.
    let places: Vec<i64> = rows.iter().map(|row| row.position).collect();
    assert_eq!(places, [1, 2, 3]);
    let third = HandoffId(expected[3].0);
    assert_eq!(app.queue_position(tenant.id, third).await.unwrap(), Some(3));
    let hidden = app
        .find_handoff(tenant.id, &stranger, HandoffId(expected[4].0))
        .await;
    assert!(matches!(hidden, Err(DbError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_can_be_tried_again_by_its_own_tenant() {
    let bench = Bench::new().await;
    let (tenant, other) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let app = app(&bench.db);
    let id = bench
        .item(&tenant, "wamid.1", inbound("wamid.1", "oi"))
        .await;
    let pending = app.revive_dead_letter(tenant.id, id).await;
    assert!(matches!(pending, Err(DbError::NotFound)), "it is not dead");
    let verdict = InboxVerdict::Dead {
        id,
        reason: "poison".to_owned(),
    };
    bench
        .store
        .settle_inbox(tenant.lease, tenant.id, vec![verdict])
        .await
        .unwrap();
    let dead = app.list_dead_letters(tenant.id, None, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].reason.as_deref()), (1, Some("poison")));
    assert!(
        app.list_dead_letters(other.id, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(matches!(
        app.revive_dead_letter(other.id, id).await,
        Err(DbError::NotFound)
    ));
    app.revive_dead_letter(tenant.id, id).await.unwrap();
    let due = bench.store.due_inbox(tenant.id, 0, 10).await.unwrap();
    assert_eq!((due.len(), due[0].attempts), (1, 0));
    // Nothing but its progress is the HTTP side's to write.
    let forged = app
        .scoped(tenant.id, async |conn| {
            use diesel_async::RunQueryDsl;
            Ok(diesel::sql_query("UPDATE inbox SET item = NULL")
                .execute(conn)
                .await?)
        })
        .await;
    assert!(matches!(forged, Err(DbError::Query(_))), "{forged:?}");
}
