//! The HTTP server: listeners, workers, and an application for each of them. It stands in for
//! the framework's `HttpServer`, which has no way to hand over a connection that becomes a
//! socket (`ws::carrier`). HTTP/1.1 without TLS, which a proxy ends in front of us.

use crate::config::Config;
use crate::config::threads;
use crate::ws;
use actix_http::HttpService;
use actix_server::Server;
use actix_service::{IntoServiceFactory, boxed, map_config};
use actix_web::App;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::rt::task::JoinHandle;
use anyhow::Context as _;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};

/// Connections that wait to be accepted, per listener.
const BACKLOG: i32 = 2048;
/// Connections that still wait for an answer at shutdown get this long, in seconds.
const LAST_ANSWERS: u64 = 5;

/// A server at work.
pub struct Serving {
    /// The first address that it listens on.
    pub address: SocketAddr,
    pub handle: ServerHandle,
    /// Ends with the server, whether it was stopped or could not go on.
    pub ended: JoinHandle<io::Result<()>>,
}

/// Serves an application made by `application`, one for each worker, on `listeners`.
///
/// # Errors
/// A listener cannot be used.
pub fn serve<F, T, B>(
    config: &Config,
    listeners: Vec<TcpListener>,
    application: F,
) -> anyhow::Result<Serving>
where
    F: Fn() -> App<T> + Clone + Send + 'static,
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    let settings = config.server.clone();
    let user_timeout = config.realtime.tcp_user_timeout;
    let address = listeners.first().context("no address")?.local_addr()?;
    let mut server = Server::build()
        .workers(threads(settings.workers))
        .max_concurrent_connections(settings.max_connections)
        .shutdown_timeout(LAST_ANSWERS)
        .disable_signals();
    let stopping = server.graceful_shutdown_signal();
    for listener in listeners {
        let (application, stopping) = (application.clone(), stopping.clone());
        let (keep_alive, client_timeout) = (settings.keep_alive, settings.client_timeout);
        server = server.listen("papo", listener, move || {
            let stopping = stopping.clone();
            let application = || {
                let application = application().into_factory();
                map_config(application, |()| AppConfig::default())
            };
            HttpService::build()
                .keep_alive(keep_alive)
                .client_request_timeout(client_timeout)
                .client_disconnect_timeout(ws::LAST_WORDS)
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .on_connect_ext(move |stream, _| ws::on_connect(stream, user_timeout))
                .upgrade(ws::carrier(application()))
                // Boxed, or every connection would hold room for a request in progress.
                .h1(boxed::factory(application()))
                .tcp()
        })?;
    }
    let server = server.run();
    Ok(Serving {
        address,
        handle: server.handle(),
        ended: actix_web::rt::spawn(server),
    })
}

/// Listens on every address of the configured host that can be listened on. Whoever connects
/// waits until there is a server.
///
/// # Errors
/// There is none; the first reason is told.
pub fn listen(config: &Config) -> anyhow::Result<Vec<TcpListener>> {
    let (host, port) = (config.server.host.as_str(), config.server.port);
    let listen = || {
        let (mut listeners, mut failed) = (Vec::new(), None);
        for address in (host, port).to_socket_addrs()? {
            match listen_on(address) {
                Ok(listener) => listeners.push(listener),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            Some(error) if listeners.is_empty() => Err(error),
            _ => Ok(listeners),
        }
    };
    listen().with_context(|| format!("cannot listen on {host}:{port}"))
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
