//! The HTTP side: one listener, the Graph API, the control API and the phone page.

use crate::control::{self, Controls};
use crate::graph;
use crate::page;
use crate::shared::Shared;
use actix_web::dev::Server;
use actix_web::web::{self, Data, PayloadConfig};
use actix_web::{App, HttpServer};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

/// The longest body of a Graph call.
const GRAPH_BODY_MAX: usize = 256 * 1024;
/// How long requests under way get when the server stops gracefully.
const STOP_SECONDS: u64 = 2;

pub(crate) fn server(
    listener: TcpListener,
    workers: usize,
    shared: &Arc<Shared>,
    controls: &Controls,
) -> std::io::Result<Server> {
    let shared = Data::from(Arc::clone(shared));
    let controls = Data::new(controls.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::clone(&shared))
            .app_data(Data::clone(&controls))
            .app_data(PayloadConfig::new(GRAPH_BODY_MAX))
            .route("/", web::get().to(page::phone))
            .configure(control::routes)
            .route("/{version}/debug_token", web::get().to(graph::debug_token))
            .route(
                "/{version}/{account}/phone_numbers",
                web::get().to(graph::account_numbers),
            )
            .route(
                "/_media/{id}/{until_ms}",
                web::get().to(graph::download_file),
            )
            .route("/{version}/{number}", web::get().to(graph::number))
            .route("/{version}/{id}", web::delete().to(graph::delete_file))
            .route(
                "/{version}/{number}/media",
                web::post().to(graph::upload_file),
            )
            .route(
                "/{version}/{account}/message_templates",
                web::get().to(graph::templates),
            )
            .route(
                "/{version}/{number}/messages",
                web::post().to(graph::messages),
            )
            .default_service(web::route().to(graph::unknown))
    })
    .on_connect(graph::remember_connection)
    .workers(workers.max(1))
    .shutdown_timeout(STOP_SECONDS)
    // A product that keeps connections open must not see them close between two sends.
    .keep_alive(Duration::from_secs(75))
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}
