//! Files of messages: written with the commit that brings or sends them, seen by their tenant alone,
//! and forgotten only where no message has them.

use crate::bench::{Bench, Draft, Tenant};
use papo_domain::ids::{ConversationId, MediaId, UserId};
use papo_domain::media::{INBOUND_LIFE, MediaKind, MediaNews, MediaState};
use papo_domain::ports::{ExpectedMedia, MediaChange};
use papo_storage::app::{Bound, Counted, MediaRecord, NewUpload};
use papo_storage::{Database, DbError, PoolSettings};
use std::time::Duration;
use tokio::runtime::Handle;
use uuid::Uuid;

fn announced(tenant: &Tenant, conversation: ConversationId, seq: u64) -> MediaChange {
    MediaChange::Expect(ExpectedMedia {
        id: MediaId::of(conversation, seq),
        seq,
        kind: MediaKind::Image,
        channel: tenant.channel,
        provider_id: "1234".to_owned(),
        mime_type: Some("image/jpeg".to_owned()),
        sha256: None,
        filename: None,
        lives: INBOUND_LIFE,
    })
}

fn settled(conversation: ConversationId, seq: u64, news: MediaNews) -> MediaChange {
    MediaChange::Settle {
        id: MediaId::of(conversation, seq),
        news,
    }
}

fn bytes_came(size: u64) -> MediaNews {
    MediaNews {
        state: MediaState::Stored,
        mime_type: Some("image/png".to_owned()),
        size: Some(size),
        sha256: Some("ab".repeat(32)),
        storage_key: Some("a/b".to_owned()),
        error: None,
    }
}

fn upload(user: UserId, size: u64) -> NewUpload {
    let id = MediaId(Uuid::now_v7());
    NewUpload {
        id,
        kind: MediaKind::Document,
        mime_type: "application/pdf".to_owned(),
        size,
        sha256: "cd".repeat(32),
        filename: Some("a.pdf".to_owned()),
        storage_key: format!("x/{id}"),
        uploaded_by: user,
    }
}

fn app(bench: &Bench) -> Database {
    let url = bench.db.app_url().into();
    Database::new(&url, PoolSettings::default(), Handle::current()).unwrap()
}

async fn find(bench: &Bench, tenant: &Tenant, id: MediaId) -> Result<MediaRecord, DbError> {
    app(bench).find_media(tenant.id, id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_with_its_message_and_goes_from_state_to_state() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let id = MediaId::of(conversation, 1);
    let first = Draft::first(&one, conversation)
        .inbound("wamid.1", "foto")
        .with(|commit| commit.media = vec![announced(&one, conversation, 1)]);
    bench.commit(&one, first.clone()).await.unwrap();
    let media = find(&bench, &one, id).await.unwrap();
    assert_eq!(
        (media.state, media.message_seq),
        (MediaState::Pending, Some(1))
    );
    assert_eq!(media.conversation, Some(conversation));
    assert!(media.inbound && media.size.is_none());

    // It failed, was asked for again, and came: what went wrong is forgotten with it.
    let lost = MediaNews::without_bytes(MediaState::Failed, Some("HTTP 500".to_owned()));
    let mut draft = first.clone();
    for (news, state, error) in [
        (lost, MediaState::Failed, Some("HTTP 500")),
        (MediaNews::pending(), MediaState::Pending, None),
        (bytes_came(7), MediaState::Stored, None),
    ] {
        draft = draft
            .then(&one)
            .with(|commit| commit.media = vec![settled(conversation, 1, news)]);
        bench.commit(&one, draft.clone()).await.unwrap();
        let media = find(&bench, &one, id).await.unwrap();
        assert_eq!((media.state, media.error.as_deref()), (state, error));
    }
    let media = find(&bench, &one, id).await.unwrap();
    assert_eq!(media.mime_type.as_deref(), Some("image/png"));
    assert_eq!(media.size, Some(7));

    // Two asked for it at once, and one of them was late.
    let again = draft
        .then(&one)
        .with(|commit| commit.media = vec![settled(conversation, 1, MediaNews::pending())]);
    bench.commit(&one, again).await.unwrap();
    let media = find(&bench, &one, id).await.unwrap();
    assert_eq!((media.state, media.size), (MediaState::Stored, Some(7)));

    // A commit that is refused changes nothing of it.
    let late = first
        .then(&one)
        .with(|commit| commit.media = vec![settled(conversation, 1, MediaNews::pending())]);
    bench.commit(&one, late).await.unwrap_err();
    let media = find(&bench, &one, id).await.unwrap();
    assert_eq!(media.state, MediaState::Stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_or_finds_a_file_of_another() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let conversation = bench.conversation(&one, "5511999990001").await;
    let first = Draft::first(&one, conversation)
        .inbound("wamid.1", "foto")
        .with(|commit| commit.media = vec![announced(&one, conversation, 1)]);
    bench.commit(&one, first).await.unwrap();
    let id = MediaId::of(conversation, 1);
    let theirs = bench.conversation(&two, "5511999990002").await;
    let attack = Draft::first(&two, theirs)
        .inbound("wamid.2", "x")
        .with(|commit| {
            let news = bytes_came(1);
            commit.media = vec![
                MediaChange::Settle { id, news },
                MediaChange::Attach { id, seq: 1 },
            ];
        });
    bench.commit(&two, attack).await.unwrap();
    // Nor is it another conversation's of the same tenant.
    let other = bench.conversation(&one, "5511999990003").await;
    let mistaken = Draft::first(&one, other)
        .inbound("wamid.3", "x")
        .with(|commit| {
            let news = bytes_came(1);
            commit.media = vec![
                MediaChange::Settle { id, news },
                MediaChange::Attach { id, seq: 1 },
            ];
        });
    bench.commit(&one, mistaken).await.unwrap();
    let media = find(&bench, &one, id).await.unwrap();
    assert_eq!(media.state, MediaState::Pending);
    assert_eq!(media.conversation, Some(conversation));
    let found = find(&bench, &two, id).await;
    assert!(matches!(found, Err(DbError::NotFound)), "{found:?}");
    let listed = app(&bench).list_media(two.id, &[id]).await.unwrap();
    assert_eq!(listed, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_belongs_to_what_it_is_first_sent_in() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let app = app(&bench);
    let user = UserId(Uuid::now_v7());
    let (sent, unsent) = (upload(user, 10), upload(user, 10));
    for upload in [&sent, &unsent] {
        app.create_upload(one.id, upload).await.unwrap();
    }
    let attach = |seq| MediaChange::Attach { id: sent.id, seq };
    for wa_id in ["5511999990001", "5511999990002"] {
        let conversation = bench.conversation(&one, wa_id).await;
        let draft = Draft::first(&one, conversation)
            .reply(&one, user, "veja")
            .with(|commit| commit.media = vec![attach(1)]);
        bench.commit(&one, draft).await.unwrap();
    }
    let first = bench.conversation(&one, "5511999990001").await;
    let media = find(&bench, &one, sent.id).await.unwrap();
    assert_eq!(media.conversation, Some(first));
    // What a message has stays; what none has goes, once.
    assert_eq!(app.drop_unsent_upload(one.id, sent.id).await.unwrap(), None);
    let place = app.drop_unsent_upload(one.id, unsent.id).await.unwrap();
    assert_eq!(place.as_deref(), Some(unsent.storage_key.as_str()));
    let again = app.drop_unsent_upload(one.id, unsent.id).await.unwrap();
    assert_eq!(again, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_providers_id_is_for_one_number_and_for_its_time() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let app = app(&bench);
    let file = upload(UserId(Uuid::now_v7()), 10);
    app.create_upload(one.id, &file).await.unwrap();
    let known = async |channel| app.provider_media(one.id, file.id, channel).await.unwrap();
    assert_eq!(known(one.channel).await, None);
    for (lives, expected) in [(3_600, Some("77")), (0, None)] {
        let provider = Some(("77", Duration::from_secs(lives)));
        app.remember_provider_media(one.id, file.id, one.channel, provider)
            .await
            .unwrap();
        assert_eq!(known(one.channel).await.as_deref(), expected);
        assert_eq!(known(two.channel).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_counted_with_the_next_upload() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let app = app(&bench);
    let user = UserId(Uuid::now_v7());
    let conversation = bench.conversation(&one, "5511999990001").await;
    let inbound = Draft::first(&one, conversation)
        .inbound("wamid.1", "foto")
        .with(|commit| {
            let came = settled(conversation, 1, bytes_came(60));
            commit.media = vec![announced(&one, conversation, 1), came];
        });
    bench.commit(&one, inbound).await.unwrap();
    assert_eq!(app.stored_bytes(one.id).await.unwrap(), 60);
    assert_eq!(app.usage(one.id).await.unwrap().storage_bytes, 60);
    let bound = Bound {
        of: Counted::Storage,
        most: 100,
    };
    let within = app.within(Some(bound));
    within
        .create_upload(one.id, &upload(user, 40))
        .await
        .unwrap();
    let refused = within.create_upload(one.id, &upload(user, 1)).await;
    let refused = refused.unwrap_err();
    assert!(refused.violates(Counted::Storage.constraint()), "{refused}");
    assert_eq!(app.stored_bytes(one.id).await.unwrap(), 100);
    // Another's are another's.
    within
        .create_upload(two.id, &upload(user, 100))
        .await
        .unwrap();
}
