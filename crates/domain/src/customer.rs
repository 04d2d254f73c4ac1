//! What a tenant wants to know of its customers: attributes of its own, each with a kind that its
//! values must be of.

use chrono::NaiveDate;
use serde_json::Value;

/// The most attributes of a tenant.
pub const ATTRIBUTES_MAX: usize = 50;
/// The most choices of an attribute.
pub const CHOICES_MAX: usize = 50;
/// The most characters of a value.
pub const VALUE_MAX: usize = 500;

/// Which values an attribute takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeKind {
    Text,
    Number,
    /// `2026-01-31`.
    Date,
    Boolean,
    /// One of these.
    Choice(Vec<String>),
}

impl AttributeKind {
    /// The stored word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Boolean => "boolean",
            Self::Choice(_) => "choice",
        }
    }

    /// The kind of a stored word, with what may be chosen.
    #[must_use]
    pub fn of(name: &str, choices: Vec<String>) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "number" => Self::Number,
            "date" => Self::Date,
            "boolean" => Self::Boolean,
            "choice" => Self::Choice(choices),
            _ => return None,
        })
    }

    /// What may be chosen; nothing for other kinds.
    #[must_use]
    pub fn choices(&self) -> &[String] {
        match self {
            Self::Choice(choices) => choices,
            _ => &[],
        }
    }

    /// Whether `value` is one of this kind.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, value: &Value) -> Result<(), &'static str> {
        match (self, value) {
            (Self::Text, Value::String(text)) if text.chars().count() > VALUE_MAX => {
                Err("has more than 500 characters")
            }
            (Self::Text, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Boolean, Value::Bool(_)) => Ok(()),
            (Self::Date, Value::String(text)) if is_date(text) => Ok(()),
            (Self::Choice(choices), Value::String(text)) if choices.contains(text) => Ok(()),
            (Self::Text, _) => Err("must be a text"),
            (Self::Number, _) => Err("must be a number"),
            (Self::Date, _) => Err("must be a date such as 2026-01-31"),
            (Self::Boolean, _) => Err("must be true or false"),
            (Self::Choice(_), _) => Err("is none of the choices"),
        }
    }
}

/// Exactly `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

#[cfg(test)]
mod tests {
    use super::AttributeKind as Kind;
    use serde_json::json;

    #[test]
    fn a_value_is_of_its_kind() {
        let choice = Kind::Choice(vec!["ouro".to_owned(), "prata".to_owned()]);
        for (kind, value, good) in [
            (&Kind::Text, json!("a"), true),
            (&Kind::Text, json!("ç".repeat(500)), true),
            (&Kind::Text, json!("ç".repeat(501)), false),
            (&Kind::Text, json!(1), false),
            (&Kind::Number, json!(1.5), true),
            (&Kind::Number, json!("1.5"), false),
            (&Kind::Date, json!("2024-02-29"), true),
            (&Kind::Date, json!("2026-02-29"), false),
            (&Kind::Date, json!("2026-2-1"), false),
            (&Kind::Date, json!("31/01/2026"), false),
            (&Kind::Boolean, json!(false), true),
            (&Kind::Boolean, json!("sim"), false),
            (&choice, json!("ouro"), true),
            (&choice, json!("Ouro"), false),
            (&choice, json!(["ouro"]), false),
        ] {
            assert_eq!(kind.check(&value).is_ok(), good, "{kind:?} {value}");
        }
    }

    #[test]
    fn kinds_are_stored_by_their_words() {
        let choice = Kind::Choice(vec!["a".to_owned()]);
        for kind in [Kind::Text, Kind::Number, Kind::Date, Kind::Boolean, choice] {
            let again = Kind::of(kind.name(), kind.choices().to_vec());
            assert_eq!(again, Some(kind));
        }
        assert_eq!(Kind::of("cor", Vec::new()), None);
    }
}
