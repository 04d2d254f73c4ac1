//! What a socket does with frames for which there is no room.

use super::{BACKLOG, Socket};
use crate::api::Viewer;
use crate::attendant::{CutFlag, CutReason, SocketId, ToSocket};
use actix::{Actor, Context, Handler};
use bytestring::ByteString;
use papo_domain::{Role, TenantId, UserId};
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Takes everything out of its mailbox, and writes nothing of it.
struct Session(mpsc::Sender<usize>);

impl Actor for Session {
    type Context = Context<Self>;
}

impl Handler<ToSocket> for Session {
    type Result = ();

    fn handle(&mut self, ToSocket { texts, .. }: ToSocket, _: &mut Self::Context) {
        self.0.try_send(texts.len()).expect("the test listens");
    }
}

#[actix::test]
async fn a_session_whose_mailbox_is_empty_is_woken_when_it_is_cut() {
    let (took, mut taken) = mpsc::channel(8);
    let socket = Socket {
        id: SocketId(1),
        viewer: Viewer {
            tenant: TenantId(Uuid::from_u128(1)),
            user: UserId(Uuid::from_u128(2)),
            role: Role::Supervisor,
            departments: Vec::new(),
        },
        to: Session(took).start().recipient(),
        cut: CutFlag::default(),
        position: 0,
        behind: false,
        followed: HashSet::new(),
    };
    let mut next = async || {
        let next = tokio::time::timeout(Duration::from_secs(10), taken.recv()).await;
        next.expect("in time").expect("alive")
    };
    assert!(socket.push(vec![ByteString::from("x".repeat(BACKLOG + 1))]));
    assert_eq!(next().await, 1);
    assert!(!socket.push(vec![ByteString::from_static("y")]));
    assert_eq!(socket.cut.reason(), Some(CutReason::Resync));
    assert_eq!(next().await, 0);
}
