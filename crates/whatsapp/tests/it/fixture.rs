//! The files of `fixtures/`, and what the parser makes of them.

use papo_domain::Content;
use papo_domain::conversation::Inbound;
use papo_domain::ports::{InboxItem, Peer};
use papo_whatsapp::{Item, read_items};
use std::path::{Path, PathBuf};

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let path = directory().join(format!("{name}.json"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of all fixtures.
pub(crate) fn names() -> Vec<String> {
    let files = std::fs::read_dir(directory()).unwrap();
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

pub(crate) fn items(name: &str) -> Vec<Item> {
    read_items(&bytes(name)).unwrap()
}

/// The only item of a fixture.
pub(crate) fn item(name: &str) -> Item {
    let mut items = items(name);
    assert_eq!(items.len(), 1, "{name}");
    items.remove(0)
}

/// The message of a fixture that holds one.
pub(crate) fn message(name: &str) -> (Peer, Option<String>, Inbound) {
    match item(name).item {
        InboxItem::Message {
            peer,
            name,
            inbound,
        } => (peer, name, inbound),
        other => panic!("{name}: {other:?}"),
    }
}

pub(crate) fn inbound(name: &str) -> Inbound {
    message(name).2
}

pub(crate) fn content(name: &str) -> Content {
    inbound(name).content
}

/// The object of the fixture's only message, as Meta sent it.
pub(crate) fn raw_message(name: &str) -> serde_json::Value {
    let mut body: serde_json::Value = serde_json::from_slice(&bytes(name)).unwrap();
    body["entry"][0]["changes"][0]["value"]["messages"][0].take()
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}
