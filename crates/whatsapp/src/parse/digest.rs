//! Keys for what has no id of its own.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// 32 hex digits that are the same for equal values, in whatever order their members come.
pub(super) fn of(values: &[&Value]) -> String {
    let mut hasher = Sha256::new();
    for value in values {
        feed(&mut hasher, value);
    }
    hex(&hasher.finalize())
}

/// 32 hex digits of a string.
pub(super) fn of_str(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().take(16).fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Every part carries its kind and length, so that no two different values feed the same bytes.
fn feed(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Null => part(hasher, b'n', b""),
        Value::Bool(truth) => part(hasher, b'b', &[u8::from(*truth)]),
        Value::Number(number) => part(hasher, b'i', number.to_string().as_bytes()),
        Value::String(text) => part(hasher, b's', text.as_bytes()),
        Value::Array(elements) => {
            part(hasher, b'[', elements.len().to_string().as_bytes());
            for element in elements {
                feed(hasher, element);
            }
        }
        Value::Object(members) => {
            part(hasher, b'{', members.len().to_string().as_bytes());
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            for (key, value) in members {
                part(hasher, b'k', key.as_bytes());
                feed(hasher, value);
            }
        }
    }
}

fn part(hasher: &mut Sha256, kind: u8, bytes: &[u8]) {
    hasher.update([kind]);
    hasher.update(bytes.len().to_le_bytes());
    hasher.update(bytes);
}

#[cfg(test)]
mod tests {
    use super::of;
    use serde_json::{Value, from_str, json};

    #[test]
    fn the_order_of_members_does_not_matter_and_everything_else_does() {
        let one: Value = from_str(r#"{"a":1,"b":{"c":[2,"3"],"d":null}}"#).unwrap();
        let other: Value = from_str(r#"{"b":{"d":null,"c":[2,"3"]},"a":1}"#).unwrap();
        assert_eq!(of(&[&one]), of(&[&other]));
        assert_eq!(of(&[&one]).len(), 32);
        for different in [
            json!({"a":1,"b":{"c":["3",2],"d":null}}),
            json!({"a":1,"b":{"c":[2,3],"d":null}}),
            json!({"a":1,"b":{"c":[2,"3"]}}),
            json!({"a":1,"b":{"c":[2,"3"],"d":false}}),
        ] {
            assert_ne!(of(&[&one]), of(&[&different]));
        }
        assert_ne!(of(&[&json!(["a", "b"])]), of(&[&json!(["ab"])]));
        assert_ne!(
            of(&[&json!("a"), &json!("b")]),
            of(&[&json!("a"), &json!(["b"])])
        );
    }
}
