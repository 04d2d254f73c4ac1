//! How others reach a channel's actor without holding its address: a bell that says "there is
//! something to send", a short line of read receipts, and a window through which the actor's
//! work and health can be seen, also after its death.

use crate::api::ChannelReport;
use papo_domain::ports::{
    ChannelHealth, ChannelRecord, ClaimId, HealthLevel, OpenClaim, SendReport,
};
use papo_domain::{ChannelId, MessageId, Timestamp};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::{Notify, mpsc};

/// Read receipts that may wait; more are dropped, since each also covers earlier messages.
const RECEIPTS_MAX: usize = 64;

/// The bells of a tenant's channels.
#[derive(Default)]
pub(crate) struct Bells {
    bells: RwLock<HashMap<ChannelId, Arc<Bell>>>,
    /// Rung for a channel that has no bell here.
    strange: Notify,
    draining: Arc<AtomicBool>,
}

/// A message that a customer is to see as read.
pub(crate) struct ReadReceipt {
    /// The message's; it stands for all earlier ones too.
    pub(crate) external_id: String,
    /// Whether to show that somebody is typing, too.
    pub(crate) typing: bool,
}

/// Why a number can send nothing, told after it had taken the message.
pub(crate) struct Refusal {
    /// By the provider's clock.
    pub(crate) at: Timestamp,
    pub(crate) code: i64,
    pub(crate) detail: String,
}

/// One channel's bell.
pub(crate) struct Bell {
    channel: ChannelId,
    /// The actor's life that this bell belongs to.
    incarnation: u64,
    rung: Notify,
    receipts: mpsc::Sender<ReadReceipt>,
    waiting_receipts: Mutex<Option<mpsc::Receiver<ReadReceipt>>>,
    view: Mutex<View>,
    /// Its actor is not in charge of the channel any more: it claims nothing from now on.
    closed: AtomicBool,
    /// The channel as somebody has just changed it.
    revival: Mutex<Option<ChannelRecord>>,
    /// What the provider said later of a message that it had taken.
    refusal: Mutex<Option<Refusal>>,
    draining: Arc<AtomicBool>,
}

struct View {
    sending: HashMap<MessageId, ClaimId>,
    /// A claim was begun, and what it takes is not in `sending` yet.
    claiming: bool,
    health: ChannelHealth,
    /// The store may hold another health.
    unsaved: bool,
}

impl Bells {
    /// There is something to send.
    pub(crate) fn ring(&self, channel: ChannelId) {
        match self.get(channel) {
            Some(bell) => bell.ring(),
            None => self.strange.notify_one(),
        }
    }

    /// Resolves once there is something to send through a channel that is not known here.
    pub(crate) async fn unanswered(&self) {
        self.strange.notified().await;
    }

    pub(crate) fn ring_all(&self) {
        for bell in self.all() {
            bell.ring();
        }
    }

    /// Shows a customer that a message was read; dropped when too many wait.
    pub(crate) fn show_read(&self, channel: ChannelId, receipt: ReadReceipt) {
        let Some(bell) = self.get(channel) else {
            return;
        };
        if bell.receipts.try_send(receipt).is_err() {
            metrics::counter!("papo_read_receipts_dropped_total").increment(1);
        }
    }

    /// The bell of a channel whose actor starts now as its life number `incarnation`. An earlier
    /// life, if there is one, ends; how the number was is known from it.
    pub(crate) fn open(&self, number: &ChannelRecord, incarnation: u64) -> Arc<Bell> {
        let mut bells = self.bells.write().unwrap_or_else(PoisonError::into_inner);
        let earlier = bells.remove(&number.id);
        let (health, unsaved) = match &earlier {
            Some(earlier) => (earlier.health(), true),
            None => (number.health.clone(), false),
        };
        if let Some(earlier) = earlier {
            earlier.close();
        }
        let (receipts, waiting) = mpsc::channel(RECEIPTS_MAX);
        let bell = Arc::new(Bell {
            channel: number.id,
            incarnation,
            rung: Notify::new(),
            receipts,
            waiting_receipts: Mutex::new(Some(waiting)),
            view: Mutex::new(View {
                sending: HashMap::new(),
                claiming: false,
                health,
                unsaved,
            }),
            closed: AtomicBool::new(false),
            revival: Mutex::default(),
            refusal: Mutex::default(),
            draining: Arc::clone(&self.draining),
        });
        bell.ring();
        bells.insert(number.id, Arc::clone(&bell));
        bell
    }

    /// Whether life number `incarnation` is the channel's newest.
    pub(crate) fn is_current(&self, channel: ChannelId, incarnation: u64) -> bool {
        self.get(channel)
            .is_some_and(|bell| bell.incarnation == incarnation)
    }

    /// The channel is gone: its actor finishes what is on its way, and ends.
    pub(crate) fn close(&self, channel: ChannelId) {
        let mut bells = self.bells.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bells.remove(&channel) {
            bell.close();
        }
    }

    /// The tenant does not live here any more. Nothing is claimed after this returns, but for
    /// claims that are under way.
    pub(crate) fn close_all(&self) {
        let mut bells = self.bells.write().unwrap_or_else(PoisonError::into_inner);
        for (_, bell) in bells.drain() {
            bell.close();
        }
    }

    /// Somebody changed the channel: what stopped it may be gone.
    pub(crate) fn revive(&self, number: ChannelRecord) {
        if let Some(bell) = self.get(number.id) {
            *bell.revival() = Some(number);
            bell.ring();
        }
    }

    /// The provider took a message and says now that the number can send nothing.
    pub(crate) fn refuse(&self, channel: ChannelId, refusal: Refusal) {
        if let Some(bell) = self.get(channel) {
            let mut latest = bell.refusal();
            if latest.as_ref().is_none_or(|known| known.at < refusal.at) {
                *latest = Some(refusal);
            }
            drop(latest);
            bell.ring();
        }
    }

    /// No claim is begun from now on. Those under way end, and what they take goes back.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether messages are claimed, or being claimed, whose results are not recorded.
    pub(crate) fn are_busy(&self) -> bool {
        self.all().iter().any(|bell| {
            let view = bell.view();
            view.claiming || !view.sending.is_empty()
        })
    }

    /// A dead actor has nothing on the way; its next life settles what it left behind.
    pub(crate) fn forget_sending(&self, channel: ChannelId) {
        if let Some(bell) = self.get(channel) {
            let mut view = bell.view();
            view.sending.clear();
            view.claiming = false;
        }
    }

    pub(crate) fn report(&self) -> Vec<ChannelReport> {
        let mut report: Vec<_> = self.all().iter().map(|bell| bell.report()).collect();
        report.sort_by_key(|channel| channel.id);
        report
    }

    fn get(&self, channel: ChannelId) -> Option<Arc<Bell>> {
        self.bells
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&channel)
            .cloned()
    }

    fn all(&self) -> Vec<Arc<Bell>> {
        self.bells
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect()
    }
}

impl Bell {
    pub(super) fn ring(&self) {
        self.rung.notify_one();
    }

    /// Resolves once for any number of rings since the last time.
    pub(super) async fn heard(&self) {
        self.rung.notified().await;
    }

    /// The line of read receipts, for the actor that starts with this bell.
    pub(super) fn take_receipts(&self) -> Option<mpsc::Receiver<ReadReceipt>> {
        self.waiting_receipts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.ring();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn take_revival(&self) -> Option<ChannelRecord> {
        self.revival().take()
    }

    pub(super) fn take_refusal(&self) -> Option<Refusal> {
        self.refusal().take()
    }

    /// A claim begins, unless the tenant drains. Asked and noted in one, so that a drain waits
    /// for every claim that it does not forbid.
    pub(super) fn begin_claim(&self) -> bool {
        let mut view = self.view();
        view.claiming = !self.is_draining();
        view.claiming
    }

    /// What was claimed is in hand, or nothing was.
    pub(super) fn end_claim(&self) {
        self.view().claiming = false;
    }

    /// A claim is worked on.
    pub(super) fn sends(&self, claim: OpenClaim) {
        self.view().sending.insert(claim.id, claim.claim);
    }

    /// Whether this very claim is worked on.
    pub(super) fn has(&self, claim: OpenClaim) -> bool {
        self.view().sending.get(&claim.id) == Some(&claim.claim)
    }

    /// A result is recorded. One of an earlier claim says nothing about a newer one.
    pub(super) fn settled(&self, report: &SendReport) {
        let mut view = self.view();
        if view.sending.get(&report.id) == Some(&report.claim) {
            view.sending.remove(&report.id);
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.view().sending.len()
    }

    pub(super) fn level(&self) -> HealthLevel {
        self.view().health.level
    }

    fn health(&self) -> ChannelHealth {
        self.view().health.clone()
    }

    pub(super) fn set_health(&self, health: ChannelHealth) {
        let mut view = self.view();
        view.unsaved |= view.health != health;
        view.health = health;
    }

    /// What is to be stored, if anything is.
    pub(super) fn take_unsaved(&self) -> Option<ChannelHealth> {
        let mut view = self.view();
        std::mem::take(&mut view.unsaved).then(|| view.health.clone())
    }

    pub(super) fn mark_unsaved(&self) {
        self.view().unsaved = true;
    }

    fn report(&self) -> ChannelReport {
        let view = self.view();
        ChannelReport {
            id: self.channel,
            health: view.health.level.name(),
            code: view.health.code,
            sending: view.sending.len(),
        }
    }

    fn revival(&self) -> MutexGuard<'_, Option<ChannelRecord>> {
        self.revival.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refusal(&self) -> MutexGuard<'_, Option<Refusal>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
