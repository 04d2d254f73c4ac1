//! The bot's answer. An input that means something where the customer stands is answered in the
//! same commit. One that does not is answered at once too, unless it may be part of a burst:
//! then it waits for the burst's end, and the whole burst counts as one answer.

use super::csat;
use super::handoff::{self, Ask};
use super::inbound::input_again;
use super::scratch::{Scratch, milliseconds};
use crate::bot::texts::Notice;
use crate::bot::{
    Answer, Input, Keyword, NodeId, Passage, Scene, Stop, Values, answer, enter, keyword,
    prompt_again,
};
use crate::conversation::command::Context;
use crate::conversation::decision::Sender;
use crate::conversation::event::{CloseReason, DeadlineKind, Event, HandoffReason, Originator};
use crate::conversation::state::{BotState, Mode, Priority};
use crate::later;

/// A message of the customer as the bot takes it.
#[derive(Clone, Copy)]
pub(super) struct Heard<'m> {
    pub(super) seq: u64,
    pub(super) input: Input<'m>,
}

/// Takes a message that was just recorded, while the bot leads. Returns whether it waits as part
/// of a burst.
///
/// A message of the customer that was held up for more than a day finds the window closed, and one
/// to a tenant that is not served finds nobody: the bot could say nothing, so it stays where it is.
/// A person is still asked for.
pub(super) fn hear(s: &mut Scratch<'_>, heard: Heard<'_>) -> bool {
    let Mode::Bot(bot) = &s.state.mode else {
        return false;
    };
    let at = awaited(s, bot);
    let meant = keyword_of(s, at.as_deref(), heard.input);
    if meant == Some(Keyword::Handoff) {
        settle(s);
        ask_for_person(s, HandoffReason::Keyword);
    } else if !s.bot_can_speak() {
        s.watch_customer();
    } else if let (None, Some(at)) = (meant, at) {
        if !try_answer(s, &at, heard) {
            if belongs_to_burst(s) {
                join_burst(s, heard.seq);
                s.watch_customer();
                return true;
            }
            settle(s);
            miss(s, &at);
        }
    } else {
        settle(s);
        start(s);
    }
    false
}

/// The burst has ended: the first of its messages that means something is its answer.
pub(super) fn burst_ended(s: &mut Scratch<'_>) {
    let (Some(turn), Mode::Bot(bot)) = (s.state.turn, &s.state.mode) else {
        return s.disarm(DeadlineKind::BotTurn);
    };
    let at = awaited(s, bot);
    settle(s);
    match at {
        _ if !s.bot_can_speak() => s.watch_customer(),
        None => start(s),
        Some(at) => {
            let recent = s.ctx.recent;
            let answered = recent
                .iter()
                .filter(|m| m.seq >= turn.from_seq && m.sender == Sender::Customer)
                .filter(|m| !csat::is_answer(m))
                .any(|m| {
                    let (seq, input) = (m.seq, input_again(m));
                    try_answer(s, &at, Heard { seq, input })
                });
            if !answered {
                miss(s, &at);
            }
        }
    }
}

/// The node whose answer is awaited, unless another flow asked.
fn awaited(s: &Scratch<'_>, bot: &BotState) -> Option<NodeId> {
    let asked = s.state.last_bot_at;
    let elsewhere = s.ctx.flow_since.is_some_and(|since| asked < Some(since));
    bot.node.clone().filter(|_| !elsewhere)
}

/// Begins the flow anew.
pub(super) fn start(s: &mut Scratch<'_>) {
    go(s, &s.ctx.flow.start, None);
}

/// What the input means at every node. Tapping one of the choices in front of the customer is
/// that choice, even if its title is such a word.
fn keyword_of(s: &Scratch<'_>, at: Option<&str>, input: Input<'_>) -> Option<Keyword> {
    let tap = Input { text: "", ..input };
    let tapped = at.is_some_and(|at| {
        input.choice.is_some() && matches!(answer(s.ctx.flow, at, tap), Answer::Chosen { .. })
    });
    let meant = keyword(input.text, &s.ctx.policy.handoff_keywords);
    meant.filter(|_| !tapped)
}

/// Answers an input that means something at the node `at`. Returns `false` if it does not.
fn try_answer(s: &mut Scratch<'_>, at: &str, heard: Heard<'_>) -> bool {
    match answer(s.ctx.flow, at, heard.input) {
        Answer::Chosen { next } => {
            settle(s);
            go(s, next, None);
        }
        Answer::Collected { variable, next } => {
            settle(s);
            s.happen(Event::InputCollected {
                variable: variable.to_owned(),
                seq: heard.seq,
            });
            go(s, next, Some((variable, heard.input.text)));
        }
        // The flow was changed under the customer's feet.
        Answer::NotAwaited => {
            settle(s);
            start(s);
        }
        Answer::NotUnderstood | Answer::Invalid => return false,
    }
    true
}

fn belongs_to_burst(s: &Scratch<'_>) -> bool {
    let quiet = milliseconds(s.ctx.policy.coalesce_quiet_ms);
    let spoke = s.state.last_bot_at;
    let just_spoke = spoke.is_some_and(|at| s.ctx.now.signed_duration_since(at) < quiet);
    !quiet.is_zero() && (s.state.turn.is_some() || just_spoke)
}

fn join_burst(s: &mut Scratch<'_>, seq: u64) {
    let now = s.ctx.now;
    let since = match s.state.turn {
        Some(turn) => turn.since,
        None => {
            s.happen(Event::TurnPending {
                from_seq: seq,
                since: now,
            });
            now
        }
    };
    let quiet = later(now, milliseconds(s.ctx.policy.coalesce_quiet_ms));
    let longest = later(since, milliseconds(s.ctx.policy.coalesce_max_ms));
    s.arm(DeadlineKind::BotTurn, quiet.min(longest));
}

fn settle(s: &mut Scratch<'_>) {
    if s.state.turn.is_some() {
        s.happen(Event::TurnSettled);
    }
}

/// An answer that means nothing: the prompt again, or a person after too many in a row.
fn miss(s: &mut Scratch<'_>, at: &str) {
    let misses = match &s.state.mode {
        Mode::Bot(bot) => bot.misses.saturating_add(1),
        _ => return,
    };
    if misses >= s.ctx.policy.max_misses.max(1) {
        return ask_for_person(s, HandoffReason::NotUnderstood);
    }
    let ctx = s.ctx;
    let Some((node, _)) = ctx.flow.nodes.get_key_value(at) else {
        return start(s);
    };
    let nothing = Input {
        text: "",
        choice: None,
    };
    let why = match answer(ctx.flow, at, nothing) {
        Answer::Invalid => Notice::InvalidInput,
        _ => Notice::NotUnderstood,
    };
    let values = values(s, None);
    let why = crate::bot::fill(why.words(&ctx.policy.texts), &values);
    let is_open = |department| handoff::is_open(&ctx, department);
    let scene = scene(&ctx, &values, &is_open);
    follow(s, prompt_again(&scene, node, &why), misses);
}

/// Walks from `node` on. `collected` is the input that led there.
fn go(s: &mut Scratch<'_>, node: &NodeId, collected: Option<(&str, &str)>) {
    let ctx = s.ctx;
    let values = values(s, collected);
    let is_open = |department| handoff::is_open(&ctx, department);
    let scene = scene(&ctx, &values, &is_open);
    follow(s, enter(&scene, node), 0);
}

fn scene<'b>(
    ctx: &Context<'b>,
    values: &'b Values,
    is_open: &'b dyn Fn(Option<crate::DepartmentId>) -> bool,
) -> Scene<'b> {
    Scene {
        flow: ctx.flow,
        step_limit: ctx.policy.step_limit.max(1),
        values,
        is_open,
    }
}

fn follow(s: &mut Scratch<'_>, passage: Passage<'_>, misses: u8) {
    for outbound in passage.says {
        s.speak(outbound);
    }
    match passage.stop {
        Stop::Wait(node) => {
            let stays = matches!(&s.state.mode, Mode::Bot(bot)
                if bot.node.as_ref() == Some(node) && bot.misses == misses);
            if !stays {
                let node = node.clone();
                s.happen(Event::BotMoved { node, misses });
            }
            s.watch_customer();
        }
        Stop::Handoff {
            text,
            department,
            priority,
            skills,
        } => handoff::ask(
            s,
            Ask {
                department,
                priority,
                skills,
                words: text,
                ..Ask::new(HandoffReason::Flow, Originator::Bot)
            },
        ),
        Stop::Close { text } => {
            match text {
                Some(text) if text.trim().is_empty() => {}
                Some(text) => s.speak(crate::Outbound::text(text)),
                None => {
                    s.tell(Notice::Closed, None);
                }
            }
            s.happen(Event::Closed {
                by: Originator::Bot,
                at: s.ctx.now,
                reason: CloseReason::Flow,
                upto_seq: s.state.seq,
            });
        }
        Stop::Fault => ask_for_person(s, HandoffReason::FlowFault),
    }
}

fn ask_for_person(s: &mut Scratch<'_>, reason: HandoffReason) {
    let by = match reason {
        HandoffReason::Keyword => Originator::Customer,
        _ => Originator::Bot,
    };
    let ask = Ask {
        priority: Priority::Medium,
        ..Ask::new(reason, by)
    };
    handoff::ask(s, ask);
}

/// What the placeholders of the flow stand for: words are read from the messages that hold them.
fn values(s: &Scratch<'_>, collected: Option<(&str, &str)>) -> Values {
    let mut values = Values::default();
    values.set("name", s.ctx.customer_name);
    let Mode::Bot(bot) = &s.state.mode else {
        return values;
    };
    for variable in s.ctx.flow.variables() {
        let kept = bot.answers.get(variable).and_then(|seq| {
            let message = s.ctx.recent.iter().find(|m| m.seq == *seq)?;
            Some(message.text.as_str())
        });
        values.set(variable, kept);
    }
    if let Some((variable, text)) = collected {
        values.set(variable, Some(text));
    }
    values
}
