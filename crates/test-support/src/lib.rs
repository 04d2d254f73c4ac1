//! What tests share: a database of one's own, the server as a process, people who use it over
//! HTTP and WebSocket, signed deliveries, and a wire that can be cut. For tests only; nothing
//! here knows how the product does what it does.

pub mod api;
pub mod chaos_proxy;
pub mod database;
pub mod process;
pub mod wait;
pub mod webhook;
pub mod ws_client;
