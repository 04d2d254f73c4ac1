//! The whole product from outside: HTTP, WebSocket and webhooks against a real PostgreSQL and an
//! emulated WhatsApp. Each test has a database and an emulator of its own.

mod app;
mod auth;
mod hostile;
mod inbound;
mod load;
mod process;
mod restart;
mod stage;
