//! The tabs of an inbox: each is one question, and so is each of its pages.

use crate::bench::{Bench, at};
use crate::lists::{listed, seen};
use crate::people::app;
use papo_domain::{ChannelId, ConversationId};
use papo_storage::app::{ConversationFilter, ConversationOrder, ConversationPosition, Sight};
use uuid::Uuid;

/// As the lane shows it.
async fn set(bench: &Bench, id: ConversationId, what: &str) {
    let set = format!("UPDATE conversations SET {what} WHERE id = $1");
    bench.run(&set, &[&id.0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tab_of_an_inbox_is_one_question() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let mut ids = Vec::new();
    for n in 1..=5 {
        ids.push(listed(&bench, &tenant, n, i64::from(n), None, None).await);
    }
    let [plain, urgent, snoozed, read, archived] = ids[..] else {
        panic!("{ids:?}")
    };
    set(&bench, urgent, "priority = 'urgent', status = 'waiting'").await;
    set(&bench, snoozed, "snoozed_until = now() + interval '1 day'").await;
    for id in [plain, urgent, snoozed, archived] {
        set(&bench, id, "unread_count = 1").await;
    }
    set(&bench, archived, "status = 'archived', archived_at = now()").await;
    let every = ConversationFilter::default;
    let filters = [
        (
            ConversationFilter {
                status: Some(&["open", "waiting"]),
                ..every()
            },
            vec![plain, urgent, snoozed, read],
        ),
        (
            ConversationFilter {
                status: Some(&["archived"]),
                ..every()
            },
            vec![archived],
        ),
        (
            ConversationFilter {
                priority: Some("urgent"),
                ..every()
            },
            vec![urgent],
        ),
        (
            ConversationFilter {
                snoozed: Some(true),
                ..every()
            },
            vec![snoozed],
        ),
        (
            ConversationFilter {
                snoozed: Some(false),
                unread: Some(true),
                ..every()
            },
            vec![plain, urgent, archived],
        ),
        (
            ConversationFilter {
                unread: Some(false),
                ..every()
            },
            vec![read],
        ),
        (
            ConversationFilter {
                channel: Some(tenant.channel),
                ..every()
            },
            ids.clone(),
        ),
        (
            ConversationFilter {
                channel: Some(ChannelId(Uuid::now_v7())),
                ..every()
            },
            vec![],
        ),
    ];
    for (filter, expected) in filters {
        let found = seen(&app, &tenant, &Sight::All, &filter).await;
        assert_eq!(found, expected.into_iter().collect(), "{filter:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_the_longest_comes_first_page_by_page() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let mut waiting = Vec::new();
    for (n, since) in [(1, 30), (2, 10), (3, 20), (4, 20)] {
        let id = listed(&bench, &tenant, n, i64::from(n), None, None).await;
        let since_then = "UPDATE conversations SET waiting_since = $2 WHERE id = $1";
        bench.run(since_then, &[&id.0, &at(since)]).await;
        waiting.push((since, id));
    }
    listed(&bench, &tenant, 5, 5, None, None).await;
    waiting.sort();
    let filter = ConversationFilter {
        order: ConversationOrder::LongestWaiting,
        ..ConversationFilter::default()
    };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let sight = Sight::All;
        let page = app
            .list_conversations(tenant.id, &sight, &filter, after, 1)
            .await
            .unwrap();
        let Some(row) = page.first() else { break };
        let (since, id) = (row.waiting_since.unwrap(), ConversationId(row.id));
        found.push(id);
        after = Some(ConversationPosition { at: since, id });
    }
    let expected: Vec<_> = waiting.into_iter().map(|(_, id)| id).collect();
    assert_eq!(found, expected, "and nobody who does not wait");
}
