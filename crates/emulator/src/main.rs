//! `papo-emulator`: the emulator as a program, for development. Flags and environment in, one
//! running emulator out; everything else is in the library.

mod demo;

use anyhow::{Context, Result};
use clap::Parser;
use papo_emulator::{Emulator, EmulatorConfig, Profile, ReadBy, Receipts, Retry};
use secrecy::SecretString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;
use tracing_subscriber::EnvFilter;

/// A local WhatsApp Cloud API with a phone page.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, env = "PAPO_EMULATOR_PORT", default_value_t = 8090)]
    port: u16,
    /// Address to listen on. There is no login: leave it on the loopback interface.
    #[arg(long, env = "PAPO_EMULATOR_HOST", default_value = "127.0.0.1")]
    host: IpAddr,
    /// The product's webhook, for the demo number.
    #[arg(long, env = "PAPO_EMULATOR_CALLBACK")]
    callback: Option<String>,
    /// Registers a demo number, three customers and a template.
    #[arg(long)]
    seed_demo: bool,
    #[arg(
        long,
        env = "PAPO_EMULATOR_PHONE_NUMBER_ID",
        default_value = "100000000000001"
    )]
    phone_number_id: String,
    #[arg(long, env = "PAPO_EMULATOR_WABA_ID", default_value = "200000000000001")]
    waba_id: String,
    /// Access token that the demo number asks for.
    #[arg(long, env = "PAPO_EMULATOR_ACCESS_TOKEN", hide_env_values = true)]
    access_token: Option<SecretString>,
    /// Signs the demo number's webhooks.
    #[arg(long, env = "PAPO_EMULATOR_APP_SECRET", hide_env_values = true)]
    app_secret: Option<SecretString>,
    #[arg(long, env = "PAPO_EMULATOR_VERIFY_TOKEN", hide_env_values = true)]
    verify_token: Option<SecretString>,
    /// What goes wrong from the start.
    #[arg(long, value_enum, default_value_t = Profile::None)]
    faults: Profile,
    /// Repeats a run's faults.
    #[arg(long, env = "PAPO_EMULATOR_SEED", default_value_t = 0)]
    seed: u64,
    /// Messages are read only when the chat is open on the phone page.
    #[arg(long)]
    read_on_opening: bool,
    /// Keeps customers and chats in this file, for the next start.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Threads that serve HTTP.
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .init();
    let arguments = Arguments::parse();
    let mut stop = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;

    let emulator = Emulator::start(config(&arguments)).await?;
    if arguments.seed_demo {
        demo::seed(&emulator, &arguments)?;
    }
    info!("emulator at {}", emulator.base_url());
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot listen for SIGINT")?,
        _ = stop.recv() => {}
    }
    info!("stopping");
    emulator.stop().await;
    Ok(())
}

fn config(arguments: &Arguments) -> EmulatorConfig {
    let read = if arguments.read_on_opening {
        ReadBy::Opening
    } else {
        ReadBy::Itself
    };
    EmulatorConfig {
        bind: SocketAddr::from((arguments.host, arguments.port)),
        workers: arguments.workers,
        seed: arguments.seed,
        faults: arguments.faults.faults(),
        receipts: Receipts {
            // A person watches: ticks one after another.
            sent_ms: 150,
            delivered_ms: 500,
            read_ms: 1_200,
            read,
        },
        retry: Retry {
            // Long enough for a product that is being rebuilt.
            attempts: 200,
            longest: Duration::from_secs(15),
            ..Retry::default()
        },
        state: arguments.state.clone(),
        ..EmulatorConfig::default()
    }
}
