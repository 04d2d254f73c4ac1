//! Changes of what is known of customers. They go through the owner's lane: clients are told, and
//! no message that comes at the same moment may still find a name where it was.

use crate::ids::{CustomerId, MergeId, UserId};
use serde_json::Value;
use std::collections::BTreeMap;

/// A change of customers.
#[derive(Clone, Debug, PartialEq)]
pub enum CustomerChange {
    Edit {
        customer: CustomerId,
        fields: CustomerFields,
    },
    /// Everything of `source` becomes `target`'s: names and conversations move, what `target` lacks
    /// is filled in. Conversations stay apart.
    Merge {
        id: MergeId,
        source: CustomerId,
        target: CustomerId,
        by: UserId,
    },
    /// What a merge has moved goes back, and with it conversations that its names began since.
    Unmerge { id: MergeId, by: UserId },
}

/// New values; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerFields {
    pub name: Option<Option<String>>,
    pub email: Option<Option<String>>,
    pub notes: Option<Option<String>>,
    /// By their keys; `None` takes one away.
    pub attributes: BTreeMap<String, Option<Value>>,
}

/// How a change ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerOutcome {
    /// It is done; which customer it is now.
    Changed(CustomerId),
    /// Nothing was changed.
    Refused(CustomerRefusal),
}

/// Why customers are not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerRefusal {
    /// No such customer, or no such merge.
    NotFound,
    /// The record is part of another one.
    Merged { into: CustomerId },
    /// The merge was undone already.
    Undone,
    /// It was merged on since: that merge must be undone first.
    MergedOn { into: CustomerId },
}
