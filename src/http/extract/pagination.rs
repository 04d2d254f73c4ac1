//! Keyset pages: `{data, next_cursor}`. A cursor is opaque to clients; here it is the key of the
//! last row that they have seen.

use crate::error::{ApiError, FieldFault};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike as _, FixedOffset};
use garde::Validate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// The last row that a client has seen, as it gave it back.
#[derive(Clone, Debug, Default)]
pub struct Cursor(Option<String>);

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<String>::deserialize(deserializer).map(Self)
    }
}

impl Cursor {
    /// The key of that row; `None` on the first page.
    ///
    /// # Errors
    /// The cursor is not from this list.
    pub fn key<K: DeserializeOwned>(&self) -> Result<Option<K>, ApiError> {
        let Some(text) = self.0.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let value: Option<Value> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let value = value.filter(could_be_ours);
        let key = value.and_then(|value| serde_json::from_value(value).ok());
        key.map(Some)
            .ok_or_else(|| ApiError::Unreadable(FieldFault::new("cursor", "is not a valid cursor")))
    }
}

/// Whether a row could have this key: no column holds U+0000, or a time before or after all
/// others.
fn could_be_ours(key: &Value) -> bool {
    match key {
        Value::String(text) => {
            let time = text.parse::<DateTime<FixedOffset>>().ok();
            !text.contains('\0') && time.is_none_or(|time| (1970..=9999).contains(&time.year()))
        }
        Value::Array(parts) => parts.iter().all(could_be_ours),
        _ => true,
    }
}

/// Which part of a list that has no filters.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    #[garde(skip)]
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub cursor: Cursor,
    /// Rows of a page, 1 to 100.
    #[garde(range(min = 1, max = 100))]
    #[serde(default = "default_limit")]
    #[param(default = 50)]
    pub limit: u32,
}

/// Rows of a page, unless the client says otherwise.
pub fn default_limit() -> u32 {
    50
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub data: Vec<T>,
    /// Ask for the next page with this; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of up to `limit` of `rows`, of which one more was read than is shown: it tells
    /// whether there is another page.
    pub fn of<R, K: Serialize>(
        mut rows: Vec<R>,
        limit: u32,
        key: impl Fn(&R) -> K,
        show: impl Fn(R) -> T,
    ) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more).map(key);
        let next_cursor = last
            .and_then(|key| serde_json::to_vec(&key).ok())
            .map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        Self {
            data: rows.into_iter().map(show).collect(),
            next_cursor,
        }
    }

    /// A list that is never longer than one page.
    pub fn whole<R>(rows: Vec<R>, show: impl Fn(R) -> T) -> Self {
        Self {
            data: rows.into_iter().map(show).collect(),
            next_cursor: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Page};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::Value;

    #[test]
    fn the_cursor_is_the_last_row_shown() {
        let page = Page::of(vec![1, 2, 3], 2, |row| (*row, "x"), |row| row * 10);
        assert_eq!(page.data, [10, 20]);
        let cursor = Cursor(page.next_cursor);
        assert_eq!(
            cursor.key::<(i32, String)>().expect("key"),
            Some((2, "x".to_owned()))
        );
        assert!(cursor.key::<Vec<bool>>().is_err());
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        let page = Page::of(vec![1, 2], 2, |row| *row, |row| row);
        assert_eq!(page.next_cursor, None);
        assert_eq!(Cursor(None).key::<i32>().expect("first page"), None);
    }

    #[test]
    fn invented_cursors_are_refused() {
        for text in ["x", "....", "bnVsbG8"] {
            assert!(
                Cursor(Some(text.to_owned())).key::<i32>().is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn keys_that_no_row_can_have_are_refused() {
        for key in [
            r#""a\u0000""#,
            r#"[1,"a\u0000"]"#,
            r#""-262000-01-01T00:00:00Z""#,
            r#""+262000-01-01T00:00:00Z""#,
            r#"[4,"0001-01-01T00:00:00Z"]"#,
        ] {
            let cursor = Cursor(Some(URL_SAFE_NO_PAD.encode(key)));
            assert!(cursor.key::<Value>().is_err(), "{key}");
        }
        let cursor = Cursor(Some(URL_SAFE_NO_PAD.encode(r#""2026-01-01T00:00:00Z""#)));
        assert!(cursor.key::<Value>().is_ok());
    }
}
