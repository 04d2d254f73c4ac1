//! Every command in every mode. What becomes of each pair stands in
//! `snapshots/every_command_in_every_mode.snap`; the tests beside this one say why.

use super::world::{
    ANA, BIA, FINANCE, World, accept, awaited, close, offer, owner, picture, reach, reaction,
    reject, reply, request, rescind, take_by_force, take_over, tell_place, to_bia, transfer, words,
};
use crate::content::Content;
use crate::conversation::{
    Command, DeadlineKind, Decision, Effect, HandoffChange, Mode, NotificationKind, Owner,
    Priority, Rejection, State, TransferTarget,
};
use crate::ids::{LabelId, NotificationId};
use crate::media::{MediaNews, MediaState};
use chrono::TimeDelta;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use uuid::Uuid;

/// A place for each kind of command. A command that is added to the vocabulary does not compile
/// here, and one without a row below fails the test.
fn place(command: &Command) -> usize {
    match command {
        Command::ReceiveInbound(_) => 0,
        Command::RecordEcho(_) => 1,
        Command::TakeOver { .. } => 2,
        Command::RequestHandoff { .. } => 3,
        Command::Assign { .. } => 4,
        Command::Transfer { .. } => 5,
        Command::ReturnToBot { .. } => 6,
        Command::SendReply { .. } => 7,
        Command::AddNote { .. } => 8,
        Command::Close { .. } => 9,
        Command::MarkRead { .. } => 10,
        Command::DeadlineFired { .. } => 11,
        Command::RecordSendFailure { .. } => 12,
        Command::Quarantine => 13,
        Command::Resume { .. } => 14,
        Command::Offer { .. } => 15,
        Command::AcceptOffer { .. } => 16,
        Command::RejectOffer { .. } => 17,
        Command::RescindOffer { .. } => 18,
        Command::MarkUnread { .. } => 19,
        Command::Archive { .. } => 20,
        Command::Unarchive { .. } => 21,
        Command::SetPriority { .. } => 22,
        Command::Snooze { .. } => 23,
        Command::EndSnooze { .. } => 24,
        Command::Label { .. } => 25,
        Command::TellPlace { .. } => 26,
        Command::RecordMedia { .. } => 27,
        Command::FetchMedia { .. } => 28,
        Command::Relieve { .. } => 29,
        Command::Reach { .. } => 30,
        Command::Tell { .. } => 31,
    }
}
const KINDS: usize = 32;

fn worlds() -> Vec<(&'static str, World)> {
    let phone = {
        let mut world = World::at_menu();
        let echo = world.inbound(words("deixa comigo"));
        world.run(Command::RecordEcho(echo));
        world
    };
    let other = {
        let mut world = World::waiting();
        world.run(take_by_force(BIA));
        world.pass(60);
        world
    };
    let snoozed = {
        let mut world = World::led_by_ana();
        world.run(Command::Snooze {
            by: ANA,
            force: false,
            until: world.now + TimeDelta::minutes(30),
        });
        world
    };
    let archived = {
        let mut world = World::closed();
        world.run(Command::Archive { by: ANA });
        world
    };
    let quarantined = |mut world: World| {
        world.run(Command::Quarantine);
        world
    };
    vec![
        ("new", World::new()),
        ("bot", World::at_menu()),
        ("waiting", World::waiting()),
        ("waiting, Bia asked", World::offered()),
        ("human (Ana)", World::led_by_ana()),
        ("human (Bia)", other),
        ("human (phone)", phone),
        ("human (Ana), snoozed", snoozed),
        ("closed", World::closed()),
        ("archived", archived),
        ("quarantine, waiting", quarantined(World::at_menu())),
        ("quarantine, human (Ana)", quarantined(World::led_by_ana())),
        ("quarantine, closed", {
            let mut world = quarantined(World::led_by_ana());
            world.run(close(ANA));
            world
        }),
    ]
}

/// The commands, as Ana or as the world gives them.
fn commands(world: &mut World) -> Vec<(&'static str, Command)> {
    let mut commands = from_outside(world);
    commands.extend(of_control(world));
    commands.extend(of_offers(world));
    commands.extend(of_work());
    commands.extend(of_order(world));
    commands.extend(of_timers(world));
    commands
}

fn from_outside(world: &mut World) -> Vec<(&'static str, Command)> {
    let deletion = Content::Revoke {
        message: "wamid.1".to_owned(),
    };
    vec![
        (
            "customer: 2",
            Command::ReceiveInbound(world.inbound(words("2"))),
        ),
        (
            "customer: reaction",
            Command::ReceiveInbound(world.inbound(reaction())),
        ),
        (
            "phone: words",
            Command::RecordEcho(world.inbound(words("oi"))),
        ),
        (
            "phone: deletion",
            Command::RecordEcho(world.inbound(deletion)),
        ),
        (
            "send failed",
            Command::RecordSendFailure {
                seq: 1,
                code: 131_026,
            },
        ),
        (
            "customer: picture",
            Command::ReceiveInbound(world.inbound(picture(None))),
        ),
        ("file fetched", fetched(1)),
        ("file of nobody", fetched(999)),
    ]
}

fn fetched(seq: u64) -> Command {
    let news = MediaNews {
        mime_type: Some("image/png".to_owned()),
        size: Some(9),
        ..MediaNews::without_bytes(MediaState::Stored, None)
    };
    Command::RecordMedia { seq, news }
}

fn of_control(world: &World) -> Vec<(&'static str, Command)> {
    let by = ANA;
    let assign = Command::Assign {
        by,
        handoff: awaited(&world.state),
        to: BIA,
        name: "Bia".to_owned(),
        force: false,
    };
    let forced = Command::Transfer {
        by,
        force: true,
        to: to_bia(),
        note: None,
    };
    vec![
        ("take over", take_over(by)),
        ("take over, force", take_by_force(by)),
        ("request handoff", request(Some(FINANCE), Priority::High)),
        ("assign to Bia", assign),
        ("transfer to Bia", transfer(by, to_bia())),
        ("transfer to Bia, force", forced),
        (
            "transfer to finance",
            transfer(by, TransferTarget::Department(FINANCE)),
        ),
        ("transfer to bot", transfer(by, TransferTarget::Bot)),
        ("return to bot", Command::ReturnToBot { by, force: false }),
        (
            "return to bot, force",
            Command::ReturnToBot { by, force: true },
        ),
        ("quarantine", Command::Quarantine),
        ("resume", Command::Resume { by }),
    ]
}

fn of_offers(world: &World) -> Vec<(&'static str, Command)> {
    let state = &world.state;
    vec![
        ("offer to Ana", offer(state, ANA)),
        ("offer to Bia", offer(state, BIA)),
        ("accept (Ana)", accept(state, ANA)),
        ("accept (Bia)", accept(state, BIA)),
        ("reject (Ana)", reject(state, ANA)),
        ("reject (Bia)", reject(state, BIA)),
        ("rescind from Bia", rescind(state, BIA)),
        ("tell the place", tell_place(state, 3, Some(15))),
    ]
}

fn of_work() -> Vec<(&'static str, Command)> {
    let by = ANA;
    let note = Command::AddNote {
        by,
        text: "ligar amanhã".to_owned(),
        mentions: Vec::new(),
    };
    let tell = Command::Tell {
        to: by,
        id: NotificationId(Uuid::from_u128(1)),
        kind: NotificationKind::ScheduledFailed,
        by: None,
    };
    let forced = Command::Close {
        by,
        force: true,
        handoff: None,
        resolution: None,
        satisfaction: Some(5),
    };
    vec![
        ("reply", reply(by, "Bom dia!")),
        ("reach", reach(by)),
        ("note", note),
        ("fetch again", Command::FetchMedia { by, seq: 1 }),
        ("fetch of nobody", Command::FetchMedia { by, seq: 999 }),
        ("tell", tell),
        ("read", Command::MarkRead { by, upto_seq: 99 }),
        ("relieve Ana", Command::Relieve { user: ANA }),
        ("close", close(by)),
        ("close, force", forced),
    ]
}

fn of_order(world: &World) -> Vec<(&'static str, Command)> {
    let by = ANA;
    let snooze = |force| Command::Snooze {
        by,
        force,
        until: world.now + TimeDelta::days(1),
    };
    let priority = Priority::Urgent;
    let label = Command::Label {
        by,
        add: vec![LabelId(Uuid::nil())],
        remove: Vec::new(),
    };
    vec![
        ("unread", Command::MarkUnread { by }),
        ("archive", Command::Archive { by }),
        ("label", label),
        ("unarchive", Command::Unarchive { by }),
        ("priority", Command::SetPriority { by, priority }),
        ("snooze", snooze(false)),
        ("snooze, force", snooze(true)),
        ("end snooze", Command::EndSnooze { by, force: false }),
    ]
}

fn of_timers(world: &World) -> Vec<(&'static str, Command)> {
    let fired = |kind| Command::DeadlineFired {
        kind,
        generation: world.state.deadline(kind).map_or(0, |d| d.generation),
    };
    vec![
        ("ring: burst", fired(DeadlineKind::BotTurn)),
        ("ring: bot idle", fired(DeadlineKind::BotIdle)),
        (
            "ring: waiting too long",
            fired(DeadlineKind::WaitingTooLong),
        ),
        ("ring: human idle", fired(DeadlineKind::HumanIdle)),
        ("ring: offer", fired(DeadlineKind::OfferTimeout)),
        ("ring: snooze", fired(DeadlineKind::Snooze)),
    ]
}

#[test]
fn every_command_in_every_mode() {
    let mut table = String::new();
    let mut covered = BTreeSet::new();
    for (mode, mut world) in worlds() {
        writeln!(table, "# {mode}").unwrap();
        let before = world.state.clone();
        let aside = (world.recent.clone(), world.now);
        for (name, command) in commands(&mut world) {
            covered.insert(place(&command));
            // Late enough for every deadline, early enough for the window.
            world.pass(60 * 60);
            let outcome = outcome(&world.attempt(&command), &world.state);
            writeln!(table, "{name:24} {outcome}").unwrap();
            world.state = before.clone();
            (world.recent, world.now) = aside.clone();
        }
        table.push('\n');
    }
    assert_eq!(covered, (0..KINDS).collect());
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("every_command_in_every_mode", table);
    });
}

fn outcome(result: &Result<Decision, Rejection>, after: &State) -> String {
    let decision = match result {
        Err(rejection) => return format!("✗ {}", rejection.code()),
        Ok(decision) if *decision == Decision::default() => return "–".to_owned(),
        Ok(decision) => decision,
    };
    let events: Vec<_> = decision
        .events
        .iter()
        .map(crate::conversation::Event::name)
        .collect();
    let effects: Vec<_> = decision.effects.iter().map(effect_name).collect();
    let effects = if effects.is_empty() {
        String::new()
    } else {
        format!(" | {}", effects.join(" "))
    };
    format!("→ {}: {}{effects}", mode_name(after), events.join(" "))
}

fn mode_name(state: &State) -> String {
    match (&state.mode, owner(state)) {
        (_, Some(Owner::User(user))) if user == ANA => "Ana".to_owned(),
        (_, Some(Owner::User(user))) if user == BIA => "Bia".to_owned(),
        (_, Some(Owner::User(_))) => "?".to_owned(),
        (_, Some(Owner::Phone)) => "phone".to_owned(),
        (Mode::Bot(bot), _) => format!("bot@{}", bot.node.as_deref().unwrap_or("–")),
        (Mode::Waiting { priority, .. }, _) => format!("waiting {priority:?}"),
        (Mode::Closed { .. }, _) => "closed".to_owned(),
        (Mode::Human { .. }, None) => "?".to_owned(),
    }
}

fn effect_name(effect: &Effect) -> String {
    match effect {
        Effect::Send { class, .. } => format!("send:{class:?}"),
        Effect::CancelAutomatic => "cancel".to_owned(),
        Effect::RecordTransfer(record) => format!("record:{:?}", record.kind),
        Effect::Handoff(HandoffChange::Open { .. }) => "handoff:open".to_owned(),
        Effect::Handoff(HandoffChange::Escalate { .. }) => "handoff:escalate".to_owned(),
        Effect::Handoff(HandoffChange::Assign { .. }) => "handoff:assign".to_owned(),
        Effect::Handoff(HandoffChange::Complete { .. }) => "handoff:complete".to_owned(),
        Effect::Handoff(HandoffChange::Cancel { .. }) => "handoff:cancel".to_owned(),
        Effect::TakeSlot(_) => "slot".to_owned(),
        Effect::Notify(told) => format!("notify:{}", told.kind.name()),
        Effect::FetchMedia { .. } => "fetch".to_owned(),
        Effect::ShowRead { typing, .. } => format!("read(typing={typing})"),
    }
}
