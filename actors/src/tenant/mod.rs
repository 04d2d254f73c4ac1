//! One tenant on this node: the pump of its inbox, the directory and supervisor of its children,
//! its deadlines, its desk, its live stream. The only router to its children: no address of a child leaves
//! this module.

mod activation;
mod actor;
mod attach;
mod attempts;
mod channels;
mod customers;
mod desk;
mod directory;
mod fanout;
mod handlers;
mod in_hand;
mod messages;
mod passivation;
mod peers;
mod person;
mod pump;
mod quarantine;
mod reload;
mod report;
mod shared;
mod supervision;
mod viewers;
mod wakes;
mod wheel;

pub(crate) use actor::TenantActor;
pub(crate) use attempts::count_dead_letters;
pub(crate) use in_hand::{CommandToken, ItemToken};
#[cfg(test)]
pub(crate) use messages::Look;
pub(crate) use messages::{
    Attach, ChangeCustomer, Choices, Describe, Detach, Doorbell, Drain, Events, EverybodyChanged,
    Online, Passivate, Queues, Reload, Resolve, Retire, Route, Signal, Sweep, UserChanged, Viewers,
};
pub(crate) use shared::{Rules, Shared};
