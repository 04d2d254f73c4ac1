//! An emulator that is started again on the file of its predecessor.

use crate::support::{ANA, Bench, NUMBER, Product, RUI, field, menu, number, quick, text};
use papo_emulator::{Author, Customer, Emulator, EmulatorConfig, Inbound, StartError, Tick};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A folder that goes with the value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("papo-emulator-{}", uuid::Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn config(&self) -> EmulatorConfig {
        EmulatorConfig {
            state: Some(self.0.join("chats.json")),
            ..quick()
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[actix_web::test]
async fn chats_and_windows_outlive_a_restart() {
    let folder = Folder::new();
    let (bench, product) = Bench::with_product(folder.config()).await;
    bench
        .emulator
        .add_customer(Customer::new("5511900000003", "Lia"))
        .unwrap();
    bench.ana_says("Oi");
    let offer = bench.accepted(&menu(ANA)).await;
    bench.idle().await;
    let before = bench.emulator.chat(NUMBER, ANA).unwrap();
    let deliveries = product.received().len();
    bench.emulator.stop().await;

    let bench = Bench::new(folder.config(), Some(&product.url)).await;
    let after = bench.emulator.chat(NUMBER, ANA).unwrap();
    assert_eq!(
        serde_json::to_value(&after.entries).unwrap(),
        serde_json::to_value(&before.entries).unwrap()
    );
    assert!(after.window_ms.is_some());
    assert_eq!(bench.emulator.find_customers("Lia", 9).len(), 1);
    bench.idle().await;
    assert_eq!(product.received().len(), deliveries, "all was told before");

    // Her window is still open, his never was, and the old menu can be tapped.
    bench.accepted(&text(ANA, "Ainda aí?")).await;
    assert_eq!(bench.refused(&text(RUI, "Olá")).await, 131_047);
    let tap = Inbound::Tap {
        message_id: offer,
        button_id: "buy".into(),
    };
    let posted = bench.emulator.send(NUMBER, ANA, tap).unwrap();
    assert_eq!(posted.index, after.entries.last().unwrap().index + 2);
    let file = std::fs::metadata(folder.0.join("chats.json")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[actix_web::test]
async fn what_the_product_does_not_know_yet_is_told_after_the_restart() {
    let folder = Folder::new();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}/hook", nobody.local_addr().unwrap());
    drop(nobody);
    let bench = Bench::new(folder.config(), Some(&closed)).await;
    let said = bench.ana_says("Alguém?").message_id;
    let answered = bench.accepted(&text(ANA, "Sim")).await;
    bench.emulator.stop().await;

    let product = Product::start().await;
    let emulator = Emulator::start(folder.config()).await.unwrap();
    emulator.add_number(number(Some(&product.url))).unwrap();
    let messages = product.count("messages", 1).await;
    assert_eq!(field(&messages, "id"), [said]);
    let statuses = product
        .until(|product| {
            let all = product.all("statuses");
            let read = field(&all, "status").contains(&"read".to_owned());
            read.then_some(all)
        })
        .await;
    assert!(field(&statuses, "id").iter().all(|id| *id == answered));
    let sent = emulator.find_entry(NUMBER, ANA, crate::support::PATIENCE, |entry| {
        entry.author == Author::Customer && entry.tick == Tick::Delivered
    });
    sent.await.unwrap();
}

#[actix_web::test]
async fn a_killed_emulator_has_written_what_happened_a_moment_ago() {
    let folder = Folder::new();
    let bench = Bench::new(folder.config(), None).await;
    bench.ana_says("Bom dia");
    let path = folder.0.join("chats.json");
    // Written by the running one: it is not stopped before the file is there.
    let written = async {
        let mut every = tokio::time::interval(std::time::Duration::from_millis(20));
        while !std::fs::read_to_string(&path).is_ok_and(|text| text.contains("Bom dia")) {
            every.tick().await;
        }
    };
    let patience = crate::support::PATIENCE;
    tokio::time::timeout(patience, written).await.unwrap();
    let copy = Folder::new();
    std::fs::copy(&path, copy.0.join("chats.json")).unwrap();
    let second = Bench::new(copy.config(), None).await;
    assert_eq!(second.emulator.chat(NUMBER, ANA).unwrap().entries.len(), 1);
}

#[actix_web::test]
async fn a_file_that_cannot_be_read_stops_the_start_and_stays() {
    let folder = Folder::new();
    let path = folder.0.join("chats.json");
    for wrong in [
        "{\"version\":",
        "{\"version\":2,\"customers\":[],\"chats\":[]}",
    ] {
        std::fs::write(&path, wrong).unwrap();
        let refused = Emulator::start(folder.config()).await;
        assert!(matches!(refused, Err(StartError::State { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), wrong);
    }
}
