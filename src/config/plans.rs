//! `[plans.…]`: how much a tenant may have.

use super::Faults;
use serde::{Deserialize, Serialize};

/// The plans there are.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plans {
    pub free: Quotas,
    /// Of new tenants, too, for as long as they try.
    pub pro: Quotas,
    pub enterprise: Quotas,
}

/// How much a plan gives. 0 is without a bound.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Quotas {
    /// Active ones.
    pub users: u32,
    /// Active ones.
    pub channels: u32,
    /// That begin in a month. Customers are never turned away: whoever has more is shown so.
    pub conversations_per_month: u32,
    /// Of files. Customers' are never turned away; whoever has more uploads none.
    pub storage_bytes: u64,
}

impl Plans {
    /// The quotas of a plan, by the name that is stored. An unknown one is the smallest.
    #[must_use]
    pub fn of(&self, plan: &str) -> Quotas {
        match plan {
            "enterprise" => self.enterprise,
            "pro" => self.pro,
            _ => self.free,
        }
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        for (field, users) in [
            ("plans.free.users", self.free.users),
            ("plans.pro.users", self.pro.users),
            ("plans.enterprise.users", self.enterprise.users),
        ] {
            faults.range(field, users, 0..=1_000_000);
        }
    }

    pub(super) fn for_tests() -> Self {
        let quotas = |users, channels, storage_bytes| Quotas {
            users,
            channels,
            conversations_per_month: 2,
            storage_bytes,
        };
        Self {
            free: quotas(2, 1, 1 << 20),
            pro: quotas(500, 100, 1 << 30),
            enterprise: quotas(0, 0, 0),
        }
    }
}
