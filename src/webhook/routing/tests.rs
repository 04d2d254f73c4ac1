use super::{Refusal, verify};
use crate::webhook::directory::{Candidate, Candidates};
use hmac::{Hmac, KeyInit as _, Mac as _};
use papo_domain::ports::InboxItem;
use papo_domain::{ChannelId, TenantId};
use papo_whatsapp::Item;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

const BODY: &[u8] = b"{}";

fn channel(tenant: u128, id: u128, number: &str, account: &str, secret: Option<&str>) -> Candidate {
    Candidate {
        tenant: TenantId(Uuid::from_u128(tenant)),
        channel: ChannelId(Uuid::from_u128(id)),
        number: Some(number.to_owned()),
        account: Some(account.to_owned()),
        secret: secret.map(SecretString::from),
        secret_id: Sha256::digest(secret.unwrap_or_default()).into(),
    }
}

fn candidates(numbers: &[&str], accounts: &[&str], channels: &[Candidate]) -> Candidates {
    let mut found = Candidates::default();
    for number in numbers {
        let own = channels
            .iter()
            .filter(|c| c.number.as_deref() == Some(number));
        found
            .numbers
            .insert((*number).to_owned(), own.cloned().collect());
    }
    for account in accounts {
        let own = channels
            .iter()
            .filter(|c| c.account.as_deref() == Some(account));
        found
            .accounts
            .insert((*account).to_owned(), own.cloned().collect());
    }
    found
}

fn sign(secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("key");
    mac.update(BODY);
    let digest = mac.finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

fn refusal(candidates: &Candidates, secret: &str) -> Option<Refusal> {
    verify(candidates, Some(sign(secret).as_bytes()), BODY).err()
}

fn item(account: &str, number: Option<&str>) -> Item {
    Item {
        account: account.to_owned(),
        number: number.map(str::to_owned),
        external_id: "x".to_owned(),
        item: InboxItem::Notice {
            field: "f".to_owned(),
            value: serde_json::Value::Null,
        },
    }
}

#[test]
fn the_owner_of_everything_is_believed() {
    let channels = [
        channel(1, 1, "n1", "a", Some("s")),
        channel(1, 2, "n2", "a", Some("s")),
    ];
    let found = candidates(&["n1", "n2"], &["a"], &channels);
    assert_eq!(refusal(&found, "s"), None);
    assert_eq!(refusal(&found, "other"), Some(Refusal::NotAuthentic));
    assert_eq!(
        verify(&found, None, BODY).err(),
        Some(Refusal::NotAuthentic)
    );
}

#[test]
fn nobody_speaks_for_the_number_of_another() {
    let channels = [
        channel(1, 1, "n1", "a", Some("mine")),
        channel(2, 2, "n2", "b", Some("theirs")),
    ];
    let found = candidates(&["n1", "n2"], &["a"], &channels);
    assert_eq!(refusal(&found, "mine"), Some(Refusal::NotAuthentic));
    assert_eq!(refusal(&found, "theirs"), Some(Refusal::NotAuthentic));
    let by_account = candidates(&["n1"], &["a", "b"], &channels);
    assert_eq!(refusal(&by_account, "mine"), Some(Refusal::NotAuthentic));
}

#[test]
fn an_account_that_is_claimed_by_another_app_does_not_hinder_its_owner() {
    let channels = [
        channel(1, 1, "n1", "a", Some("mine")),
        channel(2, 2, "n2", "a", Some("theirs")),
    ];
    let found = candidates(&["n1"], &["a"], &channels);
    let header = sign("mine");
    let verified = verify(&found, Some(header.as_bytes()), BODY).expect("mine");
    let (updates, unrouted) = verified.address(vec![item("a", None), item("a", Some("n1"))]);
    let tenants: Vec<u128> = updates.iter().map(|u| u.tenant.0.as_u128()).collect();
    assert_eq!((tenants, unrouted.len()), (vec![1, 1], 0));
    // The other app may speak for the account too, but not for this number.
    assert_eq!(refusal(&found, "theirs"), Some(Refusal::NotAuthentic));
}

#[test]
fn unknown_numbers_are_kept_apart_only_beside_a_known_one() {
    let channels = [channel(1, 1, "n1", "a", Some("s"))];
    let found = candidates(&["n1", "unknown"], &["a", "elsewhere"], &channels);
    let header = sign("s");
    let verified = verify(&found, Some(header.as_bytes()), BODY).expect("signed");
    let (updates, unrouted) = verified.address(vec![
        item("a", Some("n1")),
        item("a", Some("unknown")),
        item("elsewhere", None),
    ]);
    assert_eq!(updates.len(), 1);
    let routes: Vec<&str> = unrouted.iter().map(|u| u.route.as_str()).collect();
    assert_eq!(routes, ["unknown", "elsewhere"]);
    let nobody = candidates(&["unknown"], &["elsewhere"], &channels);
    assert_eq!(refusal(&nobody, "s"), Some(Refusal::NotAuthentic));
}

#[test]
fn news_of_an_account_reach_each_of_its_tenants_once() {
    let channels = [
        channel(1, 1, "n1", "a", Some("s")),
        channel(1, 2, "n2", "a", Some("s")),
        channel(2, 3, "n3", "a", Some("s")),
    ];
    let found = candidates(&[], &["a"], &channels);
    let header = sign("s");
    let verified = verify(&found, Some(header.as_bytes()), BODY).expect("signed");
    let (updates, _) = verified.address(vec![item("a", None)]);
    let mut tenants: Vec<u128> = updates.iter().map(|u| u.tenant.0.as_u128()).collect();
    tenants.sort_unstable();
    assert_eq!(tenants, [1, 2]);
}

#[test]
fn a_secret_that_cannot_be_opened_is_our_fault_and_not_the_senders() {
    let channels = [channel(1, 1, "n1", "a", None)];
    let found = candidates(&["n1"], &["a"], &channels);
    assert_eq!(refusal(&found, "s"), Some(Refusal::NoSecret));
    // An empty secret verifies nothing, and neither does a missing signature.
    assert_eq!(refusal(&found, ""), Some(Refusal::NoSecret));
    assert_eq!(
        verify(&found, None, BODY).err(),
        Some(Refusal::NotAuthentic)
    );
}

#[test]
fn a_forged_body_with_many_channels_costs_a_bounded_number_of_tries() {
    let channels: Vec<Candidate> = (0..100)
        .map(|i| channel(i, i, &format!("n{i}"), "a", Some(&format!("s{i}"))))
        .collect();
    let found = candidates(&[], &["a"], &channels);
    // The first eight are tried, in the order of the list.
    assert_eq!(refusal(&found, "s7"), None);
    assert_eq!(refusal(&found, "s8"), Some(Refusal::NotAuthentic));
}
