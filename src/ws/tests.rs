//! Sockets over real connections, with a gatekeeper and a stream that the test holds in its
//! hands.

mod bounds;
mod fakes;
mod talk;

use super::{Sockets, connect, on_connect};
use crate::config::Config;
use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use fakes::{Feed, Gate};
use papo_test_support::ws_client::{Handshake, PATIENCE, WsClient};
use std::sync::Arc;

/// A server with nothing but `/ws`.
struct Rig {
    gate: Arc<Gate>,
    feed: Arc<Feed>,
    url: String,
    server: ServerHandle,
}

impl Rig {
    fn start() -> Self {
        Self::with(|_| ())
    }

    fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::for_tests();
        change(&mut config);
        let (gate, feed) = (Arc::<Gate>::default(), Arc::<Feed>::default());
        let sockets = Sockets::new(
            Arc::<Gate>::clone(&gate),
            Arc::<Feed>::clone(&feed),
            &config,
        );
        let sockets = web::Data::new(sockets);
        let factory = move || {
            App::new()
                .app_data(sockets.clone())
                .route("/ws", web::get().to(connect))
        };
        let server = HttpServer::new(factory)
            .workers(1)
            .on_connect(on_connect(config.realtime.tcp_user_timeout))
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .expect("a free port");
        let url = format!("ws://{}/ws", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self {
            gate,
            feed,
            url,
            server: handle,
        }
    }

    /// A socket of Ana's that follows the stream.
    async fn ana(&self) -> WsClient {
        WsClient::connect(&self.url, fakes::ANA, None)
            .await
            .expect("connected")
    }

    async fn open(&self) -> WsClient {
        WsClient::open(&Handshake::to(&self.url))
            .await
            .expect("open")
    }

    async fn stop(self) {
        self.server.stop(false).await;
    }
}

/// How the server closed a socket.
async fn farewell(client: &WsClient) -> (u16, String) {
    client.closed(PATIENCE).await.expect("closed")
}
