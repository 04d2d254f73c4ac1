//! The desk alone, and the desk together with conversations.

mod choice;
mod model;
mod outlook;
mod rules;
mod tellings;
mod world;
