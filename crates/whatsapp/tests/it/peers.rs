//! Who a message is from, with and without a phone number (docs/META.md, "Who writes").

use crate::fixture::{item, message};
use papo_domain::Content;
use papo_domain::ports::{Alias, AliasKind, InboxItem, Peer};
use papo_whatsapp::read_items;
use serde_json::{Value, json};

const PHONE: (AliasKind, &str) = (AliasKind::WaId, "5511900000001");
const USER_ID: (AliasKind, &str) = (AliasKind::Bsuid, "BR.1000000000000000001");
const NEW_PHONE: (AliasKind, &str) = (AliasKind::WaId, "5511900000009");
const NEW_USER_ID: (AliasKind, &str) = (AliasKind::Bsuid, "BR.1000000000000000002");

fn person(aliases: &[(AliasKind, &str)]) -> Peer {
    let alias = |(kind, value): &(AliasKind, &str)| Alias {
        kind: *kind,
        value: (*value).to_owned(),
    };
    Peer {
        aliases: aliases.iter().map(alias).collect(),
        group: false,
    }
}

fn peer(fixture: &str) -> Peer {
    message(fixture).0
}

#[test]
fn every_name_is_an_alias_and_the_phone_comes_first() {
    assert_eq!(
        peer("message_text_phone_and_user_id"),
        person(&[PHONE, USER_ID])
    );
    assert_eq!(peer("message_text_user_id_only"), person(&[USER_ID]));
    let contact_only = message("message_text_sender_in_contact_only");
    assert_eq!(contact_only.0, person(&[PHONE, USER_ID]));
    assert_eq!(contact_only.1.as_deref(), Some("exemplo"));
}

#[test]
fn a_changed_number_or_user_id_comes_before_the_old_names() {
    let numbers = person(&[NEW_PHONE, PHONE]);
    assert_eq!(peer("message_system_number"), numbers);
    assert_eq!(peer("message_system_number_old_version"), numbers);
    let user_ids = person(&[NEW_USER_ID, USER_ID]);
    assert_eq!(peer("message_system_user_id"), user_ids);
    assert_eq!(peer("message_system_identity"), person(&[PHONE]));
}

#[test]
fn nothing_old_is_preferred_to_what_a_change_tells() {
    let told = |system: Value, contacts: Value| {
        let members = json!({"from": PHONE.1, "from_user_id": USER_ID.1,
            "type": "system", "system": system});
        sender(members, contacts).0
    };
    let number = "user_changed_number";
    let both = json!({"type": number, "wa_id": NEW_PHONE.1, "user_id": NEW_USER_ID.1});
    let all = person(&[NEW_PHONE, NEW_USER_ID, PHONE, USER_ID]);
    assert_eq!(told(both, json!([])), all);
    // The new number is not shown to us, and the old one is not the customer's any more.
    let hidden = person(&[NEW_USER_ID, PHONE, USER_ID]);
    for change in [number, "user_changed_user_id"] {
        let system = json!({"type": change, "user_id": NEW_USER_ID.1});
        assert_eq!(told(system, json!([])), hidden, "{change}");
    }
    // The card may be the new one already.
    let card = json!([{"wa_id": PHONE.1, "user_id": NEW_USER_ID.1}]);
    let members = json!({"from": PHONE.1, "type": "system",
        "system": {"type": number, "user_id": NEW_USER_ID.1}});
    assert_eq!(sender(members, card).0, person(&[NEW_USER_ID, PHONE]));
    // Only a message about the change tells of one.
    let members = json!({"from": PHONE.1, "system": {"type": number, "wa_id": NEW_PHONE.1}});
    assert_eq!(sender(members, json!([])).0, person(&[PHONE]));
}

#[test]
fn a_group_is_one_peer_and_the_writer_is_kept_beside_it() {
    let (peer, name, inbound) = message("message_text_group");
    assert!(peer.group);
    let group = Alias {
        kind: AliasKind::Group,
        value: "120363000000000001".to_owned(),
    };
    assert_eq!(peer.aliases, [group]);
    assert_eq!(name, None, "a member's name is not the group's");
    let expected = json!({
        "from": "5511900000001",
        "from_user_id": "BR.1000000000000000001",
        "contact": {"profile": {"name": "Cliente Exemplo"}, "wa_id": "5511900000001"},
    });
    assert_eq!(inbound.context, Some(expected));
}

#[test]
fn an_echo_belongs_to_its_recipient() {
    let echo = item("echo_text");
    assert_eq!(echo.external_id, "wamid.HBgNecho1");
    assert_eq!(echo.route(), "100200300400500");
    let InboxItem::Echo { peer, inbound } = echo.item else {
        panic!("{echo:?}");
    };
    assert_eq!(peer, person(&[PHONE]));
    let body = "Oi, é o dono. Já te respondo.".to_owned();
    assert_eq!(inbound.content, Content::Text { body });
    assert_eq!(inbound.context, None);
    assert_eq!(inbound.sent_at.timestamp(), 1_767_225_720);

    let InboxItem::Echo { peer, inbound } = item("echo_user_id").item else {
        panic!("no echo");
    };
    assert_eq!(peer, person(&[PHONE, USER_ID]));
    assert!(matches!(inbound.content, Content::Image { .. }));
}

/// One message with the given members, beside the given contacts.
fn sent(members: Value, contacts: Value) -> InboxItem {
    let mut text = json!({"id": "wamid.1", "type": "text", "text": {"body": "oi"}});
    let members = members.as_object().unwrap().clone();
    text.as_object_mut().unwrap().extend(members);
    let body = json!({"entry": [{"id": "1", "changes": [{"field": "messages",
        "value": {"contacts": contacts, "messages": [text]}}]}]});
    let mut items = read_items(body.to_string().as_bytes()).unwrap();
    assert_eq!(items.len(), 1);
    items.remove(0).item
}

fn sender(members: Value, contacts: Value) -> (Peer, Option<String>) {
    match sent(members, contacts) {
        InboxItem::Message { peer, name, .. } => (peer, name),
        other => panic!("{other:?}"),
    }
}

#[test]
fn somebody_elses_contact_is_never_taken() {
    let other =
        json!([{"profile": {"name": "Outra"}, "wa_id": "5511900000002", "user_id": "BR.2"}]);
    let (peer, name) = sender(json!({"from": "5511900000001"}), other.clone());
    assert_eq!((peer, name), (person(&[PHONE]), None));

    let two = json!([other[0], {"profile": {"name": "Certa"}, "wa_id": "5511900000001", "user_id": USER_ID.1}]);
    let (peer, name) = sender(json!({"from": "5511900000001"}), two.clone());
    assert_eq!(
        (peer, name.as_deref()),
        (person(&[PHONE, USER_ID]), Some("Certa"))
    );
    let (peer, _) = sender(json!({"from_user_id": USER_ID.1}), two.clone());
    assert_eq!(peer, person(&[PHONE, USER_ID]));

    let nobody = sent(json!({}), two);
    assert!(
        matches!(nobody, InboxItem::Notice { .. }),
        "of two, neither: {nobody:?}"
    );
}

#[test]
fn a_contact_without_ids_only_lends_its_name() {
    let contacts = json!([{"profile": {"name": "  Nome  "}}]);
    let (peer, name) = sender(json!({"from": "5511900000001"}), contacts);
    assert_eq!((peer, name.as_deref()), (person(&[PHONE]), Some("Nome")));
    for nameless in [
        json!([{"profile": {"name": " "}}]),
        json!([{}]),
        json!([]),
        json!("x"),
    ] {
        assert_eq!(sender(json!({"from": "5511900000001"}), nameless).1, None);
    }
}

#[test]
fn the_ninth_digit_makes_no_second_phone() {
    let contacts = json!([{"profile": {"name": "Nome"}, "wa_id": "551187654321"}]);
    let (peer, name) = sender(json!({"from": "5511987654321"}), contacts);
    assert_eq!(peer, person(&[(AliasKind::WaId, "5511987654321")]));
    assert_eq!(name.as_deref(), Some("Nome"));

    let system = json!({"type": "user_changed_number", "wa_id": "551187654321"});
    let members = json!({"from": "5511987654321", "type": "system", "system": system});
    let (peer, _) = sender(members, json!([]));
    assert_eq!(peer, person(&[(AliasKind::WaId, "5511987654321")]));
}

#[test]
fn a_user_id_in_the_place_of_the_phone_is_known_by_its_shape() {
    let (peer, _) = sender(json!({"from": "BR.77"}), json!([]));
    assert_eq!(peer, person(&[(AliasKind::Bsuid, "BR.77")]));
    let (peer, _) = sender(json!({"from": 5_511_900_000_001_u64}), json!([]));
    assert_eq!(peer, person(&[PHONE]));
}

#[test]
fn an_address_that_cannot_be_one_is_none() {
    let long = "1".repeat(256);
    assert!(matches!(
        sent(json!({"from": long}), json!([])),
        InboxItem::Notice { .. }
    ));
    let (peer, _) = sender(json!({"from": long, "from_user_id": USER_ID.1}), json!([]));
    assert_eq!(peer, person(&[USER_ID]));
}
