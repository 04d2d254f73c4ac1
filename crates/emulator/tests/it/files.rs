//! Files, as Meta takes and gives them: in a form, by an id that ends, from an address that ends
//! sooner, and never to who shows no token.

use crate::support::{ANA, Bench, NUMBER, PHONE, TOKEN, WABA, answer, number, quick};
use papo_emulator::{Fault, Faults, Inbound, Number};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

const MB: usize = 1024 * 1024;
const DAY: i64 = 24 * 60 * 60;

async fn hand_in(bench: &Bench, bytes: Vec<u8>, kind: &str) -> (u16, Value) {
    let part = Part::bytes(bytes).file_name("a").mime_str(kind).unwrap();
    let form = Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", kind.to_owned())
        .part("file", part);
    post(bench, TOKEN, form).await
}

async fn post(bench: &Bench, token: &str, form: Form) -> (u16, Value) {
    let url = format!("{}/v25.0/{NUMBER}/media", bench.emulator.base_url());
    answer(bench.http.post(url).bearer_auth(token).multipart(form)).await
}

async fn handed_in(bench: &Bench, bytes: Vec<u8>, kind: &str) -> String {
    let (status, body) = hand_in(bench, bytes, kind).await;
    assert_eq!(status, 200, "{body}");
    body["id"].as_str().unwrap().to_owned()
}

fn sending(kind: &str, part: Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": ANA, "type": kind, kind: part})
}

/// What stands at a media id.
async fn described(bench: &Bench, id: &str) -> (u16, Value) {
    let url = format!("{}/v25.0/{id}", bench.emulator.base_url());
    answer(bench.http.get(url).bearer_auth(TOKEN)).await
}

async fn download(bench: &Bench, url: &str, token: &str) -> (u16, Vec<u8>) {
    let got = bench.http.get(url).bearer_auth(token).send().await.unwrap();
    (got.status().as_u16(), got.bytes().await.unwrap().to_vec())
}

#[actix_web::test]
async fn sizes_and_forms_are_checked() {
    let bench = Bench::new(quick(), None).await;
    for (kind, most) in [
        ("image/png", 5 * MB),
        ("image/webp", 500 * 1024),
        ("audio/mpeg", 16 * MB),
        ("video/mp4", 16 * MB),
    ] {
        assert_eq!(hand_in(&bench, vec![1; most], kind).await.0, 200, "{kind}");
        let (status, body) = hand_in(&bench, vec![1; most + 1], kind).await;
        assert_eq!((status, &body["error"]["code"]), (400, &json!(131_053)));
    }
    let large = vec![1; 16 * MB + 1];
    assert_eq!(hand_in(&bench, large, "application/pdf").await.0, 200);
    for kind in ["application/zip", "image/gif", "application/octet-stream"] {
        let (status, body) = hand_in(&bench, vec![1; 9], kind).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (400, &json!(100)),
            "{kind}"
        );
    }
    let (_, empty) = hand_in(&bench, Vec::new(), "image/png").await;
    assert_eq!(empty["error"]["code"], 100);
    let part = || Part::bytes(vec![1]).mime_str("image/png").unwrap();
    let (_, nameless) = post(&bench, TOKEN, Form::new().part("file", part())).await;
    assert_eq!(nameless["error"]["code"], 100);
    let product = || Form::new().text("messaging_product", "whatsapp");
    let (_, nothing) = post(&bench, TOKEN, product()).await;
    assert_eq!(nothing["error"]["code"], 100);
    let (status, body) = post(&bench, "another", product().part("file", part())).await;
    assert_eq!((status, &body["error"]["code"]), (401, &json!(190)));
}

#[actix_web::test]
async fn a_customers_file_is_fetched_with_a_token_for_a_while() {
    let (bench, product) = Bench::with_product(quick()).await;
    let file = bench
        .emulator
        .add_file(b"\x89PNG....".to_vec(), "image/png");
    let message = json!({"type": "image", "image": {"id": file.id}});
    bench
        .emulator
        .send(NUMBER, ANA, Inbound::Message(message))
        .unwrap();
    let told = product.count("messages", 1).await;
    assert_eq!(told[0]["image"]["id"], file.id.as_str());
    assert_eq!(told[0]["image"]["sha256"], file.sha256.as_str());
    assert_eq!(told[0]["image"]["mime_type"], "image/png");

    let (status, place) = described(&bench, &file.id).await;
    assert_eq!((status, &place["file_size"]), (200, &json!(8)));
    let url = place["url"].as_str().unwrap();
    assert_eq!(download(&bench, url, "another").await.0, 401);
    let got = download(&bench, url, TOKEN).await;
    assert_eq!(got, (200, b"\x89PNG....".to_vec()));
    // The address is over after five minutes, the file after a week.
    bench.emulator.set_clock_offset_seconds(5 * 60 + 1);
    assert_eq!(download(&bench, url, TOKEN).await.0, 404);
    assert_eq!(described(&bench, &file.id).await.0, 200);
    bench.emulator.set_clock_offset_seconds(7 * DAY);
    let (status, gone) = described(&bench, &file.id).await;
    assert_eq!((status, &gone["error"]["code"]), (400, &json!(100)));
}

#[actix_web::test]
async fn what_is_sent_was_handed_in_for_this_number_and_fits() {
    let bench = Bench::new(quick(), None).await;
    let other = Number {
        phone_number_id: "100000000000002".into(),
        display_phone_number: "551140000001".into(),
        ..number(None)
    };
    assert_ne!(other.display_phone_number, PHONE);
    assert_eq!(other.waba_id, WABA);
    bench.emulator.add_number(other).unwrap();
    bench.ana_says("Oi");
    let picture = handed_in(&bench, vec![1; 9], "image/png").await;
    let sound = handed_in(&bench, vec![1; 9], "audio/mpeg").await;
    let voice = handed_in(&bench, vec![1; 9], "audio/ogg; codecs=opus").await;
    for (kind, part, code) in [
        ("audio", json!({"id": picture}), 131_053),
        ("sticker", json!({"id": picture}), 131_053),
        ("audio", json!({"id": sound, "voice": true}), 131_053),
        ("image", json!({"id": "404"}), 100),
    ] {
        assert_eq!(bench.refused(&sending(kind, part)).await, code, "{kind}");
    }
    for (kind, part) in [
        ("image", json!({"id": picture, "caption": "veja"})),
        ("document", json!({"id": picture, "filename": "a.png"})),
        ("audio", json!({"id": voice, "voice": true})),
    ] {
        bench.accepted(&sending(kind, part)).await;
    }
    let url = format!(
        "{}/v25.0/100000000000002/messages",
        bench.emulator.base_url()
    );
    let theirs = sending("image", json!({"id": picture}));
    let (_, refused) = answer(bench.http.post(url).bearer_auth(TOKEN).json(&theirs)).await;
    assert_ne!(refused["error"]["code"], Value::Null);
    // Who takes it back, or waits for 30 days, has none.
    let url = format!("{}/v25.0/{picture}", bench.emulator.base_url());
    assert_eq!(
        answer(bench.http.delete(url).bearer_auth(TOKEN)).await.0,
        200
    );
    let gone = sending("image", json!({"id": picture}));
    assert_eq!(bench.refused(&gone).await, 100);
    bench.emulator.set_clock_offset_seconds(30 * DAY);
    assert_eq!(described(&bench, &voice).await.0, 400);
}

#[actix_web::test]
async fn downloads_go_wrong_when_they_are_told_to() {
    let bench = Bench::new(quick(), None).await;
    let file = bench.emulator.add_file(vec![1; 9], "image/png");
    bench.emulator.set_faults(Faults {
        lost_file: Fault::next(1),
        ..Faults::default()
    });
    let (_, place) = described(&bench, &file.id).await;
    let url = place["url"].as_str().unwrap();
    assert_eq!(download(&bench, url, TOKEN).await.0, 500);
    assert_eq!(download(&bench, url, TOKEN).await.0, 200);
}
