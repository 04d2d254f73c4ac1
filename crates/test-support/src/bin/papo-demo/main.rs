//! `papo-demo`: one conversation on a running installation, as its customer and its attendant
//! see it. It drives the emulator's phone and the product's API, and prints what either screen
//! receives, when it receives it. Run by `script/demo`. It knows the product only from outside:
//! HTTP, the WebSocket, the emulator's control API.

mod desk;
mod phone;
mod play;
mod screen;
mod service;
mod stage;

use anyhow::Result;
use clap::Parser;
use std::process::ExitCode;
use std::time::Duration;

/// Plays one conversation and fails if something that must be received is not.
#[derive(Debug, Parser)]
struct Arguments {
    /// Port of the server.
    #[arg(long, env = "PORT", default_value_t = 8080)]
    port: u16,
    /// Port of the emulator.
    #[arg(long, env = "PAPO_EMULATOR_PORT", default_value_t = 8090)]
    emulator_port: u16,
    /// Tenant to play in.
    #[arg(long, default_value = "demo")]
    tenant: String,
    /// The attendant.
    #[arg(long, default_value = "ana@example.com")]
    attendant: String,
    /// Password of the attendant.
    #[arg(long, env = "PAPO_DEMO_PASSWORD", hide_env_values = true)]
    password: String,
    /// Seconds within which each expected event must come.
    #[arg(long, default_value_t = 15)]
    patience: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nscript/demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    // Nothing here is encrypted, but the client wants to know with what it would be.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let patience = Duration::from_secs(arguments.patience);
    let http = reqwest::Client::builder()
        .no_proxy()
        // Longer than a wait for the next message on the phone.
        .timeout(patience + Duration::from_secs(10))
        .build()?;
    let server = format!("127.0.0.1:{}", arguments.port);
    let emulator = format!("http://127.0.0.1:{}/_emulator", arguments.emulator_port);

    let (told, stage) = stage::open(patience);
    let phone = phone::Phone::of_a_new_customer(http.clone(), emulator, told.clone()).await?;
    let desk = desk::Desk::log_in(
        http,
        &server,
        &arguments.tenant,
        &arguments.attendant,
        &arguments.password,
        told,
    )
    .await?;
    play::conversation(stage, &phone, &desk).await
}
