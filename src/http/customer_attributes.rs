//! What a tenant wants to know of its customers.

mod create;
mod delete;
mod list;
mod update;

pub(crate) use create::create_customer_attribute;
pub(crate) use delete::delete_customer_attribute;
pub(crate) use list::list_customer_attributes;
pub(crate) use update::update_customer_attribute;

use papo_domain::customer::CHOICES_MAX;
use papo_storage::app::CustomerAttribute;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which values an attribute takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KindName {
    Text,
    Number,
    /// `2026-01-31`.
    Date,
    Boolean,
    /// One of its `choices`.
    Choice,
}

/// An attribute of customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttributeView {
    #[schema(example = "plano")]
    key: String,
    #[schema(example = "Plano")]
    label: String,
    /// `text`, `number`, `date`, `boolean` or `choice`.
    kind: &'static str,
    /// What may be chosen.
    choices: Vec<String>,
    position: i32,
}

impl From<CustomerAttribute> for AttributeView {
    fn from(attribute: CustomerAttribute) -> Self {
        Self {
            key: attribute.key,
            label: attribute.label,
            kind: attribute.kind.name(),
            choices: attribute.kind.choices().to_vec(),
            position: attribute.position,
        }
    }
}

/// 1 to 50 different ones of 1 to 100 characters.
fn choices(value: &[String], _: &()) -> garde::Result {
    let fits = |choice: &String| {
        (1..=100).contains(&choice.chars().count()) && choice.trim() == choice.as_str()
    };
    let mut different: Vec<&String> = value.iter().collect();
    different.sort_unstable();
    different.dedup();
    let count = (1..=CHOICES_MAX).contains(&value.len());
    if count && value.iter().all(fits) && different.len() == value.len() {
        return Ok(());
    }
    Err(garde::Error::new(format!(
        "must be 1 to {CHOICES_MAX} different texts of 1 to 100 characters, without leading or \
         trailing spaces"
    )))
}
