//! How others reach a channel's actor without holding its address: a bell that says "there is
//! something to send", a short line of read receipts, and a window through which the actor's
//! work and health can be seen, also after its death.

use crate::api::ChannelReport;
use papo_domain::ports::HealthLevel;
use papo_domain::{ChannelId, ConversationId, MessageId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::{Notify, mpsc};

/// Read receipts that may wait; more are dropped, since each also covers earlier messages.
const SHOWS: usize = 64;

/// The bells of a tenant's channels.
#[derive(Default)]
pub(crate) struct Bells {
    bells: RwLock<HashMap<ChannelId, Arc<Bell>>>,
    draining: Arc<AtomicBool>,
}

/// One channel's bell.
pub(crate) struct Bell {
    channel: ChannelId,
    rung: Notify,
    shows: mpsc::Sender<(String, bool)>,
    waiting_shows: Mutex<Option<mpsc::Receiver<(String, bool)>>>,
    view: Mutex<View>,
    /// Its channel is gone, or its settings changed.
    pub(super) closed: AtomicBool,
    pub(super) revived: AtomicBool,
    draining: Arc<AtomicBool>,
}

#[derive(Default)]
struct View {
    sending: HashMap<MessageId, ConversationId>,
    health: HealthLevel,
    code: Option<i64>,
}

impl Bells {
    /// There is something to send.
    pub(crate) fn ring(&self, channel: ChannelId) {
        if let Some(bell) = self.get(channel) {
            bell.ring();
        }
    }

    pub(crate) fn ring_all(&self) {
        for bell in self.all() {
            bell.ring();
        }
    }

    /// Shows a customer that a message was read; dropped when too many wait.
    pub(crate) fn show_read(&self, channel: ChannelId, external_id: String, typing: bool) {
        let Some(bell) = self.get(channel) else {
            return;
        };
        if bell.shows.try_send((external_id, typing)).is_err() {
            metrics::counter!("papo_read_receipts_dropped_total").increment(1);
        }
    }

    /// The bell of a channel whose actor starts now.
    pub(crate) fn open(&self, channel: ChannelId) -> Arc<Bell> {
        let (shows, waiting) = mpsc::channel(SHOWS);
        let bell = Arc::new(Bell {
            channel,
            rung: Notify::new(),
            shows,
            waiting_shows: Mutex::new(Some(waiting)),
            view: Mutex::default(),
            closed: AtomicBool::new(false),
            revived: AtomicBool::new(false),
            draining: Arc::clone(&self.draining),
        });
        bell.ring();
        let mut bells = self.bells.write().unwrap_or_else(PoisonError::into_inner);
        bells.insert(channel, Arc::clone(&bell));
        bell
    }

    /// The channel is gone: its actor ends.
    pub(crate) fn close(&self, channel: ChannelId) {
        let mut bells = self.bells.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bells.remove(&channel) {
            bell.closed.store(true, Ordering::Release);
            bell.ring();
        }
    }

    /// The channel's settings changed: what stopped it may be gone.
    pub(crate) fn revive(&self, channel: ChannelId) {
        if let Some(bell) = self.get(channel) {
            bell.revived.store(true, Ordering::Release);
            bell.ring();
        }
    }

    /// No new message is taken for sending from now on.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Messages on their way to the provider.
    pub(crate) fn sending(&self) -> usize {
        self.all()
            .iter()
            .map(|bell| bell.view().sending.len())
            .sum()
    }

    /// Takes over what a dead actor had on the way.
    pub(crate) fn take_sending(&self, channel: ChannelId) -> Vec<(MessageId, ConversationId)> {
        self.get(channel)
            .map_or_else(Vec::new, |bell| bell.view().sending.drain().collect())
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
    pub(super) fn take_shows(&self) -> Option<mpsc::Receiver<(String, bool)>> {
        self.waiting_shows
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    pub(super) fn sends(&self, id: MessageId, conversation: ConversationId) {
        self.view().sending.insert(id, conversation);
    }

    pub(super) fn settled(&self, id: MessageId) {
        self.view().sending.remove(&id);
    }

    pub(super) fn set_health(&self, health: HealthLevel, code: Option<i64>) {
        let mut view = self.view();
        view.health = health;
        view.code = code;
    }

    pub(super) fn in_flight(&self) -> usize {
        self.view().sending.len()
    }

    fn report(&self) -> ChannelReport {
        let view = self.view();
        ChannelReport {
            id: self.channel,
            health: view.health.name(),
            code: view.code,
            sending: view.sending.len(),
        }
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
