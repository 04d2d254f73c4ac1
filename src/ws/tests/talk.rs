//! Coming in, asking, being answered, being sent away.

use super::fakes::{ANA, EXPIRED, MEMBER, UNKNOWN, locked, visible};
use super::{Rig, farewell};
use crate::engine::DispatchError;
use crate::error::{ApiError, AuthFault};
use papo_actors::CutReason;
use papo_domain::Role;
use papo_test_support::ws_client::{Handshake, PATIENCE, WsClient};
use serde_json::json;
use std::time::Duration;

#[actix_web::test]
async fn a_token_lets_in_and_the_greeting_says_where_the_stream_stands() {
    let rig = Rig::start();
    *locked(&rig.feed.head) = 41;
    let mut client = rig.open().await;
    let greeting = client.hello(Some(ANA), Some(40)).await.unwrap();
    assert_eq!(greeting["head"], 41);
    assert_eq!(greeting["resync"], false);
    assert_eq!(greeting["role"], "attendant");
    assert_eq!(greeting["departments"], json!([]));
    assert_eq!(greeting["expires_in"].as_u64().unwrap() / 10, 89);
    rig.feed.publish("x");
    assert_eq!(
        client.next_event("test", PATIENCE).await.unwrap()["seq"],
        42
    );
    assert_eq!((client.cursor(), client.faults()), (Some(42), vec![]));
    // From another history.
    let mut client = rig.open().await;
    let greeting = client.hello(Some(ANA), Some(1_000)).await.unwrap();
    assert_eq!(greeting["resync"], true);
    assert_eq!(client.cursor(), Some(42));
    rig.stop().await;
}

#[actix_web::test]
async fn the_token_may_come_with_the_handshake() {
    let rig = Rig::start();
    let mut handshake = Handshake::to(&rig.url);
    handshake.protocols = Some(format!("papo.v1, bearer.{ANA}"));
    let mut client = WsClient::open(&handshake).await.unwrap();
    assert_eq!(client.protocol.as_deref(), Some("papo.v1"));
    client.hello(None, None).await.unwrap();
    rig.stop().await;
}

#[actix_web::test]
async fn whoever_may_not_come_in_is_told_why() {
    let rig = Rig::start();
    for (token, code, reason, words) in [
        (None, 4001, "Token não fornecido", "token_missing"),
        (Some("forged"), 4001, "Token inválido", "token_invalid"),
        (Some(EXPIRED), 4001, "Token expirado", "token_expired"),
        (Some(MEMBER), 4003, "forbidden", "forbidden"),
    ] {
        let mut client = rig.open().await;
        let refused = client.hello(token, None).await.unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
        assert_eq!(farewell(&client).await, (code, reason.to_owned()));
    }
    for (error, code) in [(DispatchError::Busy, 1013), (DispatchError::Draining, 1013)] {
        *locked(&rig.feed.refuse) = Some(error);
        let mut client = rig.open().await;
        client.hello(Some(ANA), None).await.unwrap_err();
        assert_eq!(farewell(&client).await.0, code);
    }
    rig.stop().await;
}

#[actix_web::test]
async fn some_handshakes_are_refused() {
    let rig = Rig::start();
    let open = async |url: &str, origin: Option<&str>| {
        let mut handshake = Handshake::to(url);
        handshake.origin = origin.map(str::to_owned);
        match WsClient::open(&handshake).await {
            Ok(_) => "open".to_owned(),
            Err(error) => error.to_string(),
        }
    };
    assert_eq!(
        open(&rig.url, Some("http://dashboard.example.com")).await,
        "open"
    );
    assert!(
        open(&rig.url, Some("https://evil.example"))
            .await
            .contains("403")
    );
    assert!(
        open(&format!("{}?token=x", rig.url), None)
            .await
            .contains("400")
    );
    rig.stop().await;
}

#[actix_web::test]
async fn whoever_says_nothing_is_sent_away() {
    let rig = Rig::with(|config| config.realtime.hello_timeout = Duration::from_millis(50));
    let client = rig.open().await;
    assert_eq!(
        farewell(&client).await,
        (4001, "Token não fornecido".to_owned())
    );
    rig.stop().await;
}

/// Who is in is the engine's to tell.
#[actix_web::test]
async fn whoever_is_not_in_when_the_server_goes_is_told() {
    let rig = Rig::start();
    let mut inside = rig.ana().await;
    let silent = rig.open().await;
    let mut looked_up = rig.open().await;
    let hello = json!({ "op": "hello", "ref": "1", "token": UNKNOWN });
    looked_up.send(&hello.to_string()).await.unwrap();
    // Once this is answered, hello was heard.
    looked_up.ask(json!({ "op": "ping" })).await.unwrap_err();
    rig.sockets.close();
    let late = rig.open().await;
    for client in [&silent, &looked_up, &late] {
        assert_eq!(farewell(client).await, (1012, "away".to_owned()));
    }
    inside.ping().await.unwrap();
    rig.stop().await;
}

#[actix_web::test]
async fn hello_comes_first_and_once() {
    let rig = Rig::start();
    let mut client = rig.open().await;
    let early = client.ask(json!({ "op": "ping" })).await.unwrap_err();
    assert!(early.to_string().contains("out_of_turn"), "{early}");
    client.hello(Some(ANA), None).await.unwrap();
    let again = client.hello(Some(ANA), None).await.unwrap_err();
    assert!(again.to_string().contains("out_of_turn"), "{again}");
    let junk = client
        .ask(json!({ "op": "drop tables" }))
        .await
        .unwrap_err();
    assert!(junk.to_string().contains("invalid_frame"), "{junk}");
    // And it is still there.
    client.ping().await.unwrap();
    rig.stop().await;
}

#[actix_web::test]
async fn a_ping_is_answered_after_what_came_before() {
    let rig = Rig::start();
    let mut client = rig.ana().await;
    for _ in 0..100 {
        rig.feed.publish("x");
    }
    assert_eq!(client.ping().await.unwrap(), 100);
    let frames = client.frames();
    let last = frames.last().unwrap();
    assert_eq!(
        (frames.len(), &last["response"]["head"]),
        (102, &json!(100))
    );
    rig.stop().await;
}

#[actix_web::test]
async fn only_what_may_be_seen_can_be_joined() {
    let rig = Rig::start();
    let mut client = rig.ana().await;
    let id = visible(1).to_string();
    let hidden = "018f3a1e-0000-7000-8000-000000000002";
    let refused = client.join(hidden).await.unwrap_err().to_string();
    assert!(refused.contains("not_found"), "{refused}");
    let refused = client.typing(&id).await.unwrap_err().to_string();
    assert!(refused.contains("not_joined"), "{refused}");
    assert!(rig.feed.said().is_empty());

    let joined = client.join(&id).await.unwrap();
    let colleague = "00000000-0000-0000-0000-00000000000b";
    assert_eq!(joined["viewers"], json!([colleague]), "others, not oneself");
    for _ in 0..5 {
        client.typing(&id).await.unwrap();
    }
    client
        .ask(json!({ "event": "conversation:leave", "payload": id }))
        .await
        .unwrap();
    client.typing(&id).await.unwrap_err();
    // Five signals within two seconds are one.
    let said = ["join", "typing", "leave"].map(|word| format!("{word} {id}"));
    assert_eq!(rig.feed.said(), said);
    rig.stop().await;
}

/// Whoever can see a conversation no more says nothing there, and is told nothing.
#[actix_web::test]
async fn what_can_be_seen_no_more_is_left() {
    let rig = Rig::start();
    let mut client = rig.ana().await;
    let id = visible(1).to_string();
    client.join(&id).await.unwrap();
    rig.feed.revoke(visible(1));
    // Comes after the revocation.
    client.ping().await.unwrap();
    let refused = client.typing(&id).await.unwrap_err().to_string();
    assert!(refused.contains("not_joined"), "{refused}");
    let said = ["join", "leave"].map(|word| format!("{word} {id}"));
    assert_eq!(rig.feed.said(), said);
    rig.stop().await;
}

#[actix_web::test]
async fn nobody_joins_without_end() {
    let rig = Rig::start();
    let mut client = rig.ana().await;
    for n in 1..=50 {
        client.join(&visible(n).to_string()).await.unwrap();
    }
    let refused = client
        .join(&visible(51).to_string())
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.contains("too_many_joined"), "{refused}");
    client
        .ask(json!({ "op": "leave", "conversation": visible(7) }))
        .await
        .unwrap();
    client.join(&visible(51).to_string()).await.unwrap();
    rig.stop().await;
}

#[actix_web::test]
async fn a_cut_closes_a_healthy_socket_at_once() {
    let rig = Rig::start();
    for (reason, code, words) in [
        (CutReason::Revoked, 4001, "revoked"),
        (CutReason::Away, 1012, "away"),
        (CutReason::Resync, 4008, "resync"),
    ] {
        let client = rig.ana().await;
        rig.feed.cut(reason);
        assert_eq!(farewell(&client).await, (code, words.to_owned()));
        rig.feed.count(0).await;
    }
    rig.stop().await;
}

#[actix_web::test]
async fn a_flag_alone_stops_every_write() {
    let rig = Rig::start();
    let mut client = rig.ana().await;
    // Nothing wakes the session; what it does next must not be a write.
    for flag in rig.feed.flags() {
        flag.cut(CutReason::Resync);
    }
    let before = client.count();
    let ping = tokio_tungstenite::tungstenite::Message::Ping(bytes::Bytes::from_static(b"?"));
    client.send_message(ping).await.unwrap();
    assert_eq!(farewell(&client).await, (4008, "resync".to_owned()));
    assert_eq!(client.count(), before);
    rig.stop().await;
}

#[actix_web::test]
async fn a_socket_ends_with_its_token() {
    let rig = Rig::start();
    *locked(&rig.gate.expires_in) = Duration::from_millis(100);
    let client = rig.ana().await;
    assert_eq!(farewell(&client).await, (4001, "Token expirado".to_owned()));
    rig.feed.count(0).await;
    rig.stop().await;
}

#[actix_web::test]
async fn rights_that_changed_on_the_way_in_count() {
    let rig = Rig::start();
    for then in [
        Ok(Role::Supervisor),
        Err(ApiError::Unauthenticated(AuthFault::Ended)),
        Err(ApiError::MustSetUpTwoFactor),
    ] {
        *locked(&rig.gate.next) = vec![Ok(Role::Attendant), then];
        let client = rig.ana().await;
        assert_eq!(farewell(&client).await, (4001, "revoked".to_owned()));
    }
    rig.stop().await;
}

#[actix_web::test]
async fn whoever_goes_is_detached() {
    let rig = Rig::start();
    let (polite, rude) = (rig.ana().await, rig.ana().await);
    rig.feed.count(2).await;
    polite.close().await.unwrap();
    rig.feed.count(1).await;
    drop(rude);
    rig.feed.count(0).await;
    rig.stop().await;
}
