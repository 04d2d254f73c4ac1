//! Who has read what, on both sides.

use crate::support::{ANA, Bench, NUMBER, field, quick, text};
use papo_emulator::{Customer, ReadBy, Receipts, Tick};
use serde_json::json;

#[actix_web::test]
async fn a_read_receipt_reads_all_before_it_and_may_show_typing() {
    let bench = Bench::new(quick(), None).await;
    let read = |id: &str, typing: bool| {
        let mut body = json!({
            "messaging_product": "whatsapp", "status": "read", "message_id": id});
        if typing {
            body["typing_indicator"] = json!({"type": "text"});
        }
        body
    };
    let ids = ["um", "dois", "três"].map(|text| bench.ana_says(text).message_id);
    assert_eq!(
        bench.call(&read(&ids[1], true)).await,
        (200, json!({"success": true}))
    );
    let chat = bench.emulator.chat(NUMBER, ANA).unwrap();
    let ticks: Vec<_> = chat.entries.iter().map(|entry| entry.tick).collect();
    assert_eq!(ticks, [Tick::Read, Tick::Read, Tick::Sent]);
    assert!(chat.typing_ms.unwrap() <= 25_000);

    let id = bench.accepted(&text(ANA, "Pois não?")).await;
    let chat = bench.emulator.chat(NUMBER, ANA).unwrap();
    assert_eq!(chat.typing_ms, None, "a message ends typing");
    for unknown in ["wamid.nothing", &id] {
        assert_eq!(bench.refused(&read(unknown, false)).await, 131_009);
    }
}

#[actix_web::test]
async fn reading_can_wait_for_the_chat_to_be_opened() {
    let mut config = quick();
    config.receipts = Receipts {
        read: ReadBy::Opening,
        ..config.receipts
    };
    let (bench, product) = Bench::with_product(config).await;
    bench.ana_says("Oi");
    bench.accepted(&text(ANA, "Olá")).await;
    product.count("statuses", 2).await;
    bench.idle().await;
    assert_eq!(
        field(&product.all("statuses"), "status"),
        ["sent", "delivered"]
    );
    bench.emulator.open_chat(NUMBER, ANA).unwrap();
    bench.emulator.open_chat(NUMBER, ANA).unwrap();
    bench.idle().await;
    let statuses = field(&product.all("statuses"), "status");
    assert_eq!(statuses, ["sent", "delivered", "read"]);
}

#[actix_web::test]
async fn some_customers_hide_that_they_read() {
    let (bench, product) = Bench::with_product(quick()).await;
    let shy = Customer {
        hides_reading: true,
        ..Customer::new(ANA, "Ana")
    };
    bench.emulator.add_customer(shy).unwrap();
    bench.ana_says("Oi");
    bench.accepted(&text(ANA, "Olá")).await;
    bench.idle().await;
    assert_eq!(
        field(&product.all("statuses"), "status"),
        ["sent", "delivered"]
    );
}
