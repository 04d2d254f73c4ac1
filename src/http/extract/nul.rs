//! U+0000: JSON and percent-encoding can say it, no text of PostgreSQL can hold it. It is refused
//! at the door, wherever it stands, with the name of the field.

use crate::error::{ApiError, FieldFault};
use serde_json::Value;

const ESCAPED: &[u8] = b"\\u0000";
const PROBLEM: &str = "must not hold U+0000";

/// Looks through a JSON body. One that is no JSON is somebody else's to refuse.
///
/// # Errors
/// Every field with U+0000 in it.
pub(super) fn refuse_in_json(body: &[u8]) -> Result<(), ApiError> {
    // Unescaped it is no JSON.
    if !body.windows(ESCAPED.len()).any(|part| part == ESCAPED) {
        return Ok(());
    }
    let Ok(value) = serde_json::from_slice(body) else {
        return Ok(());
    };
    let mut faults = Vec::new();
    look("", &value, &mut faults);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(ApiError::Invalid(faults))
    }
}

/// Looks through one value of a query.
///
/// # Errors
/// It holds U+0000.
pub(super) fn refuse_in_query(name: &str, value: &str) -> Result<(), ApiError> {
    if name.contains('\0') {
        return Err(ApiError::invalid("query", PROBLEM));
    }
    if value.contains('\0') {
        return Err(ApiError::invalid(name, PROBLEM));
    }
    Ok(())
}

/// Adds a fault for every text and every key with U+0000, as a path such as `a.b[2].c`.
pub(super) fn look(path: &str, value: &Value, faults: &mut Vec<FieldFault>) {
    let here = || if path.is_empty() { "body" } else { path };
    match value {
        Value::String(text) if text.contains('\0') => {
            faults.push(FieldFault::new(here(), PROBLEM));
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                look(&format!("{path}[{place}]"), item, faults);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                if name.contains('\0') {
                    faults.push(FieldFault::new(here(), "has a name that holds U+0000"));
                } else if path.is_empty() {
                    look(name, field, faults);
                } else {
                    look(&format!("{path}.{name}"), field, faults);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{refuse_in_json, refuse_in_query};
    use crate::error::ApiError;

    fn fields(body: &str) -> Vec<String> {
        match refuse_in_json(body.as_bytes()) {
            Err(ApiError::Invalid(faults)) => faults.into_iter().map(|f| f.field).collect(),
            Err(other) => vec![format!("{other:?}")],
            Ok(()) => Vec::new(),
        }
    }

    #[test]
    fn every_place_is_named() {
        for (body, expected) in [
            (r#"{"a":"x","b":"y\u0000z"}"#, vec!["b"]),
            (
                r#"{"a":{"b":[{"c":"x"},{"c":"\u0000"}]}}"#,
                vec!["a.b[1].c"],
            ),
            (r#"{"a":{"k\u0000y":1},"b":"\u0000"}"#, vec!["a", "b"]),
            (r#""\u0000""#, vec!["body"]),
            (r#"["\u0000"]"#, vec!["[0]"]),
            // A backslash and five characters, which is something else.
            (r#"{"a":"\\u0000"}"#, vec![]),
            (r#"{"a":"\u0001"}"#, vec![]),
            // No JSON: whoever reads it says so.
            (r#"{"a":"\u0000""#, vec![]),
        ] {
            assert_eq!(fields(body), expected, "{body}");
        }
    }

    #[test]
    fn a_query_names_its_own() {
        assert!(refuse_in_query("q", "ana").is_ok());
        assert!(refuse_in_query("q", "a\0").is_err());
        assert!(refuse_in_query("q\0", "a").is_err());
    }
}
