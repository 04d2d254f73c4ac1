//! G7: a socket misses nothing it may see, whatever is lost on the way to it.

use super::{PHONE, Rig, ana, bruno};
use crate::api::{DispatchError, Viewer};
use crate::attendant::{CutFlag, CutReason, Joining, SocketId, ToSocket};
use actix::{Actor, AsyncContext, Context, Handler};
use bytestring::ByteString;
use papo_domain::conversation::{Command, TransferTarget};
use papo_domain::{Role, UserId};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

/// A socket that keeps what it is sent; `stuck` ones take nothing out of their mailbox.
struct Client {
    got: Arc<Mutex<Vec<String>>>,
    stuck: bool,
}

impl Actor for Client {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(16);
        if self.stuck {
            ctx.wait(actix::fut::wrap_future(std::future::pending::<()>()));
        }
    }
}

impl Handler<ToSocket> for Client {
    type Result = ();

    fn handle(&mut self, ToSocket { texts, .. }: ToSocket, _: &mut Self::Context) {
        self.got
            .lock()
            .unwrap()
            .extend(texts.into_iter().map(|t| t.to_string()));
    }
}

pub(super) struct Connected {
    got: Arc<Mutex<Vec<String>>>,
    pub(super) cut: CutFlag,
    _client: actix::Addr<Client>,
}

impl Connected {
    pub(super) fn frames(&self) -> Vec<String> {
        self.got
            .lock()
            .unwrap()
            .iter()
            .filter(|text| *text != "hello")
            .cloned()
            .collect()
    }

    /// Numbers of the events it was given; signals have none.
    pub(super) fn seqs(&self) -> Vec<u64> {
        let numbers = self
            .frames()
            .iter()
            .filter_map(|f| f.split(':').next()?.parse().ok())
            .collect::<Vec<u64>>();
        numbers.into_iter().filter(|seq| *seq > 0).collect()
    }
}

async fn connect(
    rig: &Rig,
    user: UserId,
    role: Role,
    cursor: Option<u64>,
    stuck: bool,
) -> Connected {
    let (connected, _) = attach(rig, user, role, cursor, stuck).await.unwrap();
    connected
}

pub(super) async fn attach(
    rig: &Rig,
    user: UserId,
    role: Role,
    cursor: Option<u64>,
    stuck: bool,
) -> Result<(Connected, SocketId), DispatchError> {
    let (connected, joining) = socket(rig, user, role, cursor, stuck).await;
    let id = joining.socket;
    rig.engine.attach(joining).await?;
    rig.world.settle().await;
    Ok((connected, id))
}

/// A socket that nobody feeds yet.
pub(super) async fn socket(
    rig: &Rig,
    user: UserId,
    role: Role,
    cursor: Option<u64>,
    stuck: bool,
) -> (Connected, Joining) {
    let got = Arc::new(Mutex::new(Vec::new()));
    let client = Client {
        got: got.clone(),
        stuck,
    }
    .start();
    rig.world.settle().await;
    let cut = CutFlag::default();
    let joining = Joining {
        viewer: Viewer {
            tenant: rig.shop.id,
            user,
            role,
            departments: Vec::new(),
        },
        socket: SocketId(rand_id()),
        cursor,
        to: client.clone().recipient(),
        cut: cut.clone(),
        greet: Box::new(|_| ByteString::from_static("hello")),
    };
    let connected = Connected {
        got,
        cut,
        _client: client,
    };
    (connected, joining)
}

fn rand_id() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub(super) fn stream(rig: &Rig, after: u64) -> Vec<u64> {
    rig.world
        .events(rig.shop.id)
        .iter()
        .map(|e| e.seq)
        .filter(|seq| *seq > after)
        .collect()
}

#[actix::test]
async fn a_supervisor_sees_every_event_in_order() {
    let rig = Rig::new().await;
    let eva = connect(&rig, ana(), Role::Supervisor, None, false).await;
    rig.says("oi").await;
    rig.says("menu").await;
    rig.world.run_for(Duration::from_secs(2)).await;
    assert_eq!(eva.seqs(), stream(&rig, 0));
}

#[actix::test]
async fn lost_handovers_are_repaired_from_the_table() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    let eva = connect(&rig, ana(), Role::Supervisor, Some(0), false).await;
    rig.store.faults().drop_handoffs(true);
    rig.world.inbound_text(&rig.shop, PHONE, "menu");
    rig.world.run_for(Duration::from_secs(3)).await;
    rig.store.faults().drop_handoffs(false);
    rig.says("menu").await;
    rig.world.run_for(Duration::from_secs(3)).await;
    assert_eq!(eva.seqs(), stream(&rig, 0));
}

#[actix::test]
async fn nothing_later_is_passed_on_before_a_lost_range() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    let eva = connect(&rig, bruno(), Role::Supervisor, None, false).await;
    let after = stream(&rig, 0).len();
    rig.store.faults().drop_handoffs(true);
    rig.takes_over(ana()).await;
    rig.store.faults().drop_handoffs(false);
    rig.replies(ana(), "olá").await.unwrap();
    // Well within the second after which the head is compared with the table.
    rig.world.settle().await;
    assert_eq!(eva.seqs(), stream(&rig, u64::try_from(after).unwrap()));
}

#[actix::test]
async fn the_last_event_arrives_even_if_its_handover_was_lost() {
    let rig = Rig::new().await;
    let eva = connect(&rig, ana(), Role::Supervisor, None, false).await;
    rig.store.faults().drop_handoffs(true);
    rig.world.inbound_text(&rig.shop, PHONE, "oi");
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(eva.seqs(), stream(&rig, 0));
}

#[actix::test]
async fn a_returning_socket_gets_what_it_missed_once() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    for n in 0..700 {
        rig.world.inbound_text(&rig.shop, PHONE, &n.to_string());
    }
    rig.world.run_for(Duration::from_secs(20)).await;
    for cursor in [0, 1, 350, 699] {
        let eva = connect(&rig, bruno(), Role::Supervisor, Some(cursor), false).await;
        rig.world.run_for(Duration::from_secs(2)).await;
        rig.says("e agora").await;
        rig.world.run_for(Duration::from_secs(2)).await;
        assert_eq!(eva.seqs(), stream(&rig, cursor));
    }
}

#[actix::test]
async fn a_socket_that_takes_nothing_is_cut_and_the_others_go_on() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    let stuck = connect(&rig, ana(), Role::Attendant, None, true).await;
    let eva = connect(&rig, bruno(), Role::Supervisor, None, false).await;
    for n in 0..400 {
        rig.says(&n.to_string()).await;
    }
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(stuck.cut.reason(), Some(CutReason::Resync));
    assert_eq!(eva.cut.reason(), None);
    assert_eq!(eva.seqs().last(), stream(&rig, 0).last());
}

#[actix::test]
async fn an_attendant_sees_own_and_unassigned_and_is_told_when_that_changes() {
    let rig = Rig::new().await;
    let her = connect(&rig, ana(), Role::Attendant, None, false).await;
    let him = connect(&rig, bruno(), Role::Attendant, None, false).await;
    rig.says("oi").await;
    assert_eq!(her.seqs(), stream(&rig, 0));
    assert_eq!(him.seqs(), stream(&rig, 0));
    rig.takes_over(ana()).await;
    rig.says("olá?").await;
    let id = rig.conversation();
    assert!(
        him.frames()
            .last()
            .unwrap()
            .ends_with(&format!("{id}:revoked"))
    );
    assert_eq!(her.seqs(), stream(&rig, 0));
    let to = TransferTarget::Attendant {
        id: bruno(),
        name: "Bruno".to_owned(),
    };
    rig.command(Command::Transfer {
        by: ana(),
        force: false,
        to,
        note: None,
    })
    .await
    .unwrap();
    rig.world.settle().await;
    let granted = him
        .frames()
        .iter()
        .filter(|f| f.ends_with(":granted"))
        .count();
    assert_eq!(granted, 1);
    assert!(her.frames().last().unwrap().ends_with(":revoked"));
}

#[actix::test]
async fn a_cursor_from_another_history_is_told_to_resync() {
    let rig = Rig::with(|c| c.replay.max_rows = 3).await;
    rig.says("oi").await;
    rig.takes_over(ana()).await;
    rig.says("olá").await;
    for cursor in [0, 1_000_000] {
        let got = Arc::new(Mutex::new(Vec::new()));
        let client = Client { got, stuck: false }.start();
        let joining = Joining {
            viewer: Viewer {
                tenant: rig.shop.id,
                user: bruno(),
                role: Role::Supervisor,
                departments: Vec::new(),
            },
            socket: SocketId(rand_id()),
            cursor: Some(cursor),
            to: client.recipient(),
            cut: CutFlag::default(),
            greet: Box::new(|_| ByteString::from_static("hello")),
        };
        assert!(
            rig.engine.attach(joining).await.unwrap().resync,
            "cursor {cursor}"
        );
    }
}

#[actix::test]
async fn presence_follows_sockets() {
    let rig = Rig::new().await;
    let eva = connect(&rig, bruno(), Role::Supervisor, None, false).await;
    let her = connect(&rig, ana(), Role::Attendant, None, false).await;
    rig.world.run_for(Duration::from_secs(2)).await;
    assert!(eva.frames().contains(&format!("0:{}:online", ana())));
    let mut online = rig.engine.online(rig.shop.id).await.unwrap();
    online.sort();
    assert_eq!(online, [ana(), bruno()]);
    drop(her);
    rig.engine.user_changed(rig.shop.id, ana()).await.unwrap();
    rig.world.run_for(Duration::from_secs(3)).await;
    assert!(eva.frames().contains(&format!("0:{}:offline", ana())));
    assert_eq!(rig.engine.online(rig.shop.id).await.unwrap(), [bruno()]);
}

#[actix::test]
async fn many_who_come_at_once_are_told_of_at_once() {
    let rig = Rig::new().await;
    let eva = connect(&rig, bruno(), Role::Supervisor, None, false).await;
    rig.world.run_for(Duration::from_secs(2)).await;
    let mut crowd = Vec::new();
    for _ in 0..100 {
        let user = UserId(Uuid::now_v7());
        crowd.push(connect(&rig, user, Role::Attendant, None, false).await);
    }
    rig.world.run_for(Duration::from_secs(3)).await;
    let told: Vec<_> = eva
        .frames()
        .into_iter()
        .filter(|frame| frame.starts_with("0:"))
        .collect();
    assert!(told.contains(&"0:users:changed".to_owned()), "{told:?}");
    assert!(told.len() < 40, "{} frames", told.len());
    assert_eq!(rig.engine.online(rig.shop.id).await.unwrap().len(), 101);
}

#[actix::test]
async fn a_person_whose_actor_crashed_comes_back_after_a_pause() {
    let rig = Rig::new().await;
    let boss = Role::Supervisor;
    let (_lost, socket) = attach(&rig, ana(), boss, None, false).await.unwrap();
    let crash = Box::new(|_| panic!("boom: the test wants the attendant's actor to crash"));
    rig.engine.tell_position(rig.shop.id, ana(), socket, crash);
    rig.world.settle().await;
    let at_once = attach(&rig, ana(), boss, None, false).await;
    assert!(matches!(at_once, Err(DispatchError::Busy)));
    rig.world.run_for(Duration::from_millis(200)).await;
    let (back, _) = attach(&rig, ana(), boss, None, false).await.unwrap();
    rig.says("oi").await;
    assert!(!back.seqs().is_empty());
}
