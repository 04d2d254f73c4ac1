//! The bot alone: words, shapes, walks and faults, without any conversation.

mod check;
mod show;
mod words;
