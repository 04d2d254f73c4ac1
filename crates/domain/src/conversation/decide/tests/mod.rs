//! The rules, from outside: commands in, decisions out. [`World`] plays the shell, and checks of
//! every decision what must hold of all.

mod bot;
mod control;
mod deadlines;
mod handoff;
mod inbound;
mod properties;
mod quarantine;
mod reply;
mod table;
mod world;
