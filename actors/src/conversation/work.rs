//! What waits in a conversation's deque.

use crate::api::{DispatchError, IdempotencyKey, Outcome};
use crate::lifecycle::Trying;
use crate::tenant::{CommandToken, ItemToken};
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
        #[expect(dead_code, reason = "it is in hand for as long as this is held")]
        token: CommandToken,
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
    /// Human control overtakes what waits.
    pub(crate) fn is_urgent(&self) -> bool {
        matches!(self, Self::Command { command, .. } if command.is_human_control())
    }

    /// The inbox row that this tries to settle.
    pub(crate) fn trying(&self) -> Option<Trying> {
        match self {
            Self::Item { token, counted, .. } => Some(Trying {
                row: token.row(),
                counted: *counted,
            }),
            _ => None,
        }
    }

    /// Whether a client may repeat it under its key.
    pub(crate) fn is_keyed(&self) -> bool {
        matches!(
            self,
            Self::Command {
                idempotency: Some(_),
                ..
            }
        )
    }

    /// The inbox row or the client's key that a commit of this settles.
    pub(crate) fn origin(&self) -> (Option<i64>, Option<IdempotencyKey>) {
        match self {
            Self::Item { token, .. } => (Some(token.row()), None),
            Self::Command { idempotency, .. } => (None, idempotency.clone()),
            Self::Wake | Self::Fired { .. } => (None, None),
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
