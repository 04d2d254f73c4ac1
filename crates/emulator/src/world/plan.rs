//! What goes wrong with one Graph call: rolled in a fixed order before anything happens, so that
//! it depends on the seed and the occasion alone.

use super::World;
use super::chat::ChatKey;
use crate::faults::Dice;
use crate::graph::Draft;
use std::time::Duration;

/// What strikes before the message is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    Nothing,
    /// The connection closes and the message is not accepted.
    Drop,
    /// Answered 131000.
    Refuse,
    Wait(Duration),
}

/// What strikes after the message was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Answer,
    /// The connection closes.
    Drop,
    BadGateway,
    Wait(Duration),
    /// The answer waits for the product to take the `sent` status.
    Status,
}

/// Everything that strikes one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) before: Before,
    pub(crate) after: After,
    pub(crate) late_failure: bool,
    pub(crate) skipped_delivered: bool,
}

impl World {
    /// Rolls for a send. Counts the occasion, so every send is asked for exactly once.
    pub(crate) fn plan(&mut self, phone_number_id: &str, draft: &Draft) -> Plan {
        let occasion = match self.recipient(draft) {
            None => 0,
            Some(customer) => {
                let key = ChatKey::new(phone_number_id, customer.id());
                let chat = self.chats.open(&key);
                chat.sends += 1;
                chat.sends
            }
        };
        let key = ["send", phone_number_id, &draft.input];
        let mut dice = Dice::new(self.seed, &key, occasion);
        let faults = &mut self.faults;

        let drop_before = faults.lost_request.strikes(&mut dice);
        let refuse = faults.server_error.strikes(&mut dice);
        let slow = faults.slow_answer.strikes(&mut dice);
        let drop_after = faults.lost_answer.strikes(&mut dice);
        let bad_gateway = faults.bad_gateway.strikes(&mut dice);
        let late = faults.late_answer.strikes(&mut dice);
        let status_first = faults.status_before_answer.strikes(&mut dice);
        let millis = |ms: u32| Duration::from_millis(u64::from(ms));
        Plan {
            before: match (drop_before, refuse, slow) {
                (true, ..) => Before::Drop,
                (_, true, _) => Before::Refuse,
                (.., true) => Before::Wait(millis(faults.slow_answer.ms)),
                _ => Before::Nothing,
            },
            after: match (drop_after, bad_gateway, late, status_first) {
                (true, ..) => After::Drop,
                (_, true, ..) => After::BadGateway,
                (_, _, true, _) => After::Wait(millis(faults.late_answer.ms)),
                (.., true) => After::Status,
                _ => After::Answer,
            },
            late_failure: faults.late_failure.strikes(&mut dice),
            skipped_delivered: faults.skipped_delivered.strikes(&mut dice),
        }
    }
}
