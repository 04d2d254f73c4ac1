//! The provider's API as a test wishes it to answer. It takes only what was claimed for sending,
//! so a send past the outbox, twice under one claim, or after an answer that may have been a yes
//! is found here.

use super::gate::{Barrier, Gate};
use super::rows::{OutboxRow, SendState};
use super::tables::Tables;
use super::world::{Shared, World};
use papo_domain::conversation::Body;
use papo_domain::ports::{Gateway, OutboundMessage, PortFuture, SendError};
use papo_domain::{ChannelId, MessageId, TenantId, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How a send is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Taken, under an id of the gateway's making.
    Taken,
    /// Taken under this id.
    TakenAs(String),
    Fails(SendError),
    /// The request goes out and nothing ever comes back.
    Never,
    /// The request goes out, and then whoever waits for its answer panics.
    Crashes,
}

/// A request that went out.
#[derive(Clone, Debug)]
pub struct SendRecord {
    pub tenant: TenantId,
    pub channel: ChannelId,
    pub message: OutboundMessage,
    /// When it left.
    pub at: Timestamp,
    /// How it was, or will be, answered.
    pub answer: Answer,
    /// Whether it was bound to a control epoch.
    pub automatic: bool,
    /// Whether that epoch was over when the request left.
    pub stale: bool,
    /// Whether the commit that ended the epoch counted it as on the wire.
    pub announced: bool,
}

/// A message that was shown as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRecord {
    pub external_id: String,
    /// Whether typing was shown with it.
    pub typing: bool,
}

/// Stands in for the WhatsApp client.
pub struct FakeGateway {
    shared: Arc<Shared>,
    desk: Arc<Mutex<Desk>>,
}

#[derive(Default)]
struct Desk {
    sends: Vec<SendRecord>,
    shown: Vec<ReadRecord>,
    coming: VecDeque<Answer>,
    wanted: HashMap<MessageId, VecDeque<Answer>>,
    preparation: Duration,
    latency: Duration,
    gates: Vec<Barrier>,
    start_within: Option<Duration>,
    killed: bool,
}

impl FakeGateway {
    /// A gateway that takes every message at once.
    #[must_use]
    pub fn new(world: &World) -> Arc<Self> {
        Arc::new(Self {
            shared: Arc::clone(&world.shared),
            desk: Arc::default(),
        })
    }

    /// The next `times` sends are answered like this, after those already planned.
    pub fn answer_next(&self, answer: &Answer, times: usize) {
        self.desk()
            .coming
            .extend(std::iter::repeat_n(answer.clone(), times));
    }

    /// The next send of this message is answered like this, after those already planned for it.
    pub fn answer_to(&self, message: MessageId, answer: Answer) {
        self.desk()
            .wanted
            .entry(message)
            .or_default()
            .push_back(answer);
    }

    /// Every request takes this much virtual time before it could leave.
    pub fn preparation(&self, time: Duration) {
        self.desk().preparation = time;
    }

    /// Every answer takes this much virtual time.
    pub fn latency(&self, latency: Duration) {
        self.desk().latency = latency;
    }

    /// How long after its claim a request may still leave; 2 s unless set.
    pub fn start_within(&self, time: Duration) {
        self.desk().start_within = Some(time);
    }

    /// Holds back every answer from now on, until the gate is released or dropped. The requests
    /// have left.
    #[must_use = "a dropped gate is open"]
    pub fn hold(&self) -> Gate {
        let (gate, barrier) = Gate::new();
        self.desk().gates.push(barrier);
        gate
    }

    /// Its process died, as by [`super::InMemoryStore::kill`]: requests neither leave nor are
    /// answered any more.
    pub fn kill(&self) {
        self.desk().killed = true;
    }

    /// Every request, in the order in which they left.
    #[must_use]
    pub fn sends(&self) -> Vec<SendRecord> {
        self.desk().sends.clone()
    }

    /// How often this message was sent.
    #[must_use]
    pub fn count(&self, message: MessageId) -> usize {
        self.desk()
            .sends
            .iter()
            .filter(|send| send.message.tracking == message)
            .count()
    }

    /// What customers read, in the order in which it left.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.desk()
            .sends
            .iter()
            .map(|send| send.message.outbound.body().to_owned())
            .collect()
    }

    /// Messages shown as read.
    #[must_use]
    pub fn shown(&self) -> Vec<ReadRecord> {
        self.desk().shown.clone()
    }

    /// # Panics
    /// When an automatic message left after its epoch was over and the commit that ended it
    /// (the takeover) had not counted it as on the wire.
    pub fn assert_no_automatic_send_after_takeover(&self) {
        for send in &self.desk().sends {
            assert!(
                !send.stale || send.announced,
                "message {} was sent at {} after the takeover",
                send.message.tracking,
                send.at
            );
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        lock(&self.desk)
    }
}

impl Gateway for FakeGateway {
    fn send(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        message: OutboundMessage,
        start_by: Instant,
    ) -> PortFuture<Result<String, SendError>> {
        let (shared, desk) = (Arc::clone(&self.shared), Arc::clone(&self.desk));
        Box::pin(async move {
            let preparation = lock(&desk).preparation;
            if !preparation.is_zero() {
                tokio::time::sleep(preparation).await;
            }
            if lock(&desk).killed {
                return pending().await;
            }
            if tokio::time::Instant::now().into_std() >= start_by {
                return Err(SendError::NotSent("too late".to_owned()));
            }
            let (answer, number) = leave(&shared, &desk, tenant, channel, message);
            tokio::task::yield_now().await;
            let (latency, gates) = {
                let mut desk = lock(&desk);
                desk.gates.retain(|gate| !gate.is_open());
                (desk.latency, desk.gates.clone())
            };
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            for gate in gates {
                gate.pass().await;
            }
            if lock(&desk).killed {
                return pending().await;
            }
            match answer {
                Answer::Taken => Ok(format!("wamid.OUT{number}")),
                Answer::TakenAs(id) => Ok(id),
                Answer::Fails(error) => Err(error),
                Answer::Never => pending().await,
                Answer::Crashes => panic!("boom: the test wants the sender to crash"),
            }
        })
    }

    fn show_read(
        &self,
        _tenant: TenantId,
        _channel: ChannelId,
        external_id: String,
        typing: bool,
    ) -> PortFuture<Result<(), SendError>> {
        let desk = Arc::clone(&self.desk);
        Box::pin(async move {
            lock(&desk).shown.push(ReadRecord {
                external_id,
                typing,
            });
            tokio::task::yield_now().await;
            Ok(())
        })
    }
}

/// The request leaves: it is checked against its outbox row and written down.
fn leave(
    shared: &Shared,
    desk: &Mutex<Desk>,
    tenant: TenantId,
    channel: ChannelId,
    message: OutboundMessage,
) -> (Answer, usize) {
    let mut tables = shared.tables();
    let mut desk = lock(desk);
    let id = message.tracking;
    let earlier = desk.sends.iter().filter(|send| send.message.tracking == id);
    let repeated = earlier.clone().any(|send| may_have_arrived(&send.answer));
    let start_within = desk.start_within.unwrap_or(Duration::from_secs(2));
    let row = match check(&tables, tenant, channel, &message, start_within) {
        Ok(_) if repeated => tables.violate(format!("message {id} may have arrived; sent again")),
        Ok(row) => row,
        Err(fault) => tables.violate(format!("message {id} was sent {fault}")),
    };
    tables.outbox.update(id, |row| row.requests += 1);
    let current = tables.conversations.get(&row.conversation).map(|c| c.epoch);
    let planned = desk.wanted.get_mut(&id).and_then(VecDeque::pop_front);
    let answer = planned
        .or_else(|| desk.coming.pop_front())
        .unwrap_or(Answer::Taken);
    desk.sends.push(SendRecord {
        tenant,
        channel,
        message,
        at: tables.now(),
        answer: answer.clone(),
        automatic: row.epoch.is_some(),
        stale: row.epoch.is_some() && row.epoch != current,
        announced: row.announced,
    });
    (answer, desk.sends.len())
}

/// The row of a request that may leave, or what is wrong with it.
fn check(
    tables: &Tables,
    tenant: TenantId,
    channel: ChannelId,
    message: &OutboundMessage,
    start_within: Duration,
) -> Result<OutboxRow, String> {
    let row = tables
        .outbox
        .get(message.tracking)
        .ok_or("past the outbox")?;
    if row.tenant != tenant || row.channel != channel {
        return Err("through another tenant's or channel's number".to_owned());
    }
    if row.state != SendState::Sending {
        return Err(format!("while {:?}", row.state));
    }
    if row.requests > 0 {
        return Err("twice under one claim".to_owned());
    }
    if row
        .claimed_at
        .is_none_or(|claimed| tables.now() > claimed + start_within)
    {
        return Err("too long after its claim".to_owned());
    }
    let conversation = tables
        .conversations
        .get(&row.conversation)
        .ok_or("to nobody")?;
    if conversation.address != message.to {
        return Err(format!("to {:?}", message.to));
    }
    let words = conversation
        .message(row.seq)
        .and_then(|stored| stored.body.as_ref());
    if !matches!(words, Some(Body::Outbound { outbound }) if *outbound == message.outbound) {
        return Err("with other words than were stored".to_owned());
    }
    Ok(row.clone())
}

/// Whether the customer may have the message, so that sending again is not safe.
fn may_have_arrived(answer: &Answer) -> bool {
    match answer {
        Answer::Taken | Answer::TakenAs(_) | Answer::Never | Answer::Crashes => true,
        Answer::Fails(error) => matches!(error, SendError::Ambiguous(_)),
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
