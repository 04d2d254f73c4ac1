//! Each fault by itself, and that a seed repeats them.

use crate::support::{ANA, Bench, NUMBER, PATIENCE, field, quick, text};
use papo_emulator::{EmulatorConfig, Fault, Faults, Profile};
use serde_json::json;
use std::collections::BTreeMap;

fn with(faults: Faults) -> EmulatorConfig {
    EmulatorConfig { faults, ..quick() }
}

#[actix_web::test]
async fn a_lost_answer_leaves_a_message_that_its_status_explains() {
    let faults = Faults {
        lost_answer: Fault::next(1),
        ..Faults::default()
    };
    let (bench, product) = Bench::with_product(with(faults)).await;
    bench.ana_says("Oi");
    let mut body = text(ANA, "Olá");
    body["biz_opaque_callback_data"] = json!("row-7");
    let error = bench.request(&body).send().await.unwrap_err();
    assert!(!error.is_timeout() && error.status().is_none(), "{error:?}");

    let shown = bench.emulator.next_outbound(NUMBER, ANA, 0, PATIENCE).await;
    let statuses = product.count("statuses", 1).await;
    assert_eq!(statuses[0]["biz_opaque_callback_data"], "row-7");
    assert_eq!(statuses[0]["id"], shown.unwrap().id.as_str());
    let call = &bench.emulator.calls(0, 10)[0].entry;
    assert_eq!(call.status, None);
    assert!(call.message_id.is_some());
    bench.accepted(&text(ANA, "the limit is spent")).await;
}

#[actix_web::test]
async fn a_lost_request_looks_the_same_and_leaves_nothing() {
    let faults = Faults {
        lost_request: Fault::next(1),
        ..Faults::default()
    };
    let bench = Bench::new(with(faults), None).await;
    bench.ana_says("Oi");
    assert!(bench.request(&text(ANA, "Olá")).send().await.is_err());
    assert_eq!(bench.emulator.chat(NUMBER, ANA).unwrap().entries.len(), 1);
    assert_eq!(bench.emulator.calls(0, 10)[0].entry.message_id, None);
}

#[actix_web::test]
async fn a_server_error_refuses() {
    let faults = Faults {
        server_error: Fault::next(2),
        ..Faults::default()
    };
    let bench = Bench::new(with(faults), None).await;
    bench.ana_says("Oi");
    for _ in 0..2 {
        let (status, body) = bench.call(&text(ANA, "Olá")).await;
        assert_eq!((status, &body["error"]["code"]), (500, &json!(131_000)));
    }
    bench.accepted(&text(ANA, "Olá")).await;
    assert_eq!(bench.emulator.chat(NUMBER, ANA).unwrap().entries.len(), 2);
    assert_eq!(bench.emulator.faults().server_error.limit, Some(0));
}

#[actix_web::test]
async fn a_bad_gateway_accepts_and_says_nothing_useful() {
    let faults = Faults {
        bad_gateway: Fault::next(1),
        ..Faults::default()
    };
    let bench = Bench::new(with(faults), None).await;
    bench.ana_says("Oi");
    let answer = bench.request(&text(ANA, "Olá")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 502);
    assert!(answer.text().await.unwrap().starts_with("<html>"));
    assert_eq!(bench.emulator.chat(NUMBER, ANA).unwrap().entries.len(), 2);
}

#[actix_web::test]
async fn a_late_answer_comes_after_everything_else() {
    let faults = Faults {
        late_answer: Fault::next(1).lasting_ms(600_000),
        ..Faults::default()
    };
    let (bench, product) = Bench::with_product(with(faults)).await;
    bench.ana_says("Oi");
    let call = actix_web::rt::spawn(bench.request(&text(ANA, "Olá")).send());
    product.count("statuses", 3).await;
    assert_eq!(bench.emulator.chat(NUMBER, ANA).unwrap().entries.len(), 2);
    assert!(!call.is_finished());
    call.abort();
}

#[actix_web::test]
async fn a_slow_answer_accepts_only_then() {
    let faults = Faults {
        slow_answer: Fault::next(1).lasting_ms(80),
        ..Faults::default()
    };
    let bench = Bench::new(with(faults), None).await;
    bench.ana_says("Oi");
    let started = std::time::Instant::now();
    bench.accepted(&text(ANA, "Olá")).await;
    assert!(started.elapsed().as_millis() >= 80);
}

#[actix_web::test]
async fn the_status_may_be_told_before_the_answer() {
    let (bench, product) = Bench::with_product(with(Profile::StatusBeforeAnswer.faults())).await;
    bench.ana_says("Oi");
    for n in 0..10 {
        let id = bench.accepted(&text(ANA, &n.to_string())).await;
        let sent = product.all("statuses").into_iter();
        let mut sent = sent.filter(|status| status["id"] == id.as_str());
        assert!(sent.any(|status| status["status"] == "sent"), "told by now");
    }
}

#[actix_web::test]
async fn delivered_may_be_skipped_and_a_message_fail_late() {
    let faults = Faults {
        skipped_delivered: Fault::next(1),
        ..Faults::default()
    };
    let (bench, product) = Bench::with_product(with(faults)).await;
    bench.ana_says("Oi");
    bench.accepted(&text(ANA, "Olá")).await;
    bench.idle().await;
    assert_eq!(field(&product.all("statuses"), "status"), ["sent", "read"]);

    bench.emulator.set_faults(Faults {
        late_failure: Fault::next(1),
        ..Faults::default()
    });
    let id = bench.accepted(&text(ANA, "Olá")).await;
    bench.idle().await;
    let mut statuses = product.all("statuses");
    statuses.retain(|status| status["id"] == id.as_str());
    assert_eq!(field(&statuses, "status"), ["sent", "failed"]);
    assert_eq!(statuses[1]["errors"][0]["code"], 131_000);
}

#[actix_web::test]
async fn a_duplicate_storm_repeats_everything() {
    let faults = Faults {
        duplicate: Fault::often(100).lasting_ms(5),
        copies: 4,
        ..Faults::default()
    };
    let (bench, product) = Bench::with_product(with(faults)).await;
    bench.ana_says("Oi");
    bench.accepted(&text(ANA, "Olá")).await;
    bench.idle().await;
    assert_eq!(product.all("messages").len(), 5);
    let mut counts = BTreeMap::new();
    for status in field(&product.all("statuses"), "status") {
        *counts.entry(status).or_insert(0) += 1;
    }
    let wanted = ["delivered", "read", "sent"].map(|status| (status.to_owned(), 5));
    assert_eq!(counts, BTreeMap::from(wanted));
}

#[actix_web::test]
async fn reordering_lets_later_statuses_overtake() {
    let faults = Faults {
        reorder: Fault::often(50).lasting_ms(60),
        overlap: true,
        ..Faults::default()
    };
    let (bench, product) = Bench::with_product(with(faults)).await;
    bench.ana_says("Oi");
    for n in 0..15 {
        bench.accepted(&text(ANA, &n.to_string())).await;
    }
    bench.idle().await;
    let statuses = product.all("statuses");
    assert_eq!(statuses.len(), 45, "none is lost");
    let overtaken = statuses.iter().enumerate().any(|(at, status)| {
        status["status"] == "sent"
            && statuses
                .iter()
                .take(at)
                .any(|earlier| earlier["id"] == status["id"])
    });
    assert!(overtaken);
}

#[actix_web::test]
async fn batches_gather_updates() {
    let (bench, product) = Bench::with_product(with(Profile::Batches.faults())).await;
    let wanted: Vec<_> = (0..40)
        .map(|n| bench.ana_says(&n.to_string()).message_id)
        .collect();
    product.count("messages", 40).await;
    assert_eq!(field(&product.all("messages"), "id"), wanted, "in order");
    assert!(
        product.received().len() < 20,
        "40 messages at once are gathered, not posted one by one"
    );
}

/// How 60 sends ended, and how often each of their statuses was posted.
async fn run(seed: u64) -> (Vec<Option<u16>>, Vec<usize>) {
    let config = EmulatorConfig {
        seed,
        ..with(Faults {
            lost_answer: Fault::often(20),
            lost_request: Fault::often(20),
            server_error: Fault::often(20),
            bad_gateway: Fault::often(20),
            duplicate: Fault::often(50),
            copies: 2,
            ..Faults::default()
        })
    };
    let (bench, product) = Bench::with_product(config).await;
    let mut rules = bench.emulator.rules();
    (rules.pair, rules.throughput_per_second) = (None, None);
    bench.emulator.set_rules(rules);
    bench.ana_says("Oi");
    let mut answers = Vec::new();
    for n in 0..60 {
        let answer = bench.request(&text(ANA, &n.to_string())).send().await;
        answers.push(answer.ok().map(|answer| answer.status().as_u16()));
    }
    bench.idle().await;
    let statuses = product.all("statuses");
    let chat = bench.emulator.chat(NUMBER, ANA).unwrap();
    let copies = chat
        .entries
        .iter()
        .skip(1)
        .flat_map(|entry| ["sent", "delivered", "read"].map(|status| (&entry.id, status)))
        .map(|(id, name)| {
            let same = |status: &&serde_json::Value| {
                status["id"] == id.as_str() && status["status"] == name
            };
            statuses.iter().filter(same).count()
        })
        .collect();
    (answers, copies)
}

#[actix_web::test]
async fn a_seed_repeats_every_fault_and_another_does_not() {
    let first = run(42).await;
    assert!(first.0.contains(&None) && first.0.contains(&Some(200)));
    assert!(first.1.contains(&1) && first.1.contains(&3));
    assert_eq!(run(42).await, first);
    assert_ne!(run(43).await, first);
}
