//! The control API by HTTP, the phone page, and starting and stopping.

use crate::support::{
    ANA, Bench, NUMBER, PATIENCE, PHONE, SECRET, TOKEN, VERIFY, WABA, answer, menu, quick, text,
};
use papo_emulator::{Bounds, Customer, Emulator, EmulatorConfig, Inbound, NotYet};
use serde_json::{Value, json};
use std::time::Duration;

struct Api {
    bench: Bench,
    base: String,
}

impl Api {
    async fn new() -> Self {
        let bench = Bench::new(quick(), None).await;
        let base = format!("{}/_emulator", bench.emulator.base_url());
        Self { bench, base }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.bench.http.get(format!("{}{path}", self.base))).await
    }

    async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        answer(
            self.bench
                .http
                .put(format!("{}{path}", self.base))
                .json(&body),
        )
        .await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        answer(
            self.bench
                .http
                .post(format!("{}{path}", self.base))
                .json(&body),
        )
        .await
    }
}

#[actix_web::test]
async fn numbers_are_registered_and_their_secrets_never_shown() {
    let api = Api::new().await;
    let body = json!({"phone_number_id": "100000000000002", "waba_id": WABA,
        "display_phone_number": "551140000001", "name": "Filial", "access_token": "t-2",
        "app_secret": "s-2", "verify_token": "v-2", "callback_url": "http://127.0.0.1:9/"});
    let (status, _) = api.put("/numbers", body.clone()).await;
    assert_eq!(status, 200);
    let (_, numbers) = api.get("/numbers").await;
    assert_eq!(numbers.as_array().unwrap().len(), 2);
    assert_eq!(numbers[1]["name"], "Filial");
    let shown = numbers.to_string();
    for secret in ["t-2", "s-2", "v-2", TOKEN, SECRET, VERIFY] {
        assert!(!shown.contains(secret), "{secret}");
    }
    let debug = format!("{:?}", crate::support::number(None));
    assert!(!debug.contains(TOKEN) && !debug.contains(SECRET), "{debug}");

    let mut wrong = body;
    wrong["phone_number_id"] = json!("../x");
    assert_eq!(api.put("/numbers", wrong).await.0, 400);
}

#[actix_web::test]
async fn a_chat_can_be_led_by_http_alone() {
    let api = Api::new().await;
    let (status, lia) = api
        .put(
            "/customers",
            json!({"wa_id": "5511900000003", "name": "Lia"}),
        )
        .await;
    assert_eq!(status, 200);
    assert!(lia["user_id"].as_str().unwrap().starts_with("BR."));
    let (_, found) = api.get("/customers?q=lia").await;
    assert_eq!(found[0]["wa_id"], "5511900000003");

    let chat = format!("/chats/{NUMBER}/5511900000003");
    let (_, posted) = api
        .post(&format!("{chat}/messages"), json!({"text": "Oi"}))
        .await;
    assert_eq!(posted["index"], 1);
    let id = api.bench.accepted(&menu("5511900000003")).await;
    let (_, next) = api.get(&format!("{chat}/next?after=1")).await;
    assert_eq!(next["entry"]["id"], id.as_str());
    assert_eq!(next["entry"]["index"], 2);
    let tap = json!({"tap": {"message_id": id, "button_id": "human"}});
    assert_eq!(api.post(&format!("{chat}/messages"), tap).await.0, 200);
    let (_, shown) = api.get(&chat).await;
    let entries = shown["entries"].as_array().unwrap();
    let authors: Vec<_> = entries
        .iter()
        .map(|entry| entry["author"].clone())
        .collect();
    assert_eq!(authors, ["customer", "business", "customer"]);
    assert!(shown["window_ms"].as_u64().unwrap() > 86_000_000);
    let (_, calls) = api.get("/calls?after=0").await;
    assert_eq!(calls[0]["path"], format!("/v25.0/{NUMBER}/messages"));
    assert_eq!(calls[0]["message_id"], id.as_str());
    assert!(!calls.to_string().contains(TOKEN));
    let echo = json!({"text": "Deixa comigo"});
    assert_eq!(api.post(&format!("{chat}/echo"), echo).await.1["index"], 4);
}

#[actix_web::test]
async fn next_waits_for_a_message_that_is_not_there_yet() {
    let api = Api::new().await;
    api.bench.ana_says("Oi");
    let url = format!(
        "{}/chats/{NUMBER}/{ANA}/next?after=1&timeout_ms=30000",
        api.base
    );
    let waiting = actix_web::rt::spawn(answer(api.bench.http.get(url)));
    // The library's own wait begins before the message exists, too.
    let hello = text(ANA, "Olá");
    let (found, id) = tokio::join!(
        api.bench.emulator.next_outbound(NUMBER, ANA, 1, PATIENCE),
        api.bench.accepted(&hello),
    );
    assert_eq!(found.unwrap().id, id);
    let (status, body) = waiting.await.unwrap();
    assert_eq!((status, &body["entry"]["id"]), (200, &json!(id)));

    let (status, body) = api
        .get(&format!("/chats/{NUMBER}/{ANA}/next?after=2&timeout_ms=1"))
        .await;
    assert_eq!((status, body), (200, json!({"entry": null})));
    let none = Duration::from_millis(1);
    let late = api.bench.emulator.next_outbound(NUMBER, ANA, 2, none).await;
    assert_eq!(late.unwrap_err(), NotYet::TimedOut(none));
}

#[actix_web::test]
async fn a_chat_is_shown_again_when_it_changes() {
    let api = Api::new().await;
    api.bench.ana_says("Oi");
    let (_, before) = api.get(&format!("/chats/{NUMBER}/{ANA}")).await;
    let path = format!(
        "/chats/{NUMBER}/{ANA}?after_revision={}",
        before["revision"]
    );
    let hello = text(ANA, "Olá");
    let (after, _) = tokio::join!(api.get(&path), api.bench.accepted(&hello));
    assert_eq!(after.1["entries"].as_array().unwrap().len(), 2);
    assert!(after.1["revision"].as_u64() > before["revision"].as_u64());
}

#[actix_web::test]
async fn switches_are_set_and_shown() {
    let api = Api::new().await;
    let (_, faults) = api
        .put("/faults", json!({"profile": "duplicate_storm"}))
        .await;
    assert_eq!(faults["copies"], 4);
    let single = json!({"faults": {"lost_answer": {"percent": 100, "limit": 1}}});
    api.put("/faults", single).await;
    let (_, faults) = api.get("/faults").await;
    assert_eq!(
        faults["lost_answer"],
        json!({"percent": 100, "limit": 1, "ms": 0})
    );
    assert_eq!(faults["copies"], 1, "what is not named is off");

    let (_, rules) = api.put("/rules", json!({"window_seconds": null})).await;
    assert_eq!(rules["window_seconds"], Value::Null);
    assert_eq!(rules["pair"]["burst"], 45);
    let (_, receipts) = api.put("/receipts", json!({"read": "opening"})).await;
    assert_eq!(receipts["read"], "opening");
    api.put("/clock", json!({"offset_seconds": 90_000})).await;
    assert_eq!(api.get("/clock").await.1["offset_seconds"], 90_000);

    for (path, body) in [
        ("/faults", json!({"profile": "gremlins"})),
        ("/faults", json!({"faults": {"lost_anwser": {}}})),
        ("/rules", json!({"windows": 1})),
        ("/clock", json!({})),
    ] {
        let (status, answer) = api.put(path, body).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (400, &json!("invalid")),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_token_can_be_revoked_by_http() {
    let api = Api::new().await;
    let path = format!("/numbers/{NUMBER}/token");
    assert_eq!(api.put(&path, json!({"state": "revoked"})).await.0, 200);
    assert_eq!(api.bench.refused(&text(ANA, "Oi")).await, 190);
    assert_eq!(api.get("/numbers").await.1[0]["token"], "revoked");
}

#[actix_web::test]
async fn what_does_not_exist_is_named() {
    let api = Api::new().await;
    let hello = json!({"text": "Oi"});
    for (path, code) in [
        (
            format!("/chats/{NUMBER}/5511900000099/messages"),
            "unknown_customer",
        ),
        (
            format!("/chats/100000000000009/{ANA}/messages"),
            "unknown_number",
        ),
    ] {
        let (status, body) = api.post(&path, hello.clone()).await;
        assert_eq!((status, &body["error"]["code"]), (404, &json!(code)));
    }
    let path = format!("/chats/{NUMBER}/{ANA}/messages");
    let (status, _) = api.post(&path, json!({"shout": "Oi"})).await;
    assert_eq!(status, 400);
    // A form from another site cannot be sent without asking first.
    let form = api.bench.http.post(format!("{}{path}", api.base));
    let form = form
        .header("Content-Type", "text/plain")
        .body(r#"{"text": "Oi"}"#);
    assert_eq!(form.send().await.unwrap().status().as_u16(), 400);
    assert!(
        api.bench
            .emulator
            .chat(NUMBER, ANA)
            .unwrap()
            .entries
            .is_empty()
    );
}

#[actix_web::test]
async fn reset_forgets_what_happened_and_keeps_who_is_registered() {
    let api = Api::new().await;
    api.bench.ana_says("Oi");
    api.put("/faults", json!({"profile": "chaos"})).await;
    api.put("/clock", json!({"offset_seconds": 9})).await;
    api.put(
        &format!("/numbers/{NUMBER}/token"),
        json!({"state": "revoked"}),
    )
    .await;
    api.post("/reset", json!({})).await;
    let chat = api.bench.emulator.chat(NUMBER, ANA).unwrap();
    assert!(chat.entries.is_empty());
    assert_eq!(api.bench.emulator.clock_offset_seconds(), 0);
    assert_eq!(
        api.bench.refused(&text(ANA, "Oi")).await,
        131_047,
        "token valid, window closed"
    );
    api.post("/reset", json!({"registrations": true})).await;
    assert_eq!(api.get("/numbers").await.1, json!([]));
    assert_eq!(api.get("/customers").await.1, json!([]));
}

#[actix_web::test]
async fn bounds_hold() {
    let config = EmulatorConfig {
        bounds: Bounds {
            numbers: 1,
            customers: 2,
            transcript: 3,
            calls: 2,
            queue: 4,
            ..Bounds::default()
        },
        ..quick()
    };
    let bench = Bench::new(config, None).await;
    let mut second = crate::support::number(None);
    second.phone_number_id = "100000000000002".into();
    assert_eq!(
        bench.emulator.add_number(second).unwrap_err().code(),
        "full"
    );
    let third = Customer::new(PHONE, "Lia");
    assert_eq!(
        bench.emulator.add_customer(third).unwrap_err().code(),
        "full"
    );
    let many = bench
        .emulator
        .send_copies(NUMBER, ANA, Inbound::text("Oi"), 5);
    assert_eq!(many.unwrap_err().code(), "full");
    for n in 0..5 {
        bench.ana_says(&n.to_string());
        bench.idle().await;
    }
    let indexes = bench.emulator.chat(NUMBER, ANA).unwrap().entries;
    let indexes: Vec<_> = indexes.iter().map(|entry| entry.index).collect();
    assert_eq!(indexes, [3, 4, 5]);
    for n in 0..3 {
        bench.call(&text("5511900000099", &n.to_string())).await;
    }
    let calls = bench.emulator.calls(0, 10);
    assert_eq!(
        calls.iter().map(|call| call.index).collect::<Vec<_>>(),
        [2, 3]
    );
}

#[actix_web::test]
async fn the_phone_page_is_one_file_that_asks_nobody_else() {
    let api = Api::new().await;
    let url = format!("{}/", api.bench.emulator.base_url());
    let page = api.bench.http.get(url).send().await.unwrap();
    assert_eq!(page.status().as_u16(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("connect-src 'self'"));
    let html = page.text().await.unwrap();
    assert!(html.contains("lang=\"pt-BR\""));
    for forbidden in [
        "http://",
        "https://",
        "innerHTML",
        "insertAdjacentHTML",
        "document.write",
    ] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
}

#[actix_web::test]
async fn stopping_closes_the_port_and_ends_every_wait() {
    let emulator = Emulator::start(quick()).await.unwrap();
    let (controls, address) = (emulator.controls(), emulator.address());
    let taken = EmulatorConfig {
        bind: address,
        ..quick()
    };
    assert!(Emulator::start(taken).await.is_err(), "the port is taken");
    emulator.stop().await;
    assert!(std::net::TcpStream::connect(address).is_err());
    let late = controls.idle(PATIENCE).await;
    assert!(late.is_err(), "nothing runs any more");
}
