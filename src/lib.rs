//! Papo's composition and transport: settings, HTTP, WebSocket, webhooks, commands. The rules are
//! the domain's, the order of things the actors', durability the storage's.

pub mod app;
pub mod auth;
pub mod boot;
pub mod cli;
pub mod commands;
pub mod config;
pub mod engine;
pub mod error;
pub mod gateway;
pub mod http;
mod jobs;
pub mod limiter;
pub mod media;
pub mod metrics;
pub mod openapi;
pub mod recent;
pub mod serve;
pub mod telemetry;
pub mod vault;
pub mod webhook;
pub mod ws;

use cli::Cli;
use config::Source;
use std::process::ExitCode;

/// Does what the command line asks.
///
/// # Errors
/// Whatever stopped it, for a person to read.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let source = Source::of_process(cli.environment, cli.config_dir);
    commands::run(cli.command, &source)
}
