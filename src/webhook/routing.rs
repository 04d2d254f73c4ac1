//! Whose a delivery is: which app secret signed it, whether everything in it belongs to that
//! secret, and which channel each item goes to. Pure.

use super::directory::{Candidate, Candidates};
use papo_domain::ports::{Unrouted, Update};
use papo_whatsapp::{Item, verify_signature};
use std::collections::BTreeSet;

/// Different secrets that are tried for one delivery. A delivery of Meta has one; whoever names
/// many channels in a forged body makes us compute no more than this.
const MOST_SECRETS: usize = 8;

/// Why a delivery is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not signed by the owner of everything in it.
    NotAuthentic,
    /// A secret that might have signed it cannot be opened now.
    NoSecret,
}

/// A delivery's proved owner.
#[derive(Clone, Debug)]
pub(crate) struct Verified<'a> {
    candidates: &'a Candidates,
    secret_id: [u8; 32],
}

/// Finds the secret that signed `body`, and insists that every known account and number in it
/// belongs to that secret. Without a known one there is nothing to believe.
///
/// # Errors
/// [`Refusal`]; nothing may be stored then.
pub(crate) fn verify<'a>(
    candidates: &'a Candidates,
    signature: Option<&[u8]>,
    body: &[u8],
) -> Result<Verified<'a>, Refusal> {
    let all = candidates
        .numbers
        .values()
        .chain(candidates.accounts.values());
    let all: Vec<&Candidate> = all.flat_map(|list| list.iter()).collect();
    let mut tried = BTreeSet::new();
    let signed = all.iter().find(|candidate| {
        let Some(secret) = &candidate.secret else {
            return false;
        };
        tried.len() < MOST_SECRETS
            && tried.insert(candidate.secret_id)
            && verify_signature(secret, signature, body).is_ok()
    });
    let Some(signed) = signed else {
        let unopened = all.iter().any(|candidate| candidate.secret.is_none());
        return Err(if unopened && signature.is_some() {
            Refusal::NoSecret
        } else {
            Refusal::NotAuthentic
        });
    };
    let secret_id = signed.secret_id;
    // A number has one channel. An account's channels may have several apps: one must be ours.
    let lists = candidates
        .numbers
        .values()
        .chain(candidates.accounts.values());
    let foreign = lists.filter(|list| !list.is_empty()).any(|list| {
        list.iter()
            .all(|candidate| candidate.secret_id != secret_id)
    });
    if foreign {
        return Err(Refusal::NotAuthentic);
    }
    Ok(Verified {
        candidates,
        secret_id,
    })
}

impl Verified<'_> {
    /// Sends every item to its channel: by its number, or, for news of an account, to one
    /// channel of each tenant that has the account. What belongs to nobody is kept apart.
    #[must_use]
    pub(crate) fn address(&self, items: Vec<Item>) -> (Vec<Update>, Vec<Unrouted>) {
        let mut updates = Vec::with_capacity(items.len());
        let mut unrouted = Vec::new();
        for item in items {
            let owners = self.owners(&item);
            if owners.is_empty() {
                unrouted.push(Unrouted {
                    route: item.route().to_owned(),
                    body: serde_json::to_vec(&item.item).unwrap_or_default(),
                });
                continue;
            }
            updates.extend(owners.into_iter().map(|owner| Update {
                tenant: owner.tenant,
                channel: owner.channel,
                external_id: item.external_id.clone(),
                item: item.item.clone(),
            }));
        }
        (updates, unrouted)
    }

    fn owners(&self, item: &Item) -> Vec<&Candidate> {
        let list = match &item.number {
            Some(number) => self.candidates.numbers.get(number),
            None => self.candidates.accounts.get(&item.account),
        };
        let mut owners: Vec<&Candidate> = Vec::new();
        for candidate in list.map(|list| list.iter()).into_iter().flatten() {
            let ours = candidate.secret_id == self.secret_id;
            if ours && owners.iter().all(|owner| owner.tenant != candidate.tenant) {
                owners.push(candidate);
            }
        }
        owners
    }
}

#[cfg(test)]
mod tests;
