//! How insistently the product is told, and in how many calls.

use crate::support::{ANA, Bench, NUMBER, PATIENCE, Product, RUI, field, number, quick};
use papo_emulator::{Inbound, Refusal, Tick};

#[actix_web::test]
async fn what_is_not_answered_with_200_comes_again_unchanged() {
    let (bench, product) = Bench::with_product(quick()).await;
    product.answer_first([503, 500, 204]);
    let posted = bench.ana_says("Oi");
    product.count("messages", 4).await;
    bench.idle().await;

    let received = product.received();
    assert_eq!(received.len(), 4);
    assert!(received.iter().all(|post| post.bytes == received[0].bytes));
    assert!(
        received
            .iter()
            .all(|post| post.signature == received[0].signature)
    );
    let log = bench.emulator.deliveries(0, 10);
    let attempts: Vec<_> = log
        .iter()
        .map(|call| (call.entry.attempt, call.entry.status))
        .collect();
    assert_eq!(
        attempts,
        [
            (1, Some(503)),
            (2, Some(500)),
            (3, Some(204)),
            (4, Some(200))
        ]
    );
    let stats = bench.emulator.stats();
    assert_eq!(
        (stats.delivered, stats.failed_attempts, stats.abandoned),
        (1, 3, 0)
    );
    let chat = bench.emulator.chat(NUMBER, ANA).unwrap();
    assert_eq!(chat.entries[0].id, posted.message_id);
    assert_eq!(chat.entries[0].tick, Tick::Delivered);
}

#[actix_web::test]
async fn attempts_end() {
    let (bench, product) = Bench::with_product(quick()).await;
    product.answer_first([503; 5]);
    bench.ana_says("Oi");
    bench.idle().await;
    assert_eq!(product.received().len(), 5);
    assert_eq!(bench.emulator.stats().abandoned, 1);
    let chat = bench.emulator.chat(NUMBER, ANA).unwrap();
    assert_eq!(
        chat.entries[0].tick,
        Tick::Sent,
        "the product never took it"
    );
}

#[actix_web::test]
async fn a_product_that_was_away_gets_it_at_its_new_address() {
    let mut config = quick();
    config.retry.attempts = 1_000_000;
    let bench = Bench::new(config, Some("http://127.0.0.1:9/nobody")).await;
    bench.ana_says("Oi");
    bench
        .emulator
        .find_entry(NUMBER, ANA, PATIENCE, |entry| entry.tick == Tick::Sent)
        .await
        .unwrap();
    let product = Product::start().await;
    bench
        .emulator
        .set_callback(NUMBER, Some(product.url.clone()))
        .unwrap();
    assert_eq!(product.count("messages", 1).await.len(), 1);
}

#[actix_web::test]
async fn without_faults_a_chat_keeps_its_order_one_call_at_a_time() {
    let (bench, product) = Bench::with_product(quick()).await;
    let wanted: Vec<_> = (0..60)
        .map(|n| bench.ana_says(&n.to_string()).message_id)
        .collect();
    product.count("messages", 60).await;
    assert_eq!(field(&product.all("messages"), "id"), wanted);
    assert_eq!(product.most_at_once(), 1);
}

#[actix_web::test]
async fn copies_of_a_message_are_the_same_message() {
    let (bench, product) = Bench::with_product(quick()).await;
    bench
        .emulator
        .send_copies(NUMBER, ANA, Inbound::text("Oi"), 100)
        .unwrap();
    product.count("messages", 100).await;
    bench.idle().await;
    let received = product.received();
    assert_eq!(received.len(), 100);
    assert!(received.iter().all(|post| post.bytes == received[0].bytes));
    assert_eq!(bench.emulator.chat(NUMBER, ANA).unwrap().entries.len(), 1);
}

#[actix_web::test]
async fn a_thousand_updates_fit_in_one_call() {
    let (bench, product) = Bench::with_product(quick()).await;
    let mut second = number(Some(&product.url));
    second.phone_number_id = "100000000000002".into();
    second.waba_id = "200000000000002".into();
    bench.emulator.add_number(second).unwrap();
    let messages = |count: usize| -> Vec<_> {
        (0..count)
            .map(|n| {
                let to = if n % 2 == 0 {
                    NUMBER
                } else {
                    "100000000000002"
                };
                let from = if n % 3 == 0 { ANA } else { RUI };
                (to.to_owned(), from.to_owned(), Inbound::text(n.to_string()))
            })
            .collect()
    };
    let posted = bench.emulator.send_together(messages(1_000)).unwrap();
    assert_eq!(posted.len(), 1_000);
    bench.idle().await;
    let received = product.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].all("messages").len(), 1_000);
    let entries = received[0].json["entry"].as_array().unwrap();
    assert_eq!(entries.len(), 2, "one per business account");
    assert!(entries[0]["changes"].as_array().unwrap().len() > 1);
    let contacts = &entries[0]["changes"][0]["value"]["contacts"];
    assert_eq!(contacts.as_array().unwrap().len(), 2, "each customer once");
    assert!(received[0].bytes.len() < 3_000_000);

    let refused = bench.emulator.send_together(messages(1_001));
    assert!(matches!(refused, Err(Refusal::Invalid(_))));
}

#[actix_web::test]
async fn updates_of_different_secrets_do_not_share_a_call() {
    let (bench, product) = Bench::with_product(quick()).await;
    let mut second = number(Some(&product.url));
    second.phone_number_id = "100000000000002".into();
    second.app_secret = "another-secret".into();
    bench.emulator.add_number(second).unwrap();
    let message = |number: &str| (number.to_owned(), ANA.to_owned(), Inbound::text("Oi"));
    let mixed = vec![message(NUMBER), message("100000000000002")];
    assert!(bench.emulator.send_together(mixed).is_err());

    bench
        .emulator
        .set_faults(papo_emulator::Profile::Batches.faults());
    for number in [NUMBER, "100000000000002", NUMBER, "100000000000002"] {
        bench
            .emulator
            .send(number, ANA, Inbound::text("Oi"))
            .unwrap();
    }
    product.count("messages", 4).await;
    for post in product.received() {
        let ids: std::collections::HashSet<_> = post.json["entry"][0]["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| change["value"]["metadata"]["phone_number_id"].to_string())
            .collect();
        assert_eq!(ids.len(), 1);
    }
}

#[actix_web::test]
async fn updates_without_a_callback_are_lost() {
    let bench = Bench::new(quick(), None).await;
    // Each wait must hear of an update that went nowhere, however the two are timed.
    for lost in 1..=200 {
        bench.ana_says("Oi");
        bench.idle().await;
        assert_eq!(bench.emulator.stats().lost, lost);
    }
}
