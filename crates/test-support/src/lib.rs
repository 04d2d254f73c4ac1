//! .
pub mod database;
pub mod ws_client;
