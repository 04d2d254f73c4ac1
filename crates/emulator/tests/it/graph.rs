//! Meta's rules, one by one.

use crate::support::{
    ANA, Bench, NUMBER, PATIENCE, PHONE, RUI, TOKEN, WABA, answer, field, menu, number, quick, text,
};
use papo_emulator::{
    Bounds, Customer, EmulatorConfig, PairRule, RefusedIn, Rules, Template, Tick, TokenState,
};
use serde_json::{Value, json};

const DAY: i64 = 24 * 60 * 60;

fn rules(change: impl FnOnce(&mut Rules)) -> EmulatorConfig {
    let mut config = quick();
    change(&mut config.rules);
    config
}

#[actix_web::test]
async fn an_accepted_message_is_answered_shown_and_acknowledged_in_order() {
    let (bench, product) = Bench::with_product(quick()).await;
    bench.ana_says("Oi");
    let mut body = text("+55 11 90000-0001", "Olá, Ana");
    body["biz_opaque_callback_data"] = json!("row-7");
    let (status, answer) = bench.call(&body).await;

    assert_eq!(status, 200);
    assert_eq!(answer["messaging_product"], "whatsapp");
    assert_eq!(answer["contacts"][0]["input"], "+55 11 90000-0001");
    assert_eq!(answer["contacts"][0]["wa_id"], ANA);
    let id = answer["messages"][0]["id"].as_str().unwrap();
    assert!(id.starts_with("wamid."));

    let shown = bench.emulator.next_outbound(NUMBER, ANA, 0, PATIENCE).await;
    let shown = shown.unwrap();
    assert_eq!(shown.id, id);
    assert_eq!(
        shown.message,
        json!({"type": "text", "text": {"body": "Olá, Ana"}})
    );

    let statuses = product.count("statuses", 3).await;
    assert_eq!(field(&statuses, "status"), ["sent", "delivered", "read"]);
    for status in &statuses {
        assert_eq!(status["id"], id);
        assert_eq!(status["recipient_id"], ANA);
        assert_eq!(status["biz_opaque_callback_data"], "row-7");
        assert!(status["timestamp"].is_string());
    }
    assert_eq!(statuses[0]["pricing"]["category"], "service");
    let read = |entry: &papo_emulator::Entry| entry.tick == Tick::Read;
    bench
        .emulator
        .find_entry(NUMBER, ANA, PATIENCE, read)
        .await
        .unwrap();
}

#[actix_web::test]
async fn tokens_and_numbers_are_checked() {
    let bench = Bench::new(quick(), None).await;
    let base = bench.emulator.base_url().to_owned();
    let mut other = number(None);
    other.phone_number_id = "100000000000002".into();
    other.display_phone_number = "551140000001".into();
    other.access_token = "another-token".into();
    bench.emulator.add_number(other).unwrap();
    bench.ana_says("Oi");
    let post = async |path: &str, token: Option<&str>| {
        let mut request = bench
            .http
            .post(format!("{base}/{path}"))
            .json(&text(ANA, "Oi"));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let (status, body) = answer(request).await;
        let code = body["error"]["code"].as_u64();
        (status, code, body["error"]["error_subcode"].as_u64())
    };
    let path = format!("v25.0/{NUMBER}/messages");

    assert_eq!(post(&path, Some(TOKEN)).await, (200, None, None));
    assert_eq!(post(&path, None).await, (401, Some(190), None));
    assert_eq!(post(&path, Some("nonsense")).await, (401, Some(190), None));
    assert_eq!(
        post(&path, Some("another-token")).await,
        (403, Some(10), None)
    );
    let unknown = "v25.0/100000000000009/messages";
    assert_eq!(post(unknown, Some(TOKEN)).await, (400, Some(100), Some(33)));
    let no_version = format!("latest/{NUMBER}/messages");
    assert_eq!(
        post(&no_version, Some(TOKEN)).await,
        (404, Some(2500), None)
    );
    let no_path = format!("v25.0/{NUMBER}/poems");
    assert_eq!(post(&no_path, Some(TOKEN)).await, (404, Some(2500), None));

    bench
        .emulator
        .set_token(NUMBER, TokenState::Revoked)
        .unwrap();
    assert_eq!(post(&path, Some(TOKEN)).await, (401, Some(190), Some(467)));
    bench.emulator.set_token(NUMBER, TokenState::Valid).unwrap();
    assert_eq!(post(&path, Some(TOKEN)).await, (200, None, None));
}

#[actix_web::test]
async fn a_number_can_be_looked_at() {
    let bench = Bench::new(quick(), None).await;
    let url = format!("{}/v25.0/{NUMBER}", bench.emulator.base_url());
    let (status, body) = answer(bench.http.get(&url).bearer_auth(TOKEN)).await;
    assert_eq!(
        (status, &body["display_phone_number"]),
        (200, &json!(PHONE))
    );
    let (status, body) = answer(bench.http.get(&url)).await;
    assert_eq!((status, &body["error"]["code"]), (401, &json!(190)));
}

#[actix_web::test]
async fn errors_come_in_metas_body() {
    let bench = Bench::new(quick(), None).await;
    let (status, body) = bench.call(&text(ANA, "Oi")).await;
    assert_eq!(status, 400);
    let error = &body["error"];
    assert_eq!(error["code"], 131_047);
    assert_eq!(error["type"], "OAuthException");
    assert_eq!(error["error_data"]["messaging_product"], "whatsapp");
    assert!(error["message"].as_str().unwrap().starts_with("(#131047) "));
    assert!(error["error_data"]["details"].is_string());
    assert!(!error["fbtrace_id"].as_str().unwrap().is_empty());
    let calls = bench.emulator.calls(0, 10);
    assert_eq!(calls[0].entry.code, Some(131_047));
    assert_eq!(calls[0].entry.body, text(ANA, "Oi"));
    assert_eq!(bench.emulator.stats().refused[&131_047], 1);
}

#[actix_web::test]
async fn the_window_opens_with_a_message_and_closes_after_24_hours() {
    let bench = Bench::new(quick(), None).await;
    assert_eq!(bench.refused(&text(ANA, "Oi")).await, 131_047);
    let reaction =
        json!({"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "👍"}});
    let send = |message| {
        bench
            .emulator
            .send(NUMBER, ANA, papo_emulator::Inbound::Message(message))
    };
    send(reaction).unwrap();
    assert_eq!(
        bench.refused(&text(ANA, "Oi")).await,
        131_047,
        "not by a reaction"
    );

    bench.ana_says("Oi");
    bench.accepted(&text(ANA, "Oi")).await;
    assert_eq!(bench.refused(&text(RUI, "Oi")).await, 131_047, "only hers");
    bench.emulator.set_clock_offset_seconds(DAY - 60);
    bench.accepted(&text(ANA, "Oi")).await;
    bench.emulator.set_clock_offset_seconds(DAY);
    assert_eq!(bench.refused(&text(ANA, "Oi")).await, 131_047);
    bench.ana_says("Oi de novo");
    bench.accepted(&text(ANA, "Oi")).await;
}

#[actix_web::test]
async fn templates_go_out_when_the_window_is_closed_if_they_exist() {
    let (bench, product) = Bench::with_product(quick()).await;
    let template = |name: &str, parameters: Value| {
        json!({"messaging_product": "whatsapp", "to": ANA, "type": "template", "template": {
            "name": name, "language": {"code": "pt_BR"},
            "components": [{"type": "body", "parameters": parameters}]}})
    };
    let ana = json!([{"type": "text", "text": "Ana"}]);
    assert_eq!(bench.refused(&template("oi", ana.clone())).await, 132_001);
    bench
        .emulator
        .add_template(Template::approved(WABA, "oi", "pt_BR", "Oi, {{1}}!"))
        .unwrap();
    assert_eq!(bench.refused(&template("oi", json!([]))).await, 132_000);
    bench.accepted(&template("oi", ana)).await;
    let shown = bench.emulator.next_outbound(NUMBER, ANA, 0, PATIENCE).await;
    assert_eq!(shown.unwrap().message["rendered"], "Oi, Ana!");
    let statuses = product.count("statuses", 3).await;
    assert_eq!(statuses[0]["pricing"]["category"], "utility");
    for (status, code) in [
        ("PAUSED", 132_015),
        ("DISABLED", 132_016),
        ("REJECTED", 132_001),
    ] {
        let other = Template {
            status: status.into(),
            ..Template::approved(WABA, "oi", "pt_BR", "Oi!")
        };
        bench.emulator.add_template(other).unwrap();
        assert_eq!(bench.refused(&template("oi", json!([]))).await, code);
    }
}

#[actix_web::test]
async fn the_46th_message_at_once_to_one_customer_is_refused() {
    // An interval that no slow machine reaches.
    let bench = Bench::new(
        rules(|rules| {
            rules.throughput_per_second = None;
            rules.pair = Some(PairRule {
                interval_ms: 600_000,
                burst: 45,
            });
        }),
        None,
    )
    .await;
    bench.ana_says("Oi");
    for n in 0..45 {
        bench.accepted(&text(ANA, &n.to_string())).await;
    }
    let (status, body) = bench.call(&text(ANA, "46")).await;
    assert_eq!((status, &body["error"]["code"]), (429, &json!(131_056)));
    bench
        .emulator
        .send(NUMBER, RUI, papo_emulator::Inbound::text("Oi"))
        .unwrap();
    bench.accepted(&text(RUI, "another pair")).await;
    // 45 intervals later the burst is paid for.
    bench.emulator.set_clock_offset_seconds(45 * 600);
    bench.accepted(&text(ANA, "46")).await;
}

#[actix_web::test]
async fn a_number_that_sends_too_fast_is_refused() {
    let bench = Bench::new(rules(|rules| rules.pair = None), None).await;
    let mut slow = number(None);
    slow.throughput_per_second = Some(1);
    bench.emulator.add_number(slow).unwrap();
    bench.ana_says("Oi");
    // Far more than one a second, however slow the machine.
    let mut answers = Vec::new();
    for n in 0..200 {
        answers.push(bench.call(&text(ANA, &n.to_string())).await);
    }
    let refused = answers.iter().find(|(status, _)| *status != 200);
    let (status, body) = refused.unwrap();
    assert_eq!((*status, &body["error"]["code"]), (429, &json!(130_429)));
    bench.emulator.set_clock_offset_seconds(2);
    bench.accepted(&text(ANA, "later")).await;
}

#[actix_web::test]
async fn recipients_must_have_whatsapp_and_be_someone_else() {
    let bench = Bench::new(quick(), None).await;
    assert_eq!(bench.refused(&text("5511900000099", "Oi")).await, 131_026);
    bench
        .emulator
        .add_customer(Customer::new(PHONE, "Loja"))
        .unwrap();
    assert_eq!(bench.refused(&text(PHONE, "Oi")).await, 131_021);
}

#[actix_web::test]
async fn without_the_rule_anyone_can_be_written_to() {
    let config = rules(|rules| {
        rules.known_recipients = false;
        rules.window_seconds = None;
    });
    let bench = Bench::new(config, None).await;
    bench.accepted(&text("5511900000099", "Oi")).await;
    let chat = bench.emulator.chat(NUMBER, "5511900000099").unwrap();
    assert_eq!(chat.entries.len(), 1);
}

#[actix_web::test]
async fn refusals_may_come_as_a_failed_status() {
    let config = rules(|rules| rules.refusals = RefusedIn::Status);
    let (bench, product) = Bench::with_product(config).await;
    for (to, code) in [(ANA, 131_047), ("5511900000099", 131_026)] {
        let mut body = text(to, "Oi");
        body["biz_opaque_callback_data"] = json!(to);
        let id = bench.accepted(&body).await;
        let failed = product
            .until(|product| {
                product
                    .all("statuses")
                    .into_iter()
                    .find(|s| s["id"] == id.as_str())
            })
            .await;
        assert_eq!(failed["status"], "failed");
        assert_eq!(failed["errors"][0]["code"], code);
        assert_eq!(failed["biz_opaque_callback_data"], to);
    }
    let chat = bench.emulator.chat(NUMBER, ANA).unwrap();
    assert!(chat.entries.is_empty(), "it never reached the phone");
    assert!(
        product
            .received()
            .iter()
            .all(|post| post.all("contacts").is_empty()),
        "failed comes without contacts"
    );
}

#[actix_web::test]
async fn a_username_is_reached_by_its_user_id() {
    let (bench, product) = Bench::with_product(quick()).await;
    let lia = Customer {
        name: "Lia".into(),
        username: Some("lia.demo".into()),
        ..Customer::default()
    };
    let lia = bench.emulator.add_customer(lia).unwrap();
    let id = lia.id().to_owned();
    bench
        .emulator
        .send(NUMBER, &id, papo_emulator::Inbound::text("Oi"))
        .unwrap();
    let inbound = product.count("messages", 1).await.remove(0);
    assert_eq!(inbound["from_user_id"], id.as_str());
    assert!(inbound.get("from").is_none());
    let contact = product.all("contacts").remove(0);
    assert_eq!(contact["profile"]["username"], "lia.demo");
    assert!(contact.get("wa_id").is_none());

    let mut body = text("", "Oi, Lia");
    body["recipient"] = json!(id);
    let (_, answer) = bench.call(&body).await;
    assert_eq!(answer["contacts"][0]["user_id"], id.as_str());
    let status = product.count("statuses", 1).await.remove(0);
    assert_eq!(status["recipient_user_id"], id.as_str());
    assert!(status.get("recipient_id").is_none());
}

#[actix_web::test]
async fn an_unknown_target_of_a_reaction_is_refused() {
    let bench = Bench::new(quick(), None).await;
    let id = bench.ana_says("Oi").message_id;
    let react = |id: &str| {
        json!({"messaging_product": "whatsapp", "to": ANA, "type": "reaction",
            "reaction": {"message_id": id, "emoji": "👍"}})
    };
    bench.accepted(&react(&id)).await;
    assert_eq!(bench.refused(&react("wamid.nothing")).await, 131_009);
}

#[actix_web::test]
async fn a_full_queue_refuses_and_accepts_nothing() {
    let config = EmulatorConfig {
        bounds: Bounds {
            queue: 1,
            ..Bounds::default()
        },
        ..quick()
    };
    let bench = Bench::new(config, None).await;
    bench.ana_says("Oi");
    let (status, body) = bench.call(&menu(ANA)).await;
    assert_eq!((status, &body["error"]["code"]), (500, &json!(131_016)));
    assert_eq!(bench.emulator.chat(NUMBER, ANA).unwrap().entries.len(), 1);
}
