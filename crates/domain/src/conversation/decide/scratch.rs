//! A decision in the making: the events so far, and the state as they leave it.

use super::handoff;
use crate::Timestamp;
use crate::bot::texts::{Notice, SOMEBODY};
use crate::bot::{Values, fill};
use crate::content::MessageKind;
use crate::conversation::command::{Context, Inbound, Quote};
use crate::conversation::decision::{
    Body, Decision, Effect, HandoffChange, MessageDraft, NotificationDraft, NotificationKind,
    SendClass, Sender,
};
use crate::conversation::event::{DeadlineKind, Event};
use crate::conversation::evolve::evolve;
use crate::conversation::state::{Mode, State};
use crate::ids::{MessageId, NotificationId, UserId};
use crate::later;
use crate::outbound::Outbound;
use chrono::TimeDelta;

/// How long after the customer's last message free-form content may be sent
/// (docs/META.md, "Limits").
pub const REPLY_WINDOW: TimeDelta = TimeDelta::hours(24);

pub(super) struct Scratch<'a> {
    /// The state after the events so far.
    pub(super) state: State,
    pub(super) ctx: Context<'a>,
    decision: Decision,
    /// Whether something may be queued from earlier decisions.
    spoken_before: bool,
}

/// What a person says.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) outbound: &'a Outbound,
    pub(super) quote: Option<&'a Quote>,
    /// They were written earlier.
    pub(super) scheduled: bool,
}

impl<'a> Scratch<'a> {
    pub(super) fn new(state: &State, ctx: &Context<'a>) -> Self {
        Self {
            state: state.clone(),
            ctx: *ctx,
            decision: Decision::default(),
            spoken_before: state.seq > 0,
        }
    }

    /// The finished decision.
    ///
    /// Automatic sends belong to the control period in which the decision ends, so their epoch is
    /// set here: a text that a flow says on its way into a handoff is not void by that handoff,
    /// but is by whatever changes control next. What earlier decisions left queued is void as
    /// soon as control changes.
    pub(super) fn finish(self) -> Decision {
        let Self {
            state,
            mut decision,
            spoken_before,
            ..
        } = self;
        for effect in &mut decision.effects {
            if let Effect::Send {
                epoch: Some(epoch), ..
            } = effect
            {
                *epoch = state.epoch;
            }
        }
        if spoken_before && decision.events.iter().any(Event::raises_epoch) {
            decision.effects.insert(0, Effect::CancelAutomatic);
        }
        decision
    }

    pub(super) fn happen(&mut self, event: Event) {
        evolve(&mut self.state, &event);
        self.decision.events.push(event);
    }

    pub(super) fn effect(&mut self, effect: Effect) {
        self.decision.effects.push(effect);
    }

    pub(super) fn handoff(&mut self, change: HandoffChange) {
        self.effect(Effect::Handoff(change));
    }

    /// Whether this decision sends anything.
    pub(super) fn sends(&self) -> bool {
        let mut effects = self.decision.effects.iter();
        effects.any(|effect| matches!(effect, Effect::Send { .. }))
    }

    /// Begins a session unless one is running.
    pub(super) fn open_session(&mut self) {
        if self.state.session == 0 || matches!(self.state.mode, Mode::Closed { .. }) {
            self.happen(Event::SessionOpened { at: self.ctx.now });
        }
    }

    /// Records a message from outside and returns its place.
    ///
    /// The provider's clock shows whole seconds, so only an earlier second makes it late. A clock
    /// that runs ahead neither lengthens the window nor makes later messages late.
    pub(super) fn hear(&mut self, sender: Sender, inbound: &Inbound) -> u64 {
        let newest = self.state.last_message_at;
        let late = newest.is_some_and(|at| inbound.sent_at.timestamp() < at.timestamp());
        let draft = MessageDraft {
            late,
            external_id: Some(inbound.external_id.clone()),
            quote: inbound.quote.clone(),
            context: inbound.context.clone(),
            sent_at: inbound.sent_at,
            ..self.draft(
                sender,
                inbound.content.kind(),
                Body::Inbound {
                    content: inbound.content.clone(),
                },
            )
        };
        let seq = self.add(draft, inbound.sent_at.min(self.ctx.now));
        if inbound.content.file().is_some() {
            self.effect(Effect::FetchMedia { seq });
        }
        seq
    }

    /// Records an internal note, and tells those who are named in it.
    pub(super) fn write_note(&mut self, by: UserId, text: &str, mentions: Vec<UserId>) {
        let body = Body::Note {
            text: text.to_owned(),
            mentions: mentions.clone(),
        };
        let draft = self.draft(Sender::Attendant(by), MessageKind::Note, body);
        let seq = self.add(draft, self.ctx.now);
        for user in mentions {
            self.effect(Effect::Notify(NotificationDraft {
                id: NotificationId::of(self.state.conversation, seq, user),
                user,
                kind: NotificationKind::Mention,
                message_seq: Some(seq),
                by: Some(by),
            }));
        }
    }

    /// Queues words of a person. The caller has seen to it that they may be sent.
    pub(super) fn reply(&mut self, by: UserId, words: Words<'_>) {
        let mut draft = self.outbound(Sender::Attendant(by), words.outbound.clone());
        draft.quote = words.quote.cloned();
        let seq = self.place(draft, self.ctx.now, words.scheduled);
        self.effect(Effect::Send {
            seq,
            class: SendClass::Human,
            epoch: None,
        });
    }

    /// Queues words of the bot; where it can say nothing they are not said at all.
    pub(super) fn speak(&mut self, outbound: Outbound) {
        if !self.bot_can_speak() {
            return;
        }
        let draft = self.outbound(Sender::Bot, outbound);
        let seq = self.add(draft, self.ctx.now);
        self.effect(Effect::Send {
            seq,
            class: SendClass::Bot,
            // Set by `finish`.
            epoch: Some(self.state.epoch),
        });
    }

    /// Tells the customer the tenant's words for `notice`; `attendant` is who it speaks of.
    /// Returns whether anything was queued.
    pub(super) fn tell(&mut self, notice: Notice, attendant: Option<&str>) -> bool {
        let mut values = Values::default();
        values.set("name", self.ctx.customer_name);
        let attendant = attendant.map(str::trim).filter(|name| !name.is_empty());
        values.set("attendant", Some(attendant.unwrap_or(SOMEBODY)));
        let words = notice.words(&self.ctx.policy.texts);
        self.tell_words(fill(words, &values))
    }

    /// Tells the customer these words, as the product. They stay valid whoever leads. Empty words
    /// and, but for templates, words outside of the window are not said. Returns whether anything was
    /// queued.
    pub(super) fn tell_words(&mut self, words: String) -> bool {
        self.tell_all(Outbound::text(words))
    }

    /// As [`Self::tell_words`], but void as soon as control changes.
    pub(super) fn tell_while_it_lasts(&mut self, words: String) -> bool {
        // Set by `finish`.
        let epoch = Some(self.state.epoch);
        self.queue_notice(Outbound::text(words), SendClass::Bot, epoch)
    }

    /// As [`Self::tell_words`], in any form.
    pub(super) fn tell_all(&mut self, outbound: Outbound) -> bool {
        self.queue_notice(outbound, SendClass::Human, None)
    }

    /// Where the tenant is not served, nothing is said.
    fn queue_notice(&mut self, outbound: Outbound, class: SendClass, epoch: Option<u64>) -> bool {
        let may_be_said = self.window_open() || outbound.needs_no_window();
        if !self.ctx.served || !may_be_said || outbound.check().is_err() {
            return false;
        }
        let draft = self.outbound(Sender::System, outbound);
        let seq = self.add(draft, self.ctx.now);
        self.effect(Effect::Send { seq, class, epoch });
        true
    }

    /// Whether the bot has anything to say now, whatever that is.
    pub(super) fn bot_can_speak(&self) -> bool {
        self.ctx.served && self.window_open()
    }

    /// Whether free-form content may be sent now.
    pub(super) fn window_open(&self) -> bool {
        let heard = self.state.last_inbound_at;
        heard.is_some_and(|at| self.ctx.now.signed_duration_since(at) < REPLY_WINDOW)
    }

    /// Arms a deadline, never in the past. In quarantine nothing is armed: nobody would decide
    /// what it asks.
    pub(super) fn arm(&mut self, deadline: DeadlineKind, at: Timestamp) {
        if !self.state.quarantined {
            let at = at.max(self.ctx.now);
            self.happen(Event::DeadlineArmed { deadline, at });
        }
    }

    pub(super) fn disarm(&mut self, deadline: DeadlineKind) {
        if self.state.deadline(deadline).is_some() {
            self.happen(Event::DeadlineCleared { deadline });
        }
    }

    /// Watches that the person who leads answers, once the customer waits for it. They have the
    /// whole time, however long the message was on its way: it is in front of them only now, or
    /// when it opens.
    pub(super) fn watch_answer(&mut self) {
        let idle = self.ctx.policy.human_idle;
        if let Mode::Human {
            unanswered_since: Some(_),
            ..
        } = self.state.mode
            && idle > 0
            && self.state.deadline(DeadlineKind::HumanIdle).is_none()
        {
            let from = handoff::counts_from(&self.ctx, self.state.department, self.ctx.now);
            self.arm(DeadlineKind::HumanIdle, later(from, seconds(idle)));
        }
    }

    /// Watches that the customer goes on, while the bot leads.
    pub(super) fn watch_customer(&mut self) {
        let idle = self.ctx.policy.bot_idle;
        if matches!(self.state.mode, Mode::Bot(_))
            && idle > 0
            && self.state.deadline(DeadlineKind::BotIdle).is_none()
        {
            self.arm(DeadlineKind::BotIdle, later(self.ctx.now, seconds(idle)));
        }
    }

    fn outbound(&self, sender: Sender, outbound: Outbound) -> MessageDraft {
        self.draft(sender, outbound.kind(), Body::Outbound { outbound })
    }

    /// The next message, written now by us.
    fn draft(&self, sender: Sender, kind: MessageKind, body: Body) -> MessageDraft {
        let seq = self.state.seq.saturating_add(1);
        MessageDraft {
            id: MessageId::of(self.state.conversation, seq),
            seq,
            sender,
            kind,
            body,
            external_id: None,
            quote: None,
            context: None,
            sent_at: self.ctx.now,
            late: false,
        }
    }

    fn add(&mut self, draft: MessageDraft, at: Timestamp) -> u64 {
        self.place(draft, at, false)
    }

    fn place(&mut self, draft: MessageDraft, at: Timestamp, scheduled: bool) -> u64 {
        let seq = draft.seq;
        self.happen(Event::MessageAdded {
            seq,
            sender: draft.sender,
            kind: draft.kind,
            at,
            utterance: draft.sender == Sender::Customer && draft.kind.is_utterance(),
            late: draft.late,
            scheduled,
        });
        self.decision.messages.push(draft);
        seq
    }
}

pub(super) fn seconds(count: u32) -> TimeDelta {
    TimeDelta::seconds(i64::from(count))
}

pub(super) fn milliseconds(count: u32) -> TimeDelta {
    TimeDelta::milliseconds(i64::from(count))
}
