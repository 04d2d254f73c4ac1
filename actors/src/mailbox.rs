//! How actors are spoken to. `do_send` ignores a mailbox's bound and drops silently when it is
//! closed, so nobody calls it: [`offer`] gives the message back instead, and the one notice that
//! must arrive goes through [`crate::lifecycle::report_exit`].

use actix::dev::ToEnvelope;
use actix::{Actor, Addr, Handler, Message, Recipient};

/// Why an offer was not taken; the message comes back.
pub(crate) enum Refused<M> {
    /// The mailbox is full.
    Full(M),
    /// The actor is gone.
    Closed(M),
}

/// Puts `message` into the mailbox if there is room. The bound holds per `Addr`, so a caller
/// keeps one `Addr` and does not clone it for each message.
pub(crate) fn offer<A, M>(to: &Addr<A>, message: M) -> Result<(), Refused<M>>
where
    A: Actor + Handler<M>,
    A::Context: ToEnvelope<A, M>,
    M: Message + Send + 'static,
    M::Result: Send,
{
    to.try_send(message).map_err(|refused| match refused {
        actix::prelude::SendError::Full(message) => Refused::Full(message),
        actix::prelude::SendError::Closed(message) => Refused::Closed(message),
    })
}

/// [`offer`] for a recipient whose actor type is unknown.
pub(crate) fn offer_to<M>(to: &Recipient<M>, message: M) -> Result<(), Refused<M>>
where
    M: Message<Result = ()> + Send + 'static,
{
    to.try_send(message).map_err(|refused| match refused {
        actix::prelude::SendError::Full(message) => Refused::Full(message),
        actix::prelude::SendError::Closed(message) => Refused::Closed(message),
    })
}
