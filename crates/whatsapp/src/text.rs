//! Strings that cannot be stored: U+0000, which Postgres refuses, and escaped halves of
//! surrogate pairs, which no UTF-8 string can hold. Both become U+FFFD, so that one customer's
//! broken emoji does not make a whole delivery unreadable.

use serde_json::Value;

const REPLACEMENT: &str = "\u{FFFD}";
const NUL: char = '\0';

/// `text` without U+0000.
pub(crate) fn clean(text: &str) -> String {
    text.replace(NUL, REPLACEMENT)
}

/// Cleans every string and key of a parsed document.
pub(crate) fn clean_value(value: &mut Value) {
    match value {
        Value::String(text) if text.contains(NUL) => *text = clean(text),
        Value::Array(elements) => elements.iter_mut().for_each(clean_value),
        Value::Object(members) => {
            if members.keys().any(|key| key.contains(NUL)) {
                *members = std::mem::take(members)
                    .into_iter()
                    .map(|(key, value)| (clean(&key), value))
                    .collect();
            }
            members.values_mut().for_each(clean_value);
        }
        _ => {}
    }
}

/// Whether JSON text may hold U+0000, which only an escape can bring in.
pub(crate) fn may_hold_nul(json: &str) -> bool {
    json.contains("\\u0000")
}

/// JSON text with every escaped lone surrogate replaced, or `None` if there is none.
pub(crate) fn mend_surrogates(json: &str) -> Option<String> {
    let mut mended = String::with_capacity(json.len());
    let mut changed = false;
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                changed = true;
                mended.push_str(REPLACEMENT);
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            (Some(_), _) => 6,
            // The escaped character may be of several bytes; then this is not JSON anyway.
            (None, _) => escape.chars().take(2).map(char::len_utf8).sum(),
        };
        let (kept, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        mended.push_str(kept);
        rest = after;
    }
    mended.push_str(rest);
    changed.then_some(mended)
}

/// The code unit of a `\uXXXX` at the start of `escape`.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::{clean_value, mend_surrogates};
    use serde_json::{Value, json};

    #[test]
    fn nul_is_replaced_in_every_string_and_key() {
        let mut value = json!({"a\0": ["\0", {"b": "x\0y"}], "c": "plain", "d": 1});
        clean_value(&mut value);
        let expected =
            json!({"a\u{FFFD}": ["\u{FFFD}", {"b": "x\u{FFFD}y"}], "c": "plain", "d": 1});
        assert_eq!(value, expected);
    }

    #[test]
    fn lone_surrogates_are_replaced_and_pairs_and_escaped_backslashes_are_left() {
        for (json, expected) in [
            (r#""a\ud83db""#, "a\u{FFFD}b"),
            (r#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
            (r#""\uD83D\n""#, "\u{FFFD}\n"),
            (r#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
            (r#""\\ud83d \ud83d""#, "\\ud83d \u{FFFD}"),
        ] {
            let mended = mend_surrogates(json).unwrap();
            let text: Value = serde_json::from_str(&mended).unwrap();
            assert_eq!(text, expected, "{json}");
        }
    }

    #[test]
    fn text_without_lone_surrogates_is_not_copied() {
        for json in [
            r#""\ud83d\ude00""#,
            r#""\\ud83d""#,
            "",
            "\\",
            "\\u",
            "\\u12",
            "\\é",
            "\\u12é4",
        ] {
            assert_eq!(mend_surrogates(json), None, "{json}");
        }
    }
}
