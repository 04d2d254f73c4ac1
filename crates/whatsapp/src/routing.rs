//! The look into a delivery that is not yet verified. It finds every account and number the body
//! could speak for, and nothing else, so that the caller can choose the app secret and insist
//! that all of them belong to it.
//!
//! INVARIANT: whatever account or number [`crate::read_items`] finds in a body, [`read_routes`]
//! finds too. That is why a repeated JSON key is followed each time (a parsed document keeps
//! only the last), and why both read ids by the same rules: a body that shows one owner here and
//! another one there would cross tenants.
//!
//! Untrusted input: no tree is built, what is not on the way to an id is skipped without
//! recursion, and the number of ids is bounded.

use crate::text;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;
use thiserror::Error;

/// Meta puts at most 1,000 updates into one delivery (docs/META.md, "Deliveries"), each for one
/// account and one number.
const MAX_ROUTES: usize = 2_000;

/// Whom a delivery speaks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routes {
    /// WhatsApp Business accounts: every `entry[].id`.
    pub accounts: BTreeSet<String>,
    /// Phone number ids: every `metadata.phone_number_id`.
    pub numbers: BTreeSet<String>,
}

/// Why no owner can be found. Each of them is answered with 400.
#[derive(Debug, Error)]
pub enum RoutingError {
    #[error("the body is not UTF-8")]
    NotUtf8(#[source] std::str::Utf8Error),
    /// Not JSON, or cut off.
    #[error("the body is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// JSON without a single account or number.
    #[error("the body names no account and no number")]
    NoRoute,
    /// More accounts and numbers than any delivery of Meta has.
    #[error("the body names too many accounts and numbers")]
    TooMany,
}

/// Finds every account and number in an unverified body. The caller bounds its length.
///
/// # Errors
/// Why the body cannot be a delivery.
pub fn read_routes(body: &[u8]) -> Result<Routes, RoutingError> {
    let json = std::str::from_utf8(body).map_err(RoutingError::NotUtf8)?;
    let mut routes = Routes::default();
    let mut reader = serde_json::Deserializer::from_str(json);
    let seed = Walk {
        at: Place::Body,
        routes: &mut routes,
    };
    seed.deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(RoutingError::NotJson)?;
    match routes.accounts.len() + routes.numbers.len() {
        0 => Err(RoutingError::NoRoute),
        n if n > MAX_ROUTES => Err(RoutingError::TooMany),
        _ => Ok(routes),
    }
}

/// Where in the body the walk stands. Everything else is skipped.
#[derive(Clone, Copy)]
enum Place {
    Body,
    Entries,
    Entry,
    Account,
    Changes,
    Change,
    Value,
    Metadata,
    Number,
}

impl Place {
    fn member(self, key: &str) -> Option<Self> {
        match (self, key) {
            (Self::Body, "entry") => Some(Self::Entries),
            (Self::Entry, "id") => Some(Self::Account),
            (Self::Entry, "changes") => Some(Self::Changes),
            (Self::Change, "value") => Some(Self::Value),
            (Self::Value, "metadata") => Some(Self::Metadata),
            (Self::Metadata, "phone_number_id") => Some(Self::Number),
            _ => None,
        }
    }

    fn element(self) -> Option<Self> {
        match self {
            Self::Entries => Some(Self::Entry),
            Self::Changes => Some(Self::Change),
            _ => None,
        }
    }
}

struct Walk<'r> {
    at: Place,
    routes: &'r mut Routes,
}

impl Walk<'_> {
    fn found(self, id: &str) {
        let ids = match self.at {
            Place::Account => &mut self.routes.accounts,
            Place::Number => &mut self.routes.numbers,
            _ => return,
        };
        // One more than allowed is enough to refuse the body.
        if !id.is_empty() && ids.len() <= MAX_ROUTES {
            ids.insert(text::clean(id));
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match self.at.member(&key) {
                Some(at) => map.next_value_seed(Walk {
                    at,
                    routes: &mut *self.routes,
                })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Some(at) = self.at.element() else {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        loop {
            let routes = &mut *self.routes;
            if seq.next_element_seed(Walk { at, routes })?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_str<E>(self, id: &str) -> Result<(), E> {
        self.found(id);
        Ok(())
    }

    fn visit_u64<E>(self, id: u64) -> Result<(), E> {
        self.found(&id.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, id: i64) -> Result<(), E> {
        self.found(&id.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Routes, RoutingError, read_routes};

    fn routes(accounts: &[&str], numbers: &[&str]) -> Routes {
        Routes {
            accounts: accounts.iter().map(|&id| id.to_owned()).collect(),
            numbers: numbers.iter().map(|&id| id.to_owned()).collect(),
        }
    }

    #[test]
    fn every_entry_and_every_change_is_looked_at() {
        let body = br#"{"object":"x","entry":[
            {"id":"A","changes":[{"value":{"metadata":{"phone_number_id":"1"}}},
                                 {"value":{"metadata":{"phone_number_id":"2"}}}]},
            {"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":3}}}],"id":4}]}"#;
        assert_eq!(
            read_routes(body).unwrap(),
            routes(&["4", "A"], &["1", "2", "3"])
        );
    }

    #[test]
    fn a_repeated_key_hides_no_owner() {
        let body = br#"{"entry":[{"id":"A"}],"entry":[{"id":"B","id":"C","changes":[
            {"value":{"metadata":{"phone_number_id":"1","phone_number_id":"2"},
                      "metadata":{"phone_number_id":"3"}},
             "value":{"metadata":{"phone_number_id":"4"}}}]}]}"#;
        let expected = routes(&["A", "B", "C"], &["1", "2", "3", "4"]);
        assert_eq!(read_routes(body).unwrap(), expected);
    }

    #[test]
    fn ids_elsewhere_do_not_count() {
        let body = br#"{"id":"no","entry":[{"id":"A","messages":[{"id":"no"}],"changes":[
            {"id":"no","value":{"id":"no","phone_number_id":"no","messages":[
                {"metadata":{"phone_number_id":"no"}}],"metadata":{"id":"no"}}}]}]}"#;
        assert_eq!(read_routes(body).unwrap(), routes(&["A"], &[]));
    }

    #[test]
    fn unexpected_shapes_are_passed_over() {
        let body = br#"{"entry":[1,null,"x",[{"id":"no"}],{"id":{"id":"no"}},{"id":1.5},
            {"id":"","changes":{"value":1}},{"id":"A","changes":[[],2,{"value":[]},
            {"value":{"metadata":"m"}},{"value":{"metadata":{"phone_number_id":true}}}]}]}"#;
        assert_eq!(read_routes(body).unwrap(), routes(&["A"], &[]));
    }

    #[test]
    fn bodies_that_cannot_be_deliveries_are_refused() {
        assert!(matches!(
            read_routes(b"\xff{}"),
            Err(RoutingError::NotUtf8(_))
        ));
        let hidden = b"{\"entry\":[{\"id\":\"A\",\"x\":\"\xff\"}]}";
        assert!(matches!(read_routes(hidden), Err(RoutingError::NotUtf8(_))));
        for body in [
            &b""[..],
            b"{",
            br#"{"entry":[{"id":"A"}]"#,
            b"{} {}",
            b"entry=1",
        ] {
            assert!(matches!(read_routes(body), Err(RoutingError::NotJson(_))));
        }
        for body in [
            &b"{}"[..],
            b"[]",
            b"1",
            br#"{"entry":[]}"#,
            br#"{"entry":[{}]}"#,
        ] {
            assert!(matches!(read_routes(body), Err(RoutingError::NoRoute)));
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = 1_000_000;
        let (open, close) = ("[".repeat(deep), "]".repeat(deep));
        let skipped = format!(r#"{{"entry":[{{"x":{open}{close},"id":"A"}}]}}"#);
        assert_eq!(
            read_routes(skipped.as_bytes()).unwrap(),
            routes(&["A"], &[])
        );
        for cut in [
            open.clone(),
            format!(r#"{{"entry":{open}"#),
            r#"{"entry":[{"changes":[{"value":"#.repeat(deep / 10),
        ] {
            assert!(matches!(
                read_routes(cut.as_bytes()),
                Err(RoutingError::NotJson(_))
            ));
        }
    }

    #[test]
    fn the_number_of_owners_is_bounded() {
        let entries: Vec<String> = (0..2_001).map(|i| format!(r#"{{"id":"{i}"}}"#)).collect();
        let body = |n: usize| format!(r#"{{"entry":[{}]}}"#, entries[..n].join(","));
        assert_eq!(
            read_routes(body(2_000).as_bytes()).unwrap().accounts.len(),
            2_000
        );
        assert!(matches!(
            read_routes(body(2_001).as_bytes()),
            Err(RoutingError::TooMany)
        ));
    }
}
