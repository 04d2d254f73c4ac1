//! Which inbox rows are being worked on, and how many of each conversation; and whether commands
//! are, so that a drain can wait for both. A row's token is its
//! entry here: whoever holds it works on the row, and whoever drops it, by finishing, dying or
//! losing a mailbox, puts the row back within the pump's reach. Rows cannot be lost in memory,
//! only left pending in the table.

use papo_domain::ConversationId;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long the rows of a conversation stay in the table after one of them was turned away.
const PAUSE: Duration = Duration::from_millis(200);

/// The rows of one tenant that are in hand.
#[derive(Clone, Default)]
pub(crate) struct InHand {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    table: Mutex<Table>,
    /// Every command in hand has a clone.
    commands: Arc<()>,
    /// Rung when a conversation that rows were held back for has room again.
    room: tokio::sync::Notify,
}

#[derive(Default)]
struct Table {
    rows: HashMap<i64, InHands>,
    per: HashMap<ConversationId, usize>,
    /// Conversations that rows were held back for.
    held_back: HashSet<ConversationId>,
    /// Those of them whose rows the reading under way has still to come by.
    returning: HashSet<ConversationId>,
    /// Conversations that just turned a row away, with when they are asked again. Until then
    /// none of their rows goes out, nor does a dropped token ring for them.
    paused: HashMap<ConversationId, Instant>,
}

/// Whose hands a row is in.
#[derive(Clone, Copy)]
enum InHands {
    /// The row belongs to no conversation.
    Tenant,
    /// Those of the present life, or on the way to it.
    Conversation(ConversationId),
    /// Nobody's: the life is over, and what is left of its mailbox has the row still.
    Gone,
}

/// Proof that one row is in hand.
pub(crate) struct ItemToken {
    inner: Arc<Inner>,
    row: i64,
    conversation: Option<ConversationId>,
}

/// Proof that a command is in hand, until it is dropped.
pub(crate) struct CommandToken {
    _counted: Arc<()>,
}

impl InHand {
    pub(crate) fn len(&self) -> usize {
        self.table().rows.len()
    }

    pub(crate) fn of(&self, conversation: ConversationId) -> usize {
        self.table()
            .per
            .get(&conversation)
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn holds(&self, row: i64) -> bool {
        self.table().rows.contains_key(&row)
    }

    /// Whether a row of `conversation` is in hand. If the life that has it is over, it comes back
    /// only with the last of that life's mailbox; later rows must wait until then, or they would
    /// overtake it.
    pub(crate) fn has(&self, conversation: ConversationId, row: i64) -> bool {
        let mut table = self.table();
        let held = table.rows.get(&row).copied();
        if let Some(InHands::Gone) = held {
            table.held_back.insert(conversation);
        }
        held.is_some()
    }

    /// The life of `conversation` is over. Rows that it has still will come back.
    pub(crate) fn life_over(&self, conversation: ConversationId) {
        for hands in self.table().rows.values_mut() {
            if matches!(hands, InHands::Conversation(of) if *of == conversation) {
                *hands = InHands::Gone;
            }
        }
    }

    /// Takes a row that belongs to no conversation. `None` if somebody has it.
    pub(crate) fn take(&self, row: i64) -> Option<ItemToken> {
        let mut table = self.table();
        if table.rows.contains_key(&row) {
            return None;
        }
        table.rows.insert(row, InHands::Tenant);
        Some(ItemToken {
            inner: Arc::clone(&self.inner),
            row,
            conversation: None,
        })
    }

    /// Takes a row of `conversation`, unless somebody has it or `bound` of its rows are in hand;
    /// then the conversation is remembered as held back.
    pub(crate) fn take_for(
        &self,
        conversation: ConversationId,
        row: i64,
        bound: usize,
    ) -> Option<ItemToken> {
        let mut table = self.table();
        if table.rows.contains_key(&row) {
            return None;
        }
        let count = table.per.entry(conversation).or_default();
        if *count >= bound {
            table.held_back.insert(conversation);
            return None;
        }
        *count += 1;
        table.rows.insert(row, InHands::Conversation(conversation));
        Some(ItemToken {
            inner: Arc::clone(&self.inner),
            row,
            conversation: Some(conversation),
        })
    }

    pub(crate) fn take_command(&self) -> CommandToken {
        CommandToken {
            _counted: Arc::clone(&self.inner.commands),
        }
    }

    pub(crate) fn has_commands(&self) -> bool {
        Arc::strong_count(&self.inner.commands) > 1
    }

    /// Whether rows of `conversation` were held back since the last [`Self::start_over`]. Later
    /// rows must then wait too, or they would overtake.
    pub(crate) fn is_held_back(&self, conversation: ConversationId) -> bool {
        self.table().holds_back(conversation)
    }

    /// Remembers that rows of `conversation` were left in the table.
    pub(crate) fn hold_back(&self, conversation: ConversationId) {
        self.table().held_back.insert(conversation);
    }

    /// A row of `conversation` was turned away though nothing is wrong with it: the lane or a
    /// queue is full, or the store is away. Its rows are left in the table for a moment.
    pub(crate) fn pause(&self, conversation: ConversationId) {
        self.table()
            .paused
            .insert(conversation, Instant::now() + PAUSE);
    }

    pub(crate) fn is_paused(&self, conversation: ConversationId) -> bool {
        self.table().paused.contains_key(&conversation)
    }

    /// Ends the pauses that are over; whether there were any. Their rows stay held back until
    /// the pump reads from the oldest one again.
    pub(crate) fn end_pauses(&self) -> bool {
        let now = Instant::now();
        let mut table = self.table();
        let Table {
            paused, held_back, ..
        } = &mut *table;
        let over: Vec<_> = paused.extract_if(|_, until| *until <= now).collect();
        held_back.extend(over.iter().map(|(conversation, _)| *conversation));
        !over.is_empty()
    }

    /// The pump reads from the oldest pending row again, so nothing is held back any more.
    pub(crate) fn start_over(&self) {
        let mut table = self.table();
        let Table {
            held_back,
            returning,
            ..
        } = &mut *table;
        returning.extend(held_back.drain());
    }

    /// The pump has read the newest row, and all before it.
    pub(crate) fn all_read(&self) {
        self.table().returning.clear();
    }

    /// Whether rows of `conversation` are in hand, or were left in the table as far as is known.
    pub(crate) fn has_older(&self, conversation: ConversationId) -> bool {
        let table = self.table();
        table.per.contains_key(&conversation)
            || table.returning.contains(&conversation)
            || table.holds_back(conversation)
    }

    /// Resolves when a held-back conversation has room.
    pub(crate) async fn room(&self) {
        self.inner.room.notified().await;
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.inner
            .table
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn holds_back(&self, conversation: ConversationId) -> bool {
        self.held_back.contains(&conversation) || self.paused.contains_key(&conversation)
    }
}

impl ItemToken {
    pub(crate) fn row(&self) -> i64 {
        self.row
    }
}

impl Drop for ItemToken {
    fn drop(&mut self) {
        let mut table = self
            .inner
            .table
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        table.rows.remove(&self.row);
        let Some(conversation) = self.conversation else {
            return;
        };
        if let Some(count) = table.per.get_mut(&conversation) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                table.per.remove(&conversation);
                if table.held_back.contains(&conversation) {
                    drop(table);
                    self.inner.room.notify_one();
                }
            }
        }
    }
}
