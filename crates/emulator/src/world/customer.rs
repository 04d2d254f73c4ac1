//! People with WhatsApp: a phone number, or only a user id since usernames exist
//! (docs/META.md, "Who writes").

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// A customer. Has a `wa_id`, or hides it behind a username.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// Phone number, digits with the country code. `None`: the product never sees a phone.
    #[serde(default)]
    pub wa_id: Option<String>,
    pub name: String,
    #[serde(default)]
    pub username: Option<String>,
    /// Business-scoped user id; derived from phone or username if not given, the same each time.
    #[serde(default)]
    pub user_id: Option<String>,
    /// Set when this customer has switched read receipts off.
    #[serde(default)]
    pub hides_reading: bool,
}

impl Customer {
    /// A customer with a phone.
    #[must_use]
    pub fn new(wa_id: &str, name: &str) -> Self {
        Self {
            wa_id: Some(wa_id.to_owned()),
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// What names this customer in the control API: the phone, else the user id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.wa_id
            .as_deref()
            .or(self.user_id.as_deref())
            .unwrap_or_default()
    }

    /// The element of `value.contacts` that introduces this customer.
    pub(crate) fn contact(&self) -> Value {
        let mut profile = Map::new();
        profile.insert("name".into(), self.name.clone().into());
        if let Some(username) = &self.username {
            profile.insert("username".into(), username.clone().into());
        }
        let mut contact = Map::new();
        contact.insert("profile".into(), profile.into());
        if let Some(wa_id) = &self.wa_id {
            contact.insert("wa_id".into(), wa_id.clone().into());
        }
        if let Some(user_id) = &self.user_id {
            contact.insert("user_id".into(), user_id.clone().into());
        }
        contact.into()
    }

    /// Fills the user id and checks the rest; `Err` says what is wrong.
    fn completed(mut self) -> Result<Self, &'static str> {
        if self.name.trim().is_empty() {
            return Err("name must not be empty");
        }
        if let Some(wa_id) = &self.wa_id
            && !(wa_id.len() >= 6 && wa_id.len() <= 15 && wa_id.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err("wa_id must be 6 to 15 digits");
        }
        if self.user_id.is_none() {
            let from = self.wa_id.as_deref().or(self.username.as_deref());
            let from = from.ok_or("wa_id, username or user_id is needed")?;
            self.user_id = Some(derived_user_id(from));
        }
        Ok(self)
    }
}

fn derived_user_id(from: &str) -> String {
    let digest = Sha256::digest(from);
    let digits: String = digest
        .iter()
        .take(16)
        .map(|byte| char::from(b'0' + byte % 10))
        .collect();
    format!("BR.{digits}")
}

/// All registered customers.
#[derive(Debug, Default)]
pub(crate) struct Customers {
    by_id: BTreeMap<String, Customer>,
    by_user_id: HashMap<String, String>,
}

impl Customers {
    /// Adds or replaces; returns the customer as kept.
    pub(crate) fn add(&mut self, customer: Customer) -> Result<Customer, &'static str> {
        let customer = customer.completed()?;
        let id = customer.id().to_owned();
        if let Some(user_id) = &customer.user_id {
            match self.by_user_id.get(user_id) {
                Some(owner) if *owner != id => return Err("user_id belongs to someone else"),
                _ => self.by_user_id.insert(user_id.clone(), id.clone()),
            };
        }
        let before = self.by_id.insert(id, customer.clone());
        if let Some(old) = before.and_then(|before| before.user_id)
            && customer.user_id.as_ref() != Some(&old)
        {
            self.by_user_id.remove(&old);
        }
        Ok(customer)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Customer> {
        self.by_id.get(id)
    }

    pub(crate) fn by_user_id(&self, user_id: &str) -> Option<&Customer> {
        self.by_user_id.get(user_id).and_then(|id| self.get(id))
    }

    /// Finds by phone as a business may write it: punctuation is ignored, and a Brazilian mobile
    /// is found with and without its ninth digit.
    pub(crate) fn by_phone(&self, phone: &str) -> Option<&Customer> {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        self.get(&digits)
            .or_else(|| self.get(&other_brazilian_form(&digits)?))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Customer> {
        self.by_id.values()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

fn other_brazilian_form(digits: &str) -> Option<String> {
    let (area, local) = digits.strip_prefix("55")?.split_at_checked(2)?;
    match (local.len(), local.strip_prefix('9')) {
        (9, Some(short)) => Some(format!("55{area}{short}")),
        (8, _) => Some(format!("55{area}9{local}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Customer, Customers};

    #[test]
    fn phone_is_found_in_every_spelling() {
        let mut customers = Customers::default();
        customers
            .add(Customer::new("5511900000001", "Ana"))
            .unwrap();
        customers.add(Customer::new("551130000002", "Rui")).unwrap();
        for spelling in ["5511900000001", "+55 (11) 90000-0001", "551100000001"] {
            assert_eq!(
                customers.by_phone(spelling).unwrap().name,
                "Ana",
                "{spelling}"
            );
        }
        assert_eq!(customers.by_phone("5511930000002").unwrap().name, "Rui");
        assert!(customers.by_phone("5511900000009").is_none());
    }

    #[test]
    fn user_id_is_derived_once_and_for_all() {
        let add = || Customers::default().add(Customer::new("5511900000001", "Ana"));
        let (one, two) = (add().unwrap(), add().unwrap());
        assert_eq!(one.user_id, two.user_id);
        assert!(one.user_id.unwrap().starts_with("BR."));
    }

    #[test]
    fn a_username_alone_is_enough_and_nothing_is_not() {
        let mut customers = Customers::default();
        let hidden = Customer {
            name: "Lia".into(),
            username: Some("lia.demo".into()),
            ..Customer::default()
        };
        let kept = customers.add(hidden).unwrap();
        assert_eq!(kept.id(), kept.user_id.as_deref().unwrap());
        assert!(customers.by_user_id(kept.id()).is_some());

        let nobody = Customer {
            name: "?".into(),
            ..Customer::default()
        };
        assert!(customers.add(nobody).is_err());
        assert!(customers.add(Customer::new("12ab", "Rui")).is_err());
    }

    #[test]
    fn two_customers_cannot_share_a_user_id() {
        let mut customers = Customers::default();
        let mut ana = Customer::new("5511900000001", "Ana");
        ana.user_id = Some("BR.1".into());
        let mut rui = Customer::new("5511900000002", "Rui");
        rui.user_id = Some("BR.1".into());
        customers.add(ana).unwrap();
        assert!(customers.add(rui).is_err());
    }
}
