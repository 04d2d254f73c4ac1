//! The menu bot as data: a graph of nodes that a tenant edits without code, and the pure walk
//! over it. The walk knows nothing of conversations; it is given a position and an input and
//! says what to send and where to stop.
//!
//! No menu needs a way out of its own: `menu` leads back to the start and `atendente` (and the
//! tenant's handoff keywords) to a person, whatever node the customer is at, and a person is
//! asked for when the bot does not understand several times in a row.

mod check;
mod default_flow;
mod fill;
mod flow;
mod render;
pub mod texts;
mod trial;
mod validate;
mod walk;
mod words;

#[cfg(test)]
mod tests;

pub use default_flow::default_flow;
pub use flow::{Flow, FlowFault, MenuOption, MenuStyle, Node, NodeId, Validation};
pub use trial::Trial;
pub use words::{ATTENDANT, MENU, normalise};

pub(crate) use check::VARIABLES_MAX;
pub(crate) use fill::{VALUE_MAX, Values, fill, shorten};
pub(crate) use walk::{Answer, Input, Passage, Scene, Stop, answer, enter, prompt_again};
pub(crate) use words::{Keyword, keyword};
