//! Signals as JSON between nodes, which may be of different versions for the time of a roll-out:
//!
//! ```json
//! {"v":1,"node":"papo-1","kind":"inbox_ready","tenant":"…"}
//! {"v":1,"node":"papo-1","kind":"events","tenant":"…","head":412}
//! {"v":1,"node":"papo-1","kind":"lagged"}
//! ```
//!
//! What is of another version or kind, or cannot be read, is ignored. A field may be added within
//! a version, never changed or taken away.

use papo_domain::TenantId;
use papo_domain::ports::{BusSignal, Heard};
use serde::Deserialize;
use serde_json::json;

const VERSION: u64 = 1;

#[derive(Deserialize)]
struct Version {
    v: u64,
}

#[derive(Deserialize)]
struct Frame {
    node: String,
    kind: String,
    tenant: Option<TenantId>,
    head: Option<u64>,
}

/// What `node` has to say.
pub(crate) fn encode(node: &str, heard: Heard) -> String {
    match heard {
        Heard::Signal(BusSignal::InboxReady { tenant }) => {
            json!({"v": VERSION, "node": node, "kind": "inbox_ready", "tenant": tenant})
        }
        Heard::Signal(BusSignal::Events { tenant, head }) => {
            json!({"v": VERSION, "node": node, "kind": "events", "tenant": tenant, "head": head})
        }
        Heard::Lagged => json!({"v": VERSION, "node": node, "kind": "lagged"}),
    }
    .to_string()
}

/// Who said what; `None` for what this version does not understand.
pub(crate) fn decode(text: &[u8]) -> Option<(String, Heard)> {
    let Version { v } = serde_json::from_slice(text).ok()?;
    if v != VERSION {
        return None;
    }
    let frame: Frame = serde_json::from_slice(text).ok()?;
    let heard = match (frame.kind.as_str(), frame.tenant, frame.head) {
        ("inbox_ready", Some(tenant), _) => Heard::Signal(BusSignal::InboxReady { tenant }),
        ("events", Some(tenant), Some(head)) => Heard::Signal(BusSignal::Events { tenant, head }),
        ("lagged", _, _) => Heard::Lagged,
        _ => return None,
    };
    Some((frame.node, heard))
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use papo_domain::TenantId;
    use papo_domain::ports::{BusSignal, Heard};
    use uuid::Uuid;

    const SHOP: TenantId = TenantId(Uuid::from_u128(0x5));
    const ID: &str = "00000000-0000-0000-0000-000000000005";

    /// Every kind beside its text, which other versions read: it must not change.
    fn kinds() -> [(Heard, String); 3] {
        let head = 9_007_199_254_740_993;
        [
            (
                Heard::Signal(BusSignal::InboxReady { tenant: SHOP }),
                format!(r#"{{"v":1,"node":"a","kind":"inbox_ready","tenant":"{ID}"}}"#),
            ),
            (
                Heard::Signal(BusSignal::Events { tenant: SHOP, head }),
                format!(
                    r#"{{"v":1,"node":"a","kind":"events","tenant":"{ID}","head":9007199254740993}}"#
                ),
            ),
            (
                Heard::Lagged,
                r#"{"v":1,"node":"a","kind":"lagged"}"#.to_owned(),
            ),
        ]
    }

    #[test]
    fn the_text_of_version_1_is_fixed() {
        for (heard, text) in kinds() {
            let written: serde_json::Value = serde_json::from_str(&encode("a", heard)).unwrap();
            let fixed: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(written, fixed);
            assert_eq!(decode(text.as_bytes()), Some(("a".to_owned(), heard)));
        }
    }

    #[test]
    fn fields_of_a_later_build_are_passed_over() {
        let text = format!(
            r#"{{"v":1,"node":"b","kind":"inbox_ready","tenant":"{ID}","since":"x","more":[1]}}"#
        );
        let heard = Heard::Signal(BusSignal::InboxReady { tenant: SHOP });
        assert_eq!(decode(text.as_bytes()), Some(("b".to_owned(), heard)));
    }

    #[test]
    fn what_is_not_understood_is_ignored() {
        let foreign = [
            format!(r#"{{"v":2,"node":"a","kind":"inbox_ready","tenant":"{ID}"}}"#),
            r#"{"v":2,"whatever":true}"#.to_owned(),
            format!(r#"{{"v":1,"node":"a","kind":"dance","tenant":"{ID}"}}"#),
            r#"{"v":1,"node":"a","kind":"inbox_ready"}"#.to_owned(),
            format!(r#"{{"v":1,"node":"a","kind":"events","tenant":"{ID}"}}"#),
            format!(r#"{{"v":1,"node":"a","kind":"events","tenant":"{ID}","head":-1}}"#),
            r#"{"v":1,"node":"a","kind":"inbox_ready","tenant":"shop"}"#.to_owned(),
            format!(r#"{{"v":1,"kind":"inbox_ready","tenant":"{ID}"}}"#),
            format!(r#"{{"node":"a","kind":"inbox_ready","tenant":"{ID}"}}"#),
            "[]".to_owned(),
            String::new(),
            "[".repeat(100_000),
        ];
        for text in foreign {
            assert_eq!(decode(text.as_bytes()), None, "{text:.80}");
        }
        assert_eq!(decode(&[0xff, 0xfe]), None);
    }
}
