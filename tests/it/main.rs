//! The whole product from outside: HTTP, WebSocket and webhooks against a real PostgreSQL and an
//! emulated WhatsApp. Each test has a database and an emulator of its own.

mod administration;
mod app;
mod auth;
mod commands;
mod database_away;
mod fencing;
mod hostile;
mod inbound;
mod load;
mod logins;
mod outbound;
mod process;
mod restart;
mod stage;
mod takeover;
mod ws_follower;
mod ws_mirror;
mod ws_stream;
