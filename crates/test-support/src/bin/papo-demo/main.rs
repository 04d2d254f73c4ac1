//! `papo-demo`: conversations on a running installation, as their customers and attendants see
//! them: one with the bot and a person, one that is handed out by the queue. It drives the emulator's phone and the product's API, and prints what either screen
//! receives, when it receives it. Run by `script/demo`. It knows the product only from outside:
//! HTTP, the WebSocket, the emulator's control API.

mod desk;
mod phone;
mod play;
mod queue;
mod screen;
mod service;
mod stage;

use anyhow::Result;
use clap::Parser;
use std::process::ExitCode;
use std::time::Duration;

/// Plays two conversations and fails if something that must be received is not.
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
    /// A colleague in the same department.
    #[arg(long, default_value = "bruno@example.com")]
    colleague: String,
    /// Who arranges the queue, and sees all of it.
    #[arg(long, default_value = "admin@example.com")]
    administrator: String,
    /// The department that both work in.
    #[arg(long, default_value = "Suporte")]
    department: String,
    /// Password of all of them.
    #[arg(long, env = "PAPO_DEMO_PASSWORD", hide_env_values = true)]
    password: String,
    /// Seconds within which each expected event must come.
    #[arg(long, default_value_t = 30)]
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

    let place = desk::Place {
        http: &http,
        server: &server,
        tenant: &arguments.tenant,
        password: &arguments.password,
    };

    let (told, mut stage) = stage::open(patience);
    {
        let phone = phone::Phone::of_a_new_customer(&http, &emulator, told.clone()).await?;
        let desk = desk::Desk::log_in(place, &arguments.attendant, Some(told.clone())).await?;
        play::conversation(&mut stage, &phone, &desk).await?;
    }
    let colleagues = [
        desk::Desk::log_in(place, &arguments.attendant, None).await?,
        desk::Desk::log_in(place, &arguments.colleague, None).await?,
    ];
    stage.turn_to_another();
    let phone = phone::Phone::of_a_new_customer(&http, &emulator, told.clone()).await?;
    let all = desk::Desk::log_in(place, &arguments.administrator, Some(told)).await?;
    let queue = queue::Queue {
        department: &arguments.department,
        all: &all,
        colleagues: &colleagues,
    };
    queue.play(&mut stage, &phone).await
}
