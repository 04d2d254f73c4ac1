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
use anyhow::Context as _;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};

/// Connections that wait to be accepted, per listener.
const BACKLOG: i32 = 2048;
/// Connections that still wait for an answer at shutdown get this long, in seconds.
const LAST_ANSWERS: u64 = 5;

/// Serves an application made by `application`, one for each worker.
///
/// # Errors
/// There is nowhere to listen.
pub fn serve<F, T, B>(config: &Config, application: F) -> anyhow::Result<(ServerHandle, SocketAddr)>
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
    let listeners = listen(&settings.host, settings.port)
        .with_context(|| format!("cannot listen on {}:{}", settings.host, settings.port))?;
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
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok((handle, address))
}

/// Every address of `host` that can be listened on.
fn listen(host: &str, port: u16) -> io::Result<Vec<TcpListener>> {
    let (mut listeners, mut failed) = (Vec::new(), None);
    for address in (host, port).to_socket_addrs()? {
        match listen_on(address) {
            Ok(listener) => listeners.push(listener),
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if listeners.is_empty() => Err(error),
        _ => Ok(listeners),
    }
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
