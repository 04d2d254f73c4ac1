//! State and events alone: what `evolve` makes of an event, and what is stored of a state. The
//! rules have their tests beside them, in `decide`.

mod events;
mod snapshots;
