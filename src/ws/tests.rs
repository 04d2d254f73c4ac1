//! Sockets over real connections, with a gatekeeper and a stream that the test holds in its
//! hands.

mod bounds;
mod carried;
mod fakes;
mod talk;

use super::{Sockets, connect};
use crate::config::Config;
use crate::serve::{listen, serve};
use actix_web::dev::ServerHandle;
use actix_web::{App, web};
use fakes::{Feed, Gate};
use papo_test_support::ws_client::{Handshake, PATIENCE, WsClient};
use std::sync::Arc;

/// A server with `/ws`, and a route that says again what it is told.
struct Rig {
    gate: Arc<Gate>,
    feed: Arc<Feed>,
    sockets: Arc<Sockets>,
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
        let sockets = Arc::new(sockets);
        let shared = web::Data::from(Arc::clone(&sockets));
        let factory = move || {
            App::new()
                .app_data(shared.clone())
                .route("/ws", web::get().to(connect))
                .route("/echo", web::post().to(async |body: web::Bytes| body))
        };
        let listeners = listen(&config).expect("a free port");
        let server = serve(&config, listeners, factory).expect("listeners");
        let url = format!("ws://{}/ws", server.address);
        Self {
            gate,
            feed,
            sockets,
            url,
            server: server.handle,
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
