//! The settings of the process: one struct per section, read once at start and handed down by
//! value. Built-in `config/default.toml`, then `config/<APP_ENV>.toml`, then the environment
//! (`PAPO__SECTION__KEY`). Secrets come from the environment only. What a tenant may set is not
//! here: that is data.

mod auth;
mod database;
mod engine;
mod fault;
mod jobs;
mod limits;
mod media;
mod plans;
mod realtime;
mod server;
mod source;
mod whatsapp;

pub use auth::{Auth, Security};
pub use database::{Database, Redis};
pub use engine::{Engine, Policy, Sending, Supervision};
pub use fault::{Fault, Faults};
pub use jobs::JobQueue;
pub use limits::{Features, Limits, LogFormat, Telemetry};
pub use media::{Media, MediaBackend};
pub use plans::{Plans, Quotas};
pub use realtime::Realtime;
pub use server::Server;
pub use source::{Environment, Source, UnknownEnvironment};
pub use whatsapp::Whatsapp;

use crate::engine::EngineConfig;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

/// What a secret is shown as.
const HIDDEN: &str = "<secret>";

/// Every setting.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(skip)]
    pub environment: Environment,
    pub server: Server,
    pub database: Database,
    pub redis: Redis,
    pub engine: Engine,
    pub supervision: Supervision,
    pub whatsapp: Whatsapp,
    pub sending: Sending,
    pub jobs: JobQueue,
    pub media: Media,
    pub auth: Auth,
    pub security: Security,
    pub realtime: Realtime,
    pub limits: Limits,
    pub plans: Plans,
    pub telemetry: Telemetry,
    pub features: Features,
}

impl Config {
    /// Reads and checks all settings. What only those can judge who will use them (whether an
    /// address can be read) is for `others`.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn load(source: &Source, others: impl FnOnce(&Self) -> Vec<Fault>) -> Result<Self, Faults> {
        let (config, mut faults) = source.read()?;
        config.validate(&mut faults);
        for fault in others(&config) {
            if faults.0.iter().all(|known| known.field != fault.field) {
                faults.0.push(fault);
            }
        }
        faults.into_result(config)
    }

    /// Reads all settings, but asks only for what migrations need.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn load_for_migration(source: &Source) -> Result<Self, Faults> {
        let (config, mut faults) = source.read()?;
        config.database.validate_owner(&mut faults);
        faults.into_result(config)
    }

    /// Reads all settings, but asks only for what the description of the API needs.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn load_for_document(source: &Source) -> Result<Self, Faults> {
        let (config, mut faults) = source.read()?;
        let production = config.environment == Environment::Production;
        config.server.validate(production, &mut faults);
        faults.into_result(config)
    }

    fn validate(&self, faults: &mut Faults) {
        let production = self.environment == Environment::Production;
        self.server.validate(production, faults);
        self.database.validate(faults);
        self.redis.validate(faults);
        self.engine.validate(faults);
        self.supervision.validate(faults);
        self.whatsapp.validate(faults);
        self.sending.validate(faults);
        self.jobs.validate(faults);
        self.media.validate(faults);
        self.auth.validate(production, faults);
        self.security.validate(faults);
        self.realtime.validate(faults);
        self.limits.validate(faults);
        self.plans.validate(faults);
        self.telemetry.validate(faults);
        let open = self.features.metrics && !self.server.only_local();
        if production && open && self.telemetry.metrics_token.expose_secret().is_empty() {
            let problem = "must be set in production, where /metrics can be reached from outside";
            faults.add("telemetry.metrics_token", problem);
        }
    }

    /// The engine's part, in its own words.
    #[must_use]
    pub fn engine(&self) -> EngineConfig {
        let engine = &self.engine;
        EngineConfig {
            arbiters: threads(engine.arbiters),
            command_timeout: engine.command_timeout,
            conversation_queue: engine.conversation_queue,
            tenant_in_hand: engine.tenant_in_hand,
            conversation_in_hand: engine.conversation_in_hand,
            pump_page: engine.pump_page,
            loading: engine.loading,
            passivate_after: engine.passivate_after,
            retire_after: engine.retire_after,
            // The door counts exactly; those that the engine has yet to miss count there too.
            sockets_per_user: self.realtime.sockets_per_user * 2,
            conversations: self.supervision.conversations.restart_policy(),
            tenants: self.supervision.tenants.restart_policy(),
            channels: self.supervision.channels.restart_policy(),
            attendants: self.supervision.attendants.restart_policy(),
            offer_grace: engine.offer_grace,
            lease_renewal: engine.lease_renewal,
            drain: engine.drain,
            channel: self.sending.channel(),
            replay: self.realtime.replay(),
        }
    }

    /// Settings that need no environment: everything valid, limits out of the way, nothing slow.
    /// The database addresses are placeholders for the caller to replace.
    #[must_use]
    pub fn for_tests() -> Self {
        Self {
            environment: Environment::Test,
            server: Server::for_tests(),
            database: Database::for_tests(),
            redis: Redis::for_tests(),
            engine: Engine::for_tests(),
            supervision: Supervision::for_tests(),
            whatsapp: Whatsapp::for_tests(),
            sending: Sending::for_tests(),
            jobs: JobQueue::for_tests(),
            media: Media::for_tests(),
            auth: Auth::for_tests(),
            security: Security::for_tests(),
            realtime: Realtime::for_tests(),
            limits: Limits::for_tests(),
            plans: Plans::for_tests(),
            telemetry: Telemetry::for_tests(),
            features: Features::for_tests(),
        }
    }
}

/// A number of threads, where 0 stands for one per core.
#[must_use]
pub fn threads(configured: usize) -> usize {
    if configured > 0 {
        return configured;
    }
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Shows that a secret is there, and nothing of it.
fn secret<S: Serializer>(value: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if value.expose_secret().is_empty() {
        ""
    } else {
        HIDDEN
    })
}

#[cfg(test)]
mod tests;
