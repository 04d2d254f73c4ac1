//! The whole product from outside: HTTP, WebSocket and webhooks against a real PostgreSQL and an
//! emulated WhatsApp. Each test has a database and an emulator of its own.

mod administration;
mod app;
mod attendance;
mod auth;
mod bodies;
mod browsers;
mod bursts;
mod canned_replies;
mod collision;
mod commands;
mod customers;
mod database_away;
mod fencing;
mod handoff;
mod hostile;
mod inbound;
mod jobs;
mod load;
mod logins;
mod metrics;
mod outages;
mod outbound;
mod process;
mod refusals;
mod repeats;
mod restart;
mod stage;
mod takeover;
mod tenancy;
mod values;
mod ws_follower;
mod ws_mirror;
mod ws_slow_consumer;
mod ws_stream;
