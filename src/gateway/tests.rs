use super::{Files, GraphGateway};
use crate::config::Media;
use crate::media::MediaStore;
use crate::vault::Vault;
use papo_domain::outbound::Outbound;
use papo_domain::ports::{Alias, AliasKind, Gateway, OutboundMessage, SendError};
use papo_domain::{ChannelId, MessageId, TenantId};
use papo_storage::{Database, PoolSettings};
use papo_whatsapp::{Credentials, GraphApi, GraphConfig};
use secrecy::SecretString;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const CHANNEL: ChannelId = ChannelId(Uuid::from_u128(2));

/// Takes connections and never says a word; holds its port.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

fn gateway(database: &str, graph: &str) -> GraphGateway {
    // Another test may have been faster.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let io = Handle::current();
    let url = format!("postgres://papo_app@{database}/papo").into();
    let database = Database::new(&url, PoolSettings::default(), io.clone()).unwrap();
    let graph = GraphConfig::new(format!("http://{graph}"), "v26.0");
    GraphGateway::new(
        GraphApi::new(&graph).unwrap(),
        database,
        Arc::new(Vault::new([7; 32])),
        Duration::from_secs(60),
        Files {
            store: MediaStore::open(&Media::for_tests(), io.clone()).unwrap(),
            patience: Duration::from_secs(5),
        },
        io,
    )
}

fn message() -> OutboundMessage {
    OutboundMessage {
        tracking: MessageId(Uuid::from_u128(3)),
        to: Alias {
            kind: AliasKind::WaId,
            value: "5511900000001".to_owned(),
        },
        outbound: Outbound::text("olá"),
        quote: None,
    }
}

fn too_late() -> Result<String, SendError> {
    Err(SendError::NotSent("it could not start in time".to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_holds_a_message_no_longer_than_it_may_start() {
    let (_database, address) = silent();
    let (graph, at) = silent();
    let start_by = Instant::now() + Duration::from_millis(50);
    let sent = gateway(&address, &at).send(TENANT, CHANNEL, message(), start_by);
    assert_eq!(sent.await, too_late());
    assert_eq!(graph.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_does_not_begin_late_though_nothing_is_missing() {
    let (_database, address) = silent();
    let (graph, at) = silent();
    let gateway = gateway(&address, &at);
    let known = Credentials {
        phone_number_id: "100000000000001".to_owned(),
        access_token: SecretString::from("token"),
    };
    let credentials = &gateway.inner.credentials;
    credentials.put((TENANT, CHANNEL), known, Duration::from_secs(60));
    let sent = gateway.send(TENANT, CHANNEL, message(), Instant::now());
    assert_eq!(sent.await, too_late());
    assert_eq!(graph.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}
