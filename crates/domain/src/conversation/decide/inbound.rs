//! What comes from outside: the customer's messages, and the owner's from the phone. Never
//! refused; the order in which they are heard is the order of the conversation.

use super::bot_turn::{self, Heard};
use super::scratch::Scratch;
use super::snooze;
use super::{control, csat};
use crate::bot::Input;
use crate::content::{Content, MessageKind};
use crate::conversation::command::{Inbound, RecentMessage};
use crate::conversation::decision::{Effect, Sender};
use crate::conversation::event::Originator;
use crate::conversation::state::{Mode, Owner};

/// The customer wrote. What is no utterance (a reaction, an edit, a deletion, news about the
/// account) is recorded and changes nothing else.
pub(super) fn receive(s: &mut Scratch<'_>, inbound: &Inbound) {
    let utterance = inbound.content.is_utterance();
    if utterance && csat::hear(s, inbound) {
        return;
    }
    if utterance {
        s.open_session();
    }
    let seq = s.hear(Sender::Customer, inbound);
    if !utterance {
        return;
    }
    match s.state.mode {
        Mode::Bot(_) => {
            let heard = Heard {
                seq,
                input: input_of(&inbound.content),
            };
            let pending = bot_turn::hear(s, heard);
            if s.ctx.policy.show_read && (pending || s.sends()) {
                s.effect(Effect::ShowRead {
                    external_id: inbound.external_id.clone(),
                    typing: pending,
                });
            }
        }
        Mode::Human { .. } => {
            snooze::end(s, Originator::Customer);
            s.watch_answer();
        }
        Mode::Waiting { .. } | Mode::Closed { .. } => {}
    }
}

/// The owner of the number wrote on the phone: they lead now, unless a person leads already.
/// The customer reads the owner's own words, so there is no notice.
pub(super) fn echo(s: &mut Scratch<'_>, inbound: &Inbound) {
    let led = matches!(s.state.mode, Mode::Human { .. });
    if inbound.content.is_utterance() && !led {
        control::lead(s, Owner::Phone, Originator::Phone);
    }
    s.hear(Sender::Phone, inbound);
}

/// What a message says to the bot. A caption is about its picture, not an answer.
fn input_of(content: &Content) -> Input<'_> {
    Input {
        text: if answers(content.kind()) {
            content.text()
        } else {
            ""
        },
        choice: content.choice(),
    }
}

/// The same of a message that was recorded before.
pub(super) fn input_again(message: &RecentMessage) -> Input<'_> {
    Input {
        text: if answers(message.kind) {
            &message.text
        } else {
            ""
        },
        choice: message.choice.as_deref(),
    }
}

fn answers(kind: MessageKind) -> bool {
    matches!(
        kind,
        MessageKind::Text | MessageKind::Interactive | MessageKind::Button
    )
}
