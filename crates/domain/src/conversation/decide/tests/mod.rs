//! The rules, from outside: commands in, decisions out. `world` plays the shell, and has
//! `invariants` checked of every decision.

mod bot;
mod bursts;
mod control;
mod csat;
mod deadlines;
mod flow;
mod handoff;
mod inbound;
mod invariants;
mod marks;
mod offers;
mod place;
mod properties;
mod quarantine;
mod reply;
mod snooze;
mod standing;
mod table;
mod trials;
mod world;
