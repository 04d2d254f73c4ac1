//! Reading single members of loosely typed objects. `None` stands for absent as well as for
//! something of another type: what it means is the caller's to say.

use super::digest;
use papo_domain::Timestamp;
use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// The longest provider id that is kept as it is; real ones have about 60 to 100 bytes. It keeps
/// keys within what a database index can hold.
const ID_MAX: usize = 255;

/// The end of the years that a timestamp may lie in: 2100-01-01.
const LATEST: i64 = 4_102_444_800;

/// An id that is spelled as a string or as an integer, and is not empty.
pub(crate) fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// The id of a message, a medium or the like, bounded: an overlong one is replaced by its digest,
/// the same wherever it is mentioned.
pub(super) fn id(object: &Object, key: &str) -> Option<String> {
    object.get(key).and_then(name).map(bounded)
}

/// `key`, or its digest if it is too long.
pub(super) fn bounded(key: String) -> String {
    if key.len() <= ID_MAX {
        key
    } else {
        format!("sha256:{}", digest::of_str(&key))
    }
}

pub(super) fn object<'a>(object: &'a Object, key: &str) -> Option<&'a Object> {
    object.get(key).and_then(Value::as_object)
}

pub(super) fn text(object: &Object, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// Text that says something.
pub(super) fn words(object: &Object, key: &str) -> Option<String> {
    text(object, key).filter(|text| !text.trim().is_empty())
}

pub(super) fn flag(object: &Object, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or_default()
}

/// An integer, also when it is spelled as a string.
pub(super) fn integer(object: &Object, key: &str) -> Option<i64> {
    match object.get(key)? {
        Value::Number(number) => number.as_i64(),
        Value::String(digits) => digits.trim().parse().ok(),
        _ => None,
    }
}

/// A finite number, also when it is spelled as a string.
pub(super) fn number(object: &Object, key: &str) -> Option<f64> {
    let number = match object.get(key)? {
        Value::Number(number) => number.as_f64(),
        Value::String(digits) => digits.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// The moment in `timestamp`, in seconds since 1970. A missing or impossible one, before 1970 or
/// after 2099, is 1970-01-01: parsing has no clock to put in its place, and of the moments at
/// hand the oldest does least harm, for it is shown as late and never holds a window open.
pub(super) fn timestamp(object: &Object) -> Timestamp {
    integer(object, "timestamp")
        .filter(|seconds| (0..LATEST).contains(seconds))
        .and_then(|seconds| Timestamp::from_timestamp(seconds, 0))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The members of `object` whose keys are not `known`.
pub(super) fn rest(object: &Object, known: &[&str]) -> Object {
    object
        .iter()
        .filter(|(key, _)| !known.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Object, id, name, timestamp};
    use serde_json::{Value, json};

    fn seconds(value: Value) -> i64 {
        timestamp(&Object::from_iter([("timestamp".to_owned(), value)])).timestamp()
    }

    #[test]
    fn timestamps_are_strings_or_integers_of_plausible_years() {
        assert_eq!(seconds(json!("1767225600")), 1_767_225_600);
        assert_eq!(seconds(json!(1_767_225_600)), 1_767_225_600);
        assert_eq!(seconds(json!(4_102_444_799_i64)), 4_102_444_799);
        for odd in [
            json!(-1),
            json!(4_102_444_800_i64),
            json!("1767225600000"),
            json!(i64::MAX),
            json!(u64::MAX),
            json!("99999999999999999999999"),
            json!(1.5),
            json!("soon"),
            json!(null),
            json!({}),
        ] {
            assert_eq!(seconds(odd.clone()), 0, "{odd}");
        }
        assert_eq!(timestamp(&Object::new()).timestamp(), 0);
    }

    #[test]
    fn names_are_strings_or_integers() {
        assert_eq!(name(&json!("a")).as_deref(), Some("a"));
        assert_eq!(name(&json!(12)).as_deref(), Some("12"));
        for odd in [
            json!(""),
            json!(1.5),
            json!(null),
            json!(["a"]),
            json!(true),
        ] {
            assert_eq!(name(&odd), None, "{odd}");
        }
    }

    #[test]
    fn an_overlong_id_becomes_its_digest() {
        let long = "é".repeat(200);
        let object = Object::from_iter([
            ("id".to_owned(), json!(long)),
            ("message_id".to_owned(), json!(long)),
            ("other".to_owned(), json!("x".repeat(255))),
        ]);
        let digest = id(&object, "id").unwrap();
        assert!(
            digest.starts_with("sha256:") && digest.len() == 39,
            "{digest}"
        );
        assert_eq!(id(&object, "message_id"), Some(digest));
        assert_eq!(id(&object, "other").unwrap().len(), 255);
    }
}
