//! The whole product from outside: HTTP, WebSocket and webhooks against a real PostgreSQL and an
//! emulated WhatsApp. Each test has a database and an emulator of its own.

mod administration;
mod app;
mod auth;
mod commands;
mod hostile;
mod inbound;
mod load;
mod logins;
mod process;
mod restart;
mod stage;
