//! What holds of any sequence of commands, timers, clock steps and dispatcher runs. A sequence
//! is a list of small numbers, so that it is cheap to make and shrinks well; [`World::attempt`]
//! checks every decision on its way.

use super::flow::flow;
use super::world::{
    ANA, BIA, FINANCE, SUPPORT, World, accept, awaited, close, offer, owner, picture, reaction,
    reject, reply, request, rescind, take_by_force, take_over, to_bia, transfer, words,
};
use crate::bot::default_flow;
use crate::content::Content;
use crate::conversation::{
    Command, DeadlineKind, Event, Mode, Priority, State, TransferTarget, decode, encode, evolve,
    fold,
};
use crate::outbound::Outbound;
use chrono::{DateTime, TimeDelta};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use std::collections::VecDeque;

/// How many kinds of steps there are.
const STEPS: u8 = 36;

const KINDS: [DeadlineKind; 6] = [
    DeadlineKind::BotTurn,
    DeadlineKind::BotIdle,
    DeadlineKind::WaitingTooLong,
    DeadlineKind::HumanIdle,
    DeadlineKind::OfferTimeout,
    DeadlineKind::Snooze,
];

const TEXTS: [&str; 12] = [
    "oi",
    "1",
    "2",
    "3",
    "5",
    "xyz",
    "menu",
    "atendente",
    "4711",
    "",
    "voltar",
    "Ver horário",
];

fn pick<T: Copy>(from: &[T], arg: u8) -> T {
    from[usize::from(arg) % from.len()]
}

/// A world and what its dispatcher has not sent yet.
struct Run {
    world: World,
    queue: VecDeque<(u64, Option<u64>)>,
}

impl Run {
    /// With the default flow, or the one that has one of everything.
    fn new(rich: bool) -> Self {
        let mut world = World::new();
        if rich {
            world.flow = flow();
            world.policy.csat.enabled = true;
        }
        Self {
            world,
            queue: VecDeque::new(),
        }
    }

    fn step(&mut self, step: u8, arg: u8) {
        match step {
            24 => self.world.pass(i64::from(arg) * i64::from(arg)),
            25 => self.world.pass(i64::from(arg % 3) * 12 * 60 * 60),
            26 => self.dispatch(arg),
            27 => self.world.policy.coalesce_quiet_ms = u32::from(arg % 2) * 2_000,
            28 => {
                self.world.flow = if arg.is_multiple_of(2) {
                    flow()
                } else {
                    default_flow()
                };
            }
            step => {
                let command = self.command(step, arg);
                self.attempt(&command);
            }
        }
    }

    fn command(&mut self, step: u8, arg: u8) -> Command {
        let world = &mut self.world;
        let by = if arg.is_multiple_of(2) { ANA } else { BIA };
        let force = arg.is_multiple_of(3);
        match step {
            0..=3 => Command::ReceiveInbound(world.inbound(words(pick(&TEXTS, arg)))),
            4 => Command::ReceiveInbound(world.inbound(picture(Some("legenda")))),
            5 => Command::ReceiveInbound(world.inbound(reaction())),
            6 => {
                let mut inbound = world.inbound(words(pick(&TEXTS, arg)));
                inbound.sent_at -= TimeDelta::hours(i64::from(arg % 30));
                Command::ReceiveInbound(inbound)
            }
            7 => Command::RecordEcho(world.inbound(words("oi"))),
            8 => Command::RecordEcho(world.inbound(reaction())),
            9 | 10 if force => take_by_force(by),
            9 | 10 => take_over(by),
            11 => request(
                pick(&[None, Some(FINANCE), Some(SUPPORT)], arg),
                Priority::Low,
            ),
            12 => Command::Assign {
                by,
                handoff: awaited(&world.state),
                to: BIA,
                name: String::new(),
                force,
            },
            13 | 14 => {
                let to = match arg % 5 {
                    0 | 1 => to_bia(),
                    2 => TransferTarget::Department(FINANCE),
                    _ => TransferTarget::Bot,
                };
                match transfer(by, to) {
                    Command::Transfer { by, to, .. } => Command::Transfer {
                        by,
                        force,
                        to,
                        note: Some("nota".to_owned()),
                    },
                    other => other,
                }
            }
            15 => Command::ReturnToBot { by, force },
            16 => reply(by, "resposta"),
            17 => Command::AddNote {
                by,
                text: "nota".to_owned(),
                mentions: Vec::new(),
            },
            18 => close(by),
            19 => Command::MarkRead {
                by,
                upto_seq: u64::from(arg),
            },
            20 | 21 => {
                let kind = pick(&KINDS, arg);
                let current = world.state.deadline(kind).copied();
                if let Some(deadline) = current
                    && arg % 8 < 4
                {
                    world.now = world.now.max(deadline.at);
                }
                Command::DeadlineFired {
                    kind,
                    generation: current.map_or(u32::from(arg), |d| d.generation),
                }
            }
            22 if arg.is_multiple_of(4) => Command::Quarantine,
            22 => Command::RecordSendFailure {
                seq: u64::from(arg),
                code: 131_026,
            },
            29 => offer(&world.state, by),
            30 => accept(&world.state, by),
            31 if force => rescind(&world.state, by),
            31 => reject(&world.state, by),
            23 => Command::Resume { by },
            _ => self.of_order(step, arg),
        }
    }

    /// What staff keeps order with, and what the customer says of the end.
    fn of_order(&mut self, step: u8, arg: u8) -> Command {
        let by = if arg.is_multiple_of(2) { ANA } else { BIA };
        let force = arg.is_multiple_of(3);
        match step {
            32 if force => Command::EndSnooze { by, force },
            32 => Command::Snooze {
                by,
                force: arg.is_multiple_of(4),
                until: self.world.now + TimeDelta::minutes(i64::from(arg)),
            },
            33 => Command::SetPriority {
                by,
                priority: pick(&[Priority::Low, Priority::Urgent], arg),
            },
            34 => {
                let id = format!("csat:{}:{}", self.world.state.session, arg % 7);
                let tap = Content::ListReply {
                    id,
                    title: "Ótimo".to_owned(),
                    description: None,
                };
                Command::ReceiveInbound(self.world.inbound(tap))
            }
            _ if force => Command::MarkUnread { by },
            _ if arg.is_multiple_of(2) => Command::Archive { by },
            _ => Command::Unarchive { by },
        }
    }

    fn attempt(&mut self, command: &Command) {
        let (before, known) = (self.world.state.clone(), self.world.outbox.len());
        let rung = match command {
            Command::DeadlineFired { kind, generation } => before
                .deadline(*kind)
                .filter(|d| d.generation == *generation),
            _ => None,
        };
        let Ok(decision) = self.world.attempt(command) else {
            assert_eq!(self.world.state, before, "a refusal changes nothing");
            return;
        };
        let after = &self.world.state;
        control_is_told(&before, &decision.events);
        if rung.is_none() {
            self.attendants_have_time(&decision.events);
        }
        if let Some(rung) = rung {
            assert!(
                !after.deadlines.contains(rung),
                "a ring never leaves its arming armed"
            );
        }
        // Not cancelled here, as if that part of the commit were lost: the epoch alone must do.
        self.queue.extend(self.world.outbox.iter().skip(known));
        if let Mode::Human { .. } = after.mode {
            let valid = |(_, epoch): &(u64, Option<u64>)| *epoch == Some(after.epoch);
            assert!(
                !self.world.outbox.iter().any(valid),
                "no bot message after a takeover"
            );
        }
    }

    /// Whatever clocks say: who is waited for has the whole time from now on.
    fn attendants_have_time(&self, events: &[Event]) {
        let idle = TimeDelta::seconds(i64::from(self.world.policy.human_idle));
        for event in events {
            if let Event::DeadlineArmed {
                deadline: DeadlineKind::HumanIdle,
                at,
            } = event
            {
                assert_eq!(*at, self.world.now + idle);
            }
        }
    }

    /// Claims some messages as the dispatcher would; now and then one comes back.
    fn dispatch(&mut self, arg: u8) {
        for n in 0..arg % 4 {
            let Some((seq, epoch)) = self.queue.pop_front() else {
                return;
            };
            if epoch.is_none_or(|epoch| epoch == self.world.state.epoch) {
                let led = owner(&self.world.state).is_some();
                assert!(
                    epoch.is_none() || !led,
                    "message {seq} of the bot in a person's time"
                );
                if n == 1 {
                    self.queue.push_back((seq, epoch));
                }
            }
        }
    }
}

/// Control never moves without an event that raises the epoch, and that event says from whom.
fn control_is_told(before: &State, events: &[Event]) {
    let mut state = before.clone();
    for event in events {
        let (led, epoch) = (owner(&state), state.epoch);
        let automatic = matches!(state.mode, Mode::Bot(_));
        if let Event::TakenOver { from, .. } | Event::Transferred { from, .. } = event {
            assert_eq!(*from, led);
        }
        evolve(&mut state, event);
        let moved = owner(&state) != led || matches!(state.mode, Mode::Bot(_)) != automatic;
        assert!(!moved || state.epoch == epoch + 1, "{event:?}");
    }
}

fn steps(most: usize) -> impl Strategy<Value = Vec<(u8, u8)>> {
    proptest::collection::vec((0..STEPS, any::<u8>()), 1..most)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, ..ProptestConfig::default() })]

    /// In any interleaving: what [`World::attempt`] and [`Run::attempt`] check, and folding all
    /// events over the new conversation gives the live state.
    #[test]
    fn any_interleaving_keeps_the_promises(rich in any::<bool>(), steps in steps(16)) {
        let mut run = Run::new(rich);
        for (step, arg) in steps {
            run.step(step, arg);
        }
        let world = &run.world;
        let folded = fold(State::new(world.state.conversation), &world.events);
        assert_eq!(folded, world.state);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// A restart in the middle goes on as if nothing had happened.
    #[test]
    fn a_snapshot_anywhere_is_the_state(rich in any::<bool>(), steps in steps(40)) {
        let mut run = Run::new(rich);
        for (step, arg) in steps {
            run.step(step, arg);
            let payload = encode(&run.world.state).unwrap();
            assert!(payload.len() <= 1024);
            assert_eq!(decode(&payload).unwrap(), run.world.state);
        }
    }

    /// Whatever people write and whenever clocks say they wrote it, a decision comes out.
    #[test]
    fn any_text_at_any_time_is_decided(
        texts in proptest::collection::vec(text(), 1..6),
        ages in proptest::collection::vec(any::<i64>(), 6),
        step in 0..STEPS,
    ) {
        let mut run = Run::new(true);
        run.step(step, 0);
        for (text, age) in texts.iter().zip(ages) {
            let mut inbound = run.world.inbound(words(text));
            let any_time = DateTime::from_timestamp_millis(age / 1000);
            inbound.sent_at = any_time.unwrap_or(run.world.now);
            run.attempt(&Command::ReceiveInbound(inbound));
            let note = Command::AddNote { by: ANA, text: text.clone(), mentions: Vec::new() };
            run.attempt(&note);
            run.attempt(&Command::TakeOver { by: ANA, name: text.clone(), force: true });
            let outbound = Outbound::text(text.clone());
            run.attempt(&Command::SendReply { by: ANA, outbound, quote: None, expected_seq: None, scheduled: false });
            run.attempt(&Command::ReturnToBot { by: ANA, force: false });
        }
    }
}

/// Words that mean something, and any others.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(TEXTS.as_slice()).prop_map(str::to_owned),
        ".{0,40}",
        "[ {}name\u{300}-\u{303}0-9️⃣]{0,12}",
        Just("x".repeat(5000)),
        Just("{name}{pedido}".repeat(300)),
    ]
}
