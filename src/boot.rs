//! Builds the server in order, and takes it down in order. The one place that knows which types
//! stand behind the ports.

use crate::app::{Allowances, AppState};
use crate::auth::{OpaqueTokens, Passwords, Sessions, Tokens};
use crate::config::{Config, Fault, Features};
use crate::engine::{Engine, EngineHandle, EngineSink, Ports};
use crate::gateway::{Files, GraphGateway};
use crate::http::extract::Bodies;
use crate::jobs::{
    DropUploadJob, FetchMediaJob, Jobs, Kind, SendScheduled, Stores, Streams, SyncTemplates,
};
use crate::limiter::MemoryLimiter;
use crate::media::{Links, MediaStore, Uploads};
use crate::recent::Cache;
use crate::serve::Serving;
use crate::vault::Vault;
use crate::webhook::Directory;
use crate::ws::{JsonFrames, Sockets};
use crate::{http, metrics, openapi, serve};
use actix_web::web;
use anyhow::Context as _;
use papo_cache::{BusSettings, RedisBus, RedisPool, RedisSettings};
use papo_domain::ports::{Clock, EventSink, InboxWriter};
use papo_storage::{
    Database, EngineSettings, InboxSettings, PgClock, PgEngineStore, PgInbox, PoolSettings,
    SessionLimits, check_address,
};
use papo_whatsapp::{GraphApi, GraphConfig};
use secrecy::{ExposeSecret, SecretString};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Files that are being uploaded at once; each holds a few megabytes.
const UPLOADS: usize = 32;
/// Of one tenant.
const UPLOADS_OF_TENANT: usize = 8;
/// Slugs remembered.
const SLUGS: usize = 10_000;
/// How long a server that is just started waits for its database.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub struct Running {
    pub app: Arc<AppState>,
    server: Serving,
    sockets: Arc<Sockets>,
    jobs: Jobs,
}

/// Settings that those who use them cannot read: the start would fail with them, one at a time.
#[must_use]
pub fn unusable(config: &Config) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, problem: &str| {
        faults.push(Fault {
            field: field.to_owned(),
            problem: problem.to_owned(),
        });
    };
    let database = &config.database;
    for (field, url) in [
        ("database.owner_url", &database.owner_url),
        ("database.app_url", &database.app_url),
        ("database.engine_url", &database.engine_url),
        ("database.admin_url", &database.admin_url),
    ] {
        if url.expose_secret().is_empty() {
            continue;
        }
        if let Err(bad) = check_address(url) {
            fault(field, &bad.to_string());
        }
    }
    let redis = config.redis.url().cloned().map(RedisSettings::new);
    if redis.is_some_and(|settings| RedisPool::new(&settings).is_err()) {
        fault("redis.url", "is not a valid Redis address");
    }
    let whatsapp = &config.whatsapp;
    if GraphConfig::new(whatsapp.graph_url.as_str(), "v1.0")
        .check()
        .is_err()
    {
        fault("whatsapp.graph_url", "is not a valid address");
    }
    if GraphConfig::new("http://localhost", whatsapp.graph_version.as_str())
        .check()
        .is_err()
    {
        let problem = "must be v and two numbers, such as v1.0";
        fault("whatsapp.graph_version", problem);
    }
    faults
}

/// What every session of the database is bound by.
#[must_use]
pub fn session_limits(config: &Config) -> SessionLimits {
    SessionLimits {
        connect: config.database.connect_timeout,
        statement: config.database.statement_timeout,
        lock: config.database.lock_timeout,
    }
}

/// The HTTP side's database.
///
/// # Errors
/// The address is unusable.
pub fn database(config: &Config, io: &Handle) -> anyhow::Result<Database> {
    let settings = PoolSettings {
        size: config.database.app_pool,
        wait: config.database.acquire_timeout,
        limits: session_limits(config),
    };
    Database::new(&config.database.app_url, settings, io.clone()).context("database.app_url")
}

/// The vault with the configured key.
///
/// # Errors
/// The key is not valid.
pub fn vault(config: &Config) -> anyhow::Result<Vault> {
    let key = config.security.key().context("security.encryption_key")?;
    Ok(Vault::new(key))
}

/// Builds everything and begins to serve. Must be called on a thread of an actix system; storage
/// and calls to providers run on `io`.
///
/// # Errors
/// What could not be built. A database that is away is waited for a little.
pub async fn start(config: Config, io: Handle) -> anyhow::Result<Running> {
    start_with(config, io, |events| events).await
}

/// As [`start`], with something in between where the lanes hand over what they have committed:
/// tests lose it there.
///
/// # Errors
/// As [`start`].
pub async fn start_with(
    config: Config,
    io: Handle,
    between: impl FnOnce(Arc<dyn EventSink>) -> Arc<dyn EventSink>,
) -> anyhow::Result<Running> {
    let recorder = metrics::start()?;
    let limits = session_limits(&config);
    let vault = Arc::new(vault(&config)?);
    let database = database(&config, &io)?;
    let clock: Arc<dyn Clock> = patient_clock(&config, limits, &io).await?;

    // Before anything is started that would have to be stopped again.
    let listeners = serve::listen(&config)?;

    let sink = Arc::new(sink(&config, &io)?);
    let streams = Arc::new(Streams::before(between(Arc::<EngineSink>::clone(&sink))));
    let events: Arc<dyn EventSink> = Arc::<Streams>::clone(&streams);
    let store = store(&config, limits, &io, &events)?;
    let inbox = inbox(&config, limits, &io, &events)?;
    let media = MediaStore::open(&config.media, io.clone())?;
    let gateway = Arc::new(gateway(&config, &database, &vault, &media, &io)?);
    let ports = Ports {
        store: Arc::new(store.clone()),
        gateway: Arc::<GraphGateway>::clone(&gateway),
        clock: Arc::clone(&clock),
        frames: Arc::new(JsonFrames),
    };
    let engine = Engine::start(ports, config.engine(), &sink);

    let stores = Stores {
        engine: store,
        database: database.clone(),
        media: media.clone(),
    };
    let jobs = Jobs::start(
        &io,
        stores,
        streams,
        recorder.clone(),
        kinds(&config, &database, &gateway, &media, &engine, &clock),
        config.jobs.clone(),
    );
    let Features { metrics, .. } = config.features;
    let app = Arc::new(AppState {
        engine,
        inbox,
        gateway,
        channels: Directory::new(database.clone(), Arc::clone(&vault)),
        passwords: passwords(&config, &io),
        tokens: Tokens::new(
            &config.auth.access_secret,
            config.auth.access_ttl,
            Arc::clone(&clock),
        ),
        opaque_tokens: OpaqueTokens::new(config.auth.refresh_secret.clone()),
        media,
        uploads: Uploads::new(UPLOADS, UPLOADS_OF_TENANT),
        links: Links::new(config.auth.access_secret.clone()),
        sessions: Sessions::new(
            database.clone(),
            config.auth.session_cache,
            config.auth.access_ttl,
        ),
        limiter: Arc::new(MemoryLimiter::new(config.limits.tracked)),
        allowances: Allowances::of(&config),
        bodies: Bodies::of(&config.server),
        metrics: metrics.then_some(recorder),
        openapi: Arc::new(openapi::document(&config.server)),
        started: Instant::now(),
        slugs: Cache::new(SLUGS),
        config,
        database,
        clock,
        vault,
    });
    let sockets = Arc::new(Sockets::of(&app));
    let server = serve(&app, &sockets, listeners)?;
    let address = server.address;
    tracing::info!(%address, node = app.config.engine.node, "serving");
    Ok(Running {
        app,
        server,
        sockets,
        jobs,
    })
}

/// Where lanes hand over what they have committed; with Redis, other nodes hear of it too.
fn sink(config: &Config, io: &Handle) -> anyhow::Result<EngineSink> {
    let Some(url) = config.redis.url() else {
        return Ok(EngineSink::default());
    };
    let pool = RedisPool::new(&RedisSettings::new(url.clone())).context("redis.url")?;
    let bus = RedisBus::start(&pool, &config.engine.node, BusSettings::default(), io);
    Ok(EngineSink::with_bus(Arc::new(bus)))
}

async fn patient_clock(
    config: &Config,
    limits: SessionLimits,
    io: &Handle,
) -> anyhow::Result<Arc<PgClock>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match PgClock::start(&config.database.engine_url, limits, io.clone()).await {
            Ok(clock) => return Ok(clock),
            Err(error) if Instant::now() > deadline => {
                return Err(error).context("the database does not answer");
            }
            Err(error) => {
                tracing::warn!(%error, "waiting for the database");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn store(
    config: &Config,
    limits: SessionLimits,
    io: &Handle,
    events: &Arc<dyn EventSink>,
) -> anyhow::Result<PgEngineStore> {
    let engine = &config.engine;
    let settings = EngineSettings {
        lease_life: engine.lease_renewal * 3,
        writers: engine.state_writers,
        readers: config.database.engine_pool,
        queue: engine.state_queue,
        batch: engine.state_batch,
        linger: engine.state_linger,
        limits,
        ..EngineSettings::new(engine.node.as_str())
    };
    PgEngineStore::new(&config.database.engine_url, &settings, io.clone(), events)
        .context("database.engine_url")
}

fn inbox(
    config: &Config,
    limits: SessionLimits,
    io: &Handle,
    events: &Arc<dyn EventSink>,
) -> anyhow::Result<Arc<dyn InboxWriter>> {
    let settings = InboxSettings {
        queue: config.engine.inbox_queue,
        batch: config.engine.inbox_batch,
        linger: config.engine.inbox_linger,
        limits,
        ..InboxSettings::default()
    };
    let url = &config.database.engine_url;
    let inbox = PgInbox::new(url, settings, io.clone(), events);
    Ok(Arc::new(inbox.context("database.engine_url")?))
}

/// What the process does by itself, each kind of it.
fn kinds(
    config: &Config,
    database: &Database,
    gateway: &GraphGateway,
    media: &MediaStore,
    engine: &EngineHandle,
    clock: &Arc<dyn Clock>,
) -> Vec<Arc<dyn Kind>> {
    vec![
        Arc::new(FetchMediaJob {
            database: database.clone(),
            gateway: gateway.clone(),
            store: media.clone(),
            engine: engine.clone(),
            clock: Arc::clone(clock),
            most: config.media.max_size,
            patience: config.media.transfer_timeout,
        }),
        Arc::new(DropUploadJob {
            database: database.clone(),
            store: media.clone(),
        }),
        Arc::new(SyncTemplates {
            database: database.clone(),
            gateway: gateway.clone(),
        }),
        Arc::new(SendScheduled {
            database: database.clone(),
            engine: engine.clone(),
            clock: Arc::clone(clock),
        }),
    ]
}

fn gateway(
    config: &Config,
    database: &Database,
    vault: &Arc<Vault>,
    media: &MediaStore,
    io: &Handle,
) -> anyhow::Result<GraphGateway> {
    let whatsapp = &config.whatsapp;
    let graph = GraphApi::new(&GraphConfig {
        base_url: whatsapp.graph_url.clone(),
        version: whatsapp.graph_version.clone(),
        connect_timeout: whatsapp.connect_timeout,
        total_timeout: whatsapp.timeout,
    });
    Ok(GraphGateway::new(
        graph.context("whatsapp.graph_url")?,
        database.clone(),
        Arc::clone(vault),
        whatsapp.credentials_ttl,
        Files {
            store: media.clone(),
            patience: config.media.transfer_timeout,
        },
        io.clone(),
    ))
}

/// Ready for a login of nobody, so that the first one takes no longer than the others.
fn passwords(config: &Config, io: &Handle) -> Passwords {
    let passwords = Passwords::new(config.auth.bcrypt_cost);
    let ready = passwords.clone();
    io.spawn(async move { ready.matches(SecretString::from("nobody"), None).await });
    passwords
}

fn serve(
    app: &Arc<AppState>,
    sockets: &Arc<Sockets>,
    listeners: Vec<TcpListener>,
) -> anyhow::Result<Serving> {
    let state = web::Data::from(Arc::clone(app));
    let sockets = web::Data::from(Arc::clone(sockets));
    serve::serve(&app.config, listeners, move || {
        http::application(state.clone(), sockets.clone())
    })
}

impl Running {
    /// The engine, for whoever wants to look inside.
    #[must_use]
    pub fn engine(&self) -> &EngineHandle {
        &self.app.engine
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Returns when the HTTP server has ended though nobody stopped it, and says why.
    pub async fn ended(&mut self) -> anyhow::Error {
        match (&mut self.server.ended).await {
            Ok(Ok(())) => anyhow::anyhow!("the HTTP server ended"),
            Ok(Err(error)) => anyhow::Error::new(error).context("the HTTP server ended"),
            Err(error) => anyhow::Error::new(error).context("the HTTP server ended"),
        }
    }

    /// Takes no more connections, finishes what is in hand, gives the leases back, and ends.
    pub async fn stop(mut self) {
        self.server.handle.pause().await;
        self.sockets.close();
        let patience = self.app.config.engine.drain;
        tokio::join!(self.app.engine.drain(), self.jobs.drain(patience));
        self.server.handle.stop(true).await;
    }
}
