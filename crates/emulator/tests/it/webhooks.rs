//! What the product is told.

use crate::support::{
    ANA, Bench, NUMBER, PHONE, RUI, SECRET, VERIFY, WABA, menu, number, quick, text,
};
use hmac::{Hmac, KeyInit, Mac};
use papo_emulator::{Author, Inbound};
use serde_json::{Value, json};
use sha2::Sha256;

fn send(bench: &Bench, message: Value) -> papo_emulator::Posted {
    bench
        .emulator
        .send(NUMBER, ANA, Inbound::Message(message))
        .unwrap()
}

#[actix_web::test]
async fn an_inbound_message_is_signed_over_its_exact_bytes() {
    let (bench, product) = Bench::with_product(quick()).await;
    let posted = bench.ana_says("Olá / 👋");
    product.count("messages", 1).await;
    let received = product.received().remove(0);

    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(&received.bytes);
    let hex = received.signature.strip_prefix("sha256=").unwrap();
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect();
    mac.verify_slice(&bytes).unwrap();
    let raw = std::str::from_utf8(&received.bytes).unwrap();
    assert!(
        raw.contains(r#""body":"Ol\u00e1 \/ \ud83d\udc4b""#),
        "{raw}"
    );

    let user_id = bench.emulator.find_customers(ANA, 1)[0].user_id.clone();
    let timestamp = received.all("messages")[0]["timestamp"].clone();
    assert_eq!(
        received.json,
        json!({"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": [{
            "field": "messages",
            "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": PHONE, "phone_number_id": NUMBER},
                "contacts": [{
                    "profile": {"name": "Ana Açaí"}, "wa_id": ANA, "user_id": user_id}],
                "messages": [{
                    "from": ANA, "from_user_id": user_id, "id": posted.message_id,
                    "timestamp": timestamp, "type": "text", "text": {"body": "Olá / 👋"}}],
            },
        }]}]})
    );
    assert!(timestamp.as_str().unwrap().parse::<u64>().is_ok());
}

#[actix_web::test]
async fn taps_and_choices_answer_the_message_that_offered_them() {
    let (bench, product) = Bench::with_product(quick()).await;
    bench.ana_says("Oi");
    let menu_id = bench.accepted(&menu(ANA)).await;
    let list_id = bench
        .accepted(
            &json!({"messaging_product": "whatsapp", "to": ANA, "type": "interactive",
            "interactive": {"type": "list", "body": {"text": "Qual?"}, "action": {
                "button": "Ver", "sections": [{"rows": [
                    {"id": "r1", "title": "Um", "description": "O primeiro"},
                    {"id": "r2", "title": "Dois"}]}]}}}),
        )
        .await;
    let tap = |button: &str| Inbound::Tap {
        message_id: menu_id.clone(),
        button_id: button.into(),
    };
    let choose = |message: &str, row: &str| Inbound::Choose {
        message_id: message.into(),
        row_id: row.into(),
    };
    bench.emulator.send(NUMBER, ANA, tap("human")).unwrap();
    bench
        .emulator
        .send(NUMBER, ANA, choose(&list_id, "r1"))
        .unwrap();

    let messages = product.count("messages", 3).await;
    assert_eq!(
        messages[1]["interactive"],
        json!({"type": "button_reply", "button_reply": {"id": "human", "title": "Atendente"}})
    );
    assert_eq!(
        messages[1]["context"],
        json!({"from": PHONE, "id": menu_id})
    );
    assert_eq!(
        messages[2]["interactive"],
        json!({"type": "list_reply", "list_reply": {
            "id": "r1", "title": "Um", "description": "O primeiro"}})
    );

    let refused = bench.emulator.send(NUMBER, ANA, tap("steal")).unwrap_err();
    assert_eq!(refused.code(), "no_such_choice");
    let refused = bench
        .emulator
        .send(NUMBER, ANA, choose("wamid.nothing", "r1"));
    assert_eq!(refused.unwrap_err().code(), "unknown_message");
    let refused = bench.emulator.send(NUMBER, RUI, tap("human")).unwrap_err();
    assert_eq!(refused.code(), "unknown_message", "it is in another chat");
}

#[actix_web::test]
async fn every_other_type_goes_through_as_given() {
    let (bench, product) = Bench::with_product(quick()).await;
    let types = [
        json!({"type": "image", "image": {"caption": "foto"}}),
        json!({"type": "audio", "audio": {"voice": true}}),
        json!({"type": "location", "location": {"latitude": -23.5, "longitude": -46.6}}),
        json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "Ana"}}]}),
        json!({"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "👍"}}),
        json!({"type": "order", "order": {"catalog_id": "1", "product_items": []}}),
        json!({"type": "system", "system": {"body": "x", "type": "user_changed_number"}}),
        json!({"type": "request_welcome"}),
        json!({"type": "unsupported", "errors": [{"code": 131_051}]}),
        json!({"type": "revoke", "revoke": {"original_message_id": "wamid.x"}}),
        json!({"type": "telepathy", "telepathy": {"thought": [1, 2]}, "from": null}),
    ];
    for message in &types {
        send(&bench, message.clone());
    }
    let messages = product.count("messages", types.len()).await;
    for (sent, received) in types.iter().zip(&messages) {
        assert_eq!(sent["type"], received["type"]);
    }
    assert_eq!(messages[0]["image"]["caption"], "foto");
    for file in ["id", "mime_type", "sha256"] {
        assert!(
            messages[0]["image"][file].is_string(),
            "{file} is filled in"
        );
    }
    assert_eq!(messages[10]["telepathy"], types[10]["telepathy"]);
    assert!(
        messages[10].get("from").is_none(),
        "null takes a field away"
    );
    let nothing = Inbound::Message(json!({"text": "Oi"}));
    assert!(bench.emulator.send(NUMBER, ANA, nothing).is_err());
}

#[actix_web::test]
async fn a_given_id_makes_a_duplicate() {
    let (bench, product) = Bench::with_product(quick()).await;
    let message = json!({"type": "text", "text": {"body": "Oi"}, "id": "wamid.same",
        "timestamp": "1700000000"});
    assert_eq!(send(&bench, message.clone()).index, 1);
    assert_eq!(send(&bench, message).index, 0);
    let messages = product.count("messages", 2).await;
    assert_eq!(messages[0], messages[1]);
    assert_eq!(messages[0]["timestamp"], "1700000000");
    assert_eq!(bench.emulator.chat(NUMBER, ANA).unwrap().entries.len(), 1);
}

#[actix_web::test]
async fn the_owners_phone_is_echoed() {
    let (bench, product) = Bench::with_product(quick()).await;
    bench.emulator.echo(NUMBER, ANA, "Deixa comigo").unwrap();
    let echo = product.count("message_echoes", 1).await.remove(0);
    assert_eq!(echo["from"], PHONE);
    assert_eq!(echo["to"], ANA);
    assert_eq!(echo["text"]["body"], "Deixa comigo");
    let change = &product.received()[0].json["entry"][0]["changes"][0];
    assert_eq!(change["field"], "smb_message_echoes");
    let chat = bench.emulator.chat(NUMBER, ANA).unwrap();
    assert_eq!(chat.entries[0].author, Author::Owner);
    assert_eq!(
        bench.refused(&text(ANA, "Oi")).await,
        131_047,
        "opens no window"
    );
}

#[actix_web::test]
async fn any_other_field_can_be_posted() {
    let (bench, product) = Bench::with_product(quick()).await;
    let value = json!({"event": "APPROVED", "message_template_id": 1});
    bench
        .emulator
        .change(NUMBER, "message_template_status_update", value.clone())
        .unwrap();
    let post = product.until(|product| product.received().pop()).await;
    assert_eq!(
        post.json["entry"][0],
        json!({"id": WABA, "changes": [
            {"field": "message_template_status_update", "value": value}]})
    );
}

#[actix_web::test]
async fn the_handshake_wants_the_challenge_back() {
    let (bench, product) = Bench::with_product(quick()).await;
    let good = bench.emulator.verify_webhook(NUMBER).await.unwrap();
    assert!(good.verified, "{good:?}");

    let mut wrong = number(Some(&product.url));
    wrong.verify_token = format!("not-{VERIFY}").into();
    bench.emulator.add_number(wrong).unwrap();
    let refused = bench.emulator.verify_webhook(NUMBER).await.unwrap();
    assert_eq!((refused.verified, refused.status), (false, Some(403)));

    let page = format!("{}/", bench.emulator.base_url());
    bench.emulator.set_callback(NUMBER, Some(page)).unwrap();
    let no_challenge = bench.emulator.verify_webhook(NUMBER).await.unwrap();
    assert_eq!(
        (no_challenge.verified, no_challenge.status),
        (false, Some(200))
    );

    bench
        .emulator
        .set_callback(NUMBER, Some("http://127.0.0.1:9/".into()))
        .unwrap();
    let nobody = bench.emulator.verify_webhook(NUMBER).await.unwrap();
    assert_eq!((nobody.verified, nobody.status), (false, None));
    assert!(
        bench
            .emulator
            .set_callback(NUMBER, Some("ftp://x".into()))
            .is_err()
    );
}
