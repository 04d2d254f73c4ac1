//! What waits in a conversation's deque.

use crate::api::{DispatchError, IdempotencyKey, Outcome};
use crate::tenant::ItemToken;
use papo_domain::conversation::{Command, DeadlineKind};
use tokio::sync::oneshot;

/// Where a command's outcome goes. Dropping it tells the caller that the command was not
/// carried out.
pub(crate) type Reply = oneshot::Sender<Result<Outcome, DispatchError>>;

/// One thing to decide.
pub(crate) enum Work {
    /// An inbox row; done when its commit is.
    Item {
        token: ItemToken,
        command: Box<Command>,
        /// Whether this try was counted in the table before it began.
        counted: bool,
    },
    /// A request of a person or of supervision.
    Command {
        command: Box<Command>,
        idempotency: Option<IdempotencyKey>,
        reply: Option<Reply>,
    },
    /// Some deadline may have come.
    Wake,
    /// This deadline has come.
    Fired { kind: DeadlineKind, generation: u32 },
}

impl Work {
    /// A command of the engine itself, whose outcome nobody waits for.
    pub(crate) fn internal(command: Command) -> Self {
        Self::Command {
            command: Box::new(command),
            idempotency: None,
            reply: None,
        }
    }

    /// Human control overtakes what waits.
    pub(crate) fn is_urgent(&self) -> bool {
        matches!(self, Self::Command { command, .. } if command.is_human_control())
    }

    /// The inbox row whose try has yet to be counted, if this fails.
    pub(crate) fn uncounted(&self) -> Option<i64> {
        match self {
            Self::Item {
                token,
                counted: false,
                ..
            } => Some(token.row()),
            _ => None,
        }
    }

    /// Turns it away.
    pub(crate) fn refuse(self, error: DispatchError) {
        if let Self::Command {
            reply: Some(reply), ..
        } = self
        {
            // The caller may have gone; then nobody needs to know.
            drop(reply.send(Err(error)));
        }
    }
}
