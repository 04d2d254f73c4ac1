//! Who serves whom: the queue of those who wait for a person, the people who serve them, and the
//! choice between them. Pure, as all of this crate: a [`Desk`] is folded from what it is told, and
//! says what to do next. It decides nothing for good: what it proposes becomes true with the
//! conversation's commit, which alone knows whether somebody has room.
//!
//! | file | holds |
//! |---|---|
//! | `rules` | how a queue hands out its requests, and in which order |
//! | `people` | who serves |
//! | `desk` | the queue and the people |
//! | `follow` | what each event means to them |
//! | `moves` | what to do next: whom to ask, whom not to ask any more |
//! | `outlook` | how long it takes, for customers and for supervisors |
//! | `tellings` | which customers should hear of it |
//! | `reliefs` | what goes back to its queue, since who leads it serves no more |

mod desk;
mod follow;
mod moves;
mod outlook;
mod people;
mod reliefs;
mod rules;
mod tellings;
#[cfg(test)]
mod tests;

pub use desk::{Desk, DeskRecord, Led, Service};
pub use moves::{ASK_AGAIN_AFTER, Move, MoveEnd};
pub use outlook::{Outlook, PersonView, Place, QueueView};
pub use people::{Attendant, Availability, CAPACITY_DEFAULT, CAPACITY_MAX};
pub use reliefs::Relief;
pub use rules::{
    OFFER_SECONDS, REQUIRED_MAX, Routing, SKILLS_MAX, Skill, Strategy, UnknownWord, arrival,
    skills_problem,
};
pub use tellings::{TELL_AGAIN_AFTER, Telling};
