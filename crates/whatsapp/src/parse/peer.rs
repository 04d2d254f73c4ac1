//! Who is on the other side. Since usernames exist a message may come without a phone number, or
//! with a business-scoped user id beside it; groups have an id of their own (docs/META.md, "Who
//! writes").

use super::field::{Object, name, object, text, words};
use papo_domain::ports::{Alias, AliasKind, Peer};
use serde_json::Value;

/// The longest alias that is kept. A phone has 15 digits, a parent BSUID about 140 characters;
/// what is longer cannot be an address.
const ALIAS_MAX: usize = 255;
const NAME_MAX: usize = 255;

/// The members that name the other side of a message.
pub(super) struct Names {
    pub(super) phone: &'static str,
    pub(super) user_id: &'static str,
}

/// Of a message to us: its sender.
pub(super) const SENDER: Names = Names {
    phone: "from",
    user_id: "from_user_id",
};

/// Of a message from the phone app: its recipient.
pub(super) const RECIPIENT: Names = Names {
    phone: "to",
    user_id: "to_user_id",
};

/// The other side, or `None` if nothing names it, and the contact card of the person. The phone
/// comes first: it is the preferred address. Before it comes only what follows upon a name.
pub(super) fn of<'a>(
    message: &Object,
    names: &Names,
    contacts: &'a [Value],
) -> Option<(Peer, Option<&'a Object>)> {
    let mut aliases = Aliases::default();
    aliases.add(message.get(names.phone), None);
    aliases.add(message.get(names.user_id), Some(AliasKind::Bsuid));
    let successors = aliases.successors(message);
    let contact = contact(&aliases, contacts);
    if let Some(group) = message.get("group_id").and_then(alias_value) {
        let alias = Alias {
            kind: AliasKind::Group,
            value: group,
        };
        let peer = Peer {
            aliases: vec![alias],
            group: true,
        };
        return Some((peer, contact));
    }
    if let Some(contact) = contact {
        if aliases.of(AliasKind::WaId).is_none() {
            aliases.add(contact.get("wa_id"), None);
        }
        if aliases.of(AliasKind::Bsuid).is_none() {
            aliases.add(contact.get("user_id"), Some(AliasKind::Bsuid));
        }
    }
    let peer = Peer {
        aliases: aliases.after(successors),
        group: false,
    };
    (!peer.aliases.is_empty()).then_some((peer, contact))
}

#[derive(Default)]
struct Aliases(Vec<Alias>);

impl Aliases {
    fn add(&mut self, value: Option<&Value>, kind: Option<AliasKind>) {
        let Some(value) = value.and_then(alias_value) else {
            return;
        };
        let kind = kind.unwrap_or_else(|| guess(&value));
        let alias = Alias { kind, value };
        if !self.knows(&alias) {
            self.0.push(alias);
        }
    }

    /// What the customer is called from now on: a changed number or user id. The old number may
    /// be another person's by now, and the user id changes with the number.
    fn successors(&self, message: &Object) -> Self {
        let mut successors = Self::default();
        let system = object(message, "system")
            .filter(|_| text(message, "type").as_deref() == Some("system"));
        if let Some(system) = system {
            match text(system, "type").as_deref() {
                Some("user_changed_number") => {
                    successors.add(system.get("wa_id"), None);
                    successors.add(system.get("new_wa_id"), None);
                    successors.add(system.get("user_id"), Some(AliasKind::Bsuid));
                }
                Some("user_changed_user_id") => {
                    successors.add(system.get("user_id"), Some(AliasKind::Bsuid));
                }
                _ => {}
            }
        }
        successors.0.retain(|alias| !self.knows(alias));
        successors
    }

    /// The names that are sent to from now on, and then these, under which the customer was known.
    fn after(self, successors: Self) -> Vec<Alias> {
        let mut old = self;
        old.0.retain(|alias| !successors.knows(alias));
        let mut aliases = successors.phone_first();
        aliases.extend(old.phone_first());
        aliases
    }

    fn of(&self, kind: AliasKind) -> Option<&Alias> {
        self.0.iter().find(|alias| alias.kind == kind)
    }

    fn has(&self, value: Option<&Value>, kind: AliasKind) -> bool {
        let Some(value) = value.and_then(alias_value) else {
            return false;
        };
        self.knows(&Alias { kind, value })
    }

    fn knows(&self, alias: &Alias) -> bool {
        let key = alias.key();
        self.0
            .iter()
            .any(|a| a.kind == alias.kind && a.key() == key)
    }

    fn phone_first(mut self) -> Vec<Alias> {
        self.0.sort_by_key(|alias| alias.kind != AliasKind::WaId);
        self.0
    }
}

fn alias_value(value: &Value) -> Option<String> {
    name(value).filter(|value| value.len() <= ALIAS_MAX)
}

/// Phone or user id, where the member does not tell: a BSUID begins with a country and a dot.
fn guess(value: &str) -> AliasKind {
    match value.as_bytes() {
        [a, b, b'.', ..] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => AliasKind::Bsuid,
        _ => AliasKind::WaId,
    }
}

/// The contact card of the other side. One that names somebody else is never taken: it would
/// make two customers one.
fn contact<'a>(aliases: &Aliases, contacts: &'a [Value]) -> Option<&'a Object> {
    let mut cards = contacts.iter().filter_map(Value::as_object);
    let named = cards.clone().find(|card| {
        aliases.has(card.get("wa_id"), AliasKind::WaId)
            || aliases.has(card.get("user_id"), AliasKind::Bsuid)
    });
    named.or_else(|| {
        let only = cards.next().filter(|_| contacts.len() == 1)?;
        let nameless = !only.contains_key("wa_id") && !only.contains_key("user_id");
        (nameless || aliases.0.is_empty()).then_some(only)
    })
}

/// The name that a person gave to the own profile.
pub(super) fn profile_name(contact: &Object) -> Option<String> {
    let profile = object(contact, "profile")?;
    let name = words(profile, "name").or_else(|| words(profile, "username"))?;
    Some(name.trim().chars().take(NAME_MAX).collect())
}
