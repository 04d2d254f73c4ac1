//! The command line.

use clap::{Args, Parser, Subcommand};
use papo_domain::ConversationId;
use secrecy::SecretString;
use std::path::PathBuf;

/// Papo: a conversation engine for customer service on WhatsApp.
#[derive(Debug, Parser)]
#[command(name = "papo", version, about)]
pub struct Cli {
    /// development, test or production; chooses the file in the configuration directory.
    #[arg(
        long = "env",
        env = "APP_ENV",
        default_value = "development",
        global = true
    )]
    pub environment: crate::config::Environment,
    /// Where the environment's file, such as `development.toml`, lies.
    #[arg(long, env = "PAPO_CONFIG_DIR", default_value = "config", global = true)]
    pub config_dir: PathBuf,
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve HTTP and WebSockets and run the engine.
    Server,
    /// Bring the database to this version.
    Migrate(Migrate),
    /// Read all settings and say what is wrong with them.
    CheckConfig,
    /// Print the description of the HTTP API, as `/openapi.json` has it.
    Openapi,
    /// Administrators of the platform.
    #[command(subcommand)]
    Admin(Admin),
    /// Customer organisations.
    #[command(subcommand)]
    Tenant(Tenant),
    /// Phone numbers.
    #[command(subcommand)]
    Channel(Channel),
    /// Create the demo tenant; not in production.
    SeedDemo(SeedDemo),
    /// What reports are made of.
    #[command(subcommand)]
    Metrics(Metrics),
    /// Fold the stored events of a conversation and compare the result with its snapshot.
    Replay(Replay),
    /// The index of words in messages.
    #[command(subcommand)]
    Search(Search),
    /// Create tenants, attendants and conversations for load tests; prints JSON. Not in
    /// production.
    BenchSeed(BenchSeed),
}

/// Options of `migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Take back this many migrations instead.
    #[arg(long, value_name = "N")]
    pub down: Option<u32>,
    /// Give the database's roles the passwords of the addresses, also where they exist with
    /// others. Whoever logs in with those, such as another installation, is locked out.
    #[arg(long, conflicts_with = "down")]
    pub reset_passwords: bool,
}

/// Subcommands of `admin`.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Create a super admin.
    Create(CreateAdmin),
}

/// Options of `admin create`.
#[derive(Debug, Args)]
pub struct CreateAdmin {
    #[arg(long)]
    pub email: String,
    #[arg(long)]
    pub name: String,
    /// 8 to 128 characters; better given by the environment than on the command line.
    #[arg(long, env = "PAPO_ADMIN_PASSWORD", hide_env_values = true)]
    pub password: SecretString,
}

/// Subcommands of `tenant`.
#[derive(Debug, Subcommand)]
pub enum Tenant {
    /// Create a tenant with its first administrator.
    Create(CreateTenant),
}

/// Options of `tenant create`.
#[derive(Debug, Args)]
pub struct CreateTenant {
    #[arg(long)]
    pub slug: String,
    #[arg(long)]
    pub name: String,
    #[arg(long)]
    pub admin_email: String,
    #[arg(long)]
    pub admin_name: String,
    /// Password of the administrator, 8 to 128 characters.
    #[arg(long, env = "PAPO_ADMIN_PASSWORD", hide_env_values = true)]
    pub password: SecretString,
}

/// Subcommands of `channel`.
#[derive(Debug, Subcommand)]
pub enum Channel {
    /// Register a phone number of a tenant.
    Add(AddChannel),
}

/// Options of `channel add`.
#[derive(Debug, Args)]
pub struct AddChannel {
    /// Slug of the tenant.
    #[arg(long)]
    pub tenant: String,
    #[arg(long)]
    pub name: String,
    /// WhatsApp's id of the number.
    #[arg(long)]
    pub phone_number_id: String,
    /// WhatsApp Business account the number belongs to.
    #[arg(long)]
    pub waba_id: String,
    #[arg(long)]
    pub display_phone: Option<String>,
    #[command(flatten)]
    pub secrets: ChannelSecrets,
}

/// Credentials of a channel.
#[derive(Debug, Args)]
pub struct ChannelSecrets {
    /// Access token for the Graph API.
    #[arg(long, env = "PAPO_CHANNEL_ACCESS_TOKEN", hide_env_values = true)]
    pub access_token: SecretString,
    /// App secret that signs the webhooks.
    #[arg(long, env = "PAPO_CHANNEL_APP_SECRET", hide_env_values = true)]
    pub app_secret: SecretString,
    /// Token that Meta repeats when it verifies the webhook.
    #[arg(long, env = "PAPO_CHANNEL_VERIFY_TOKEN", hide_env_values = true)]
    pub verify_token: SecretString,
}

/// Options of `seed-demo`.
#[derive(Debug, Args)]
pub struct SeedDemo {
    /// Password of every demo user.
    #[arg(long, env = "PAPO_DEMO_PASSWORD", hide_env_values = true)]
    pub password: SecretString,
    /// Access token of the demo channel.
    #[arg(long, env = "PAPO_DEMO_ACCESS_TOKEN", hide_env_values = true)]
    pub access_token: SecretString,
    /// App secret of the demo channel.
    #[arg(long, env = "PAPO_DEMO_APP_SECRET", hide_env_values = true)]
    pub app_secret: SecretString,
    /// Verify token of the demo channel.
    #[arg(long, env = "PAPO_DEMO_VERIFY_TOKEN", hide_env_values = true)]
    pub verify_token: SecretString,
}

/// Subcommands of `metrics`.
#[derive(Debug, Subcommand)]
pub enum Metrics {
    /// Make the facts of a tenant's reports anew from its events; the server may go on meanwhile.
    Rebuild(RebuildMetrics),
}

/// Options of `metrics rebuild`.
#[derive(Debug, Args)]
pub struct RebuildMetrics {
    /// Slug of the tenant.
    #[arg(long)]
    pub tenant: String,
}

/// Options of `replay`.
#[derive(Debug, Args)]
pub struct Replay {
    pub conversation: ConversationId,
}

/// Subcommands of `search`.
#[derive(Debug, Subcommand)]
pub enum Search {
    /// Build the index of a tenant anew, from its messages.
    Rebuild(RebuildSearch),
}

/// Options of `search rebuild`.
#[derive(Debug, Args)]
pub struct RebuildSearch {
    /// Slug of the tenant.
    #[arg(long)]
    pub tenant: String,
}

/// Options of `bench-seed`.
#[derive(Debug, Args)]
pub struct BenchSeed {
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub tenants: u32,
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub conversations: u32,
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub attendants: u32,
    /// App secret of every channel.
    #[arg(long, default_value = "bench-secret")]
    pub app_secret: SecretString,
}
