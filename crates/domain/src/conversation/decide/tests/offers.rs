//! Asking one person after the other.

use super::world::{
    ANA, BIA, FINANCE, SUPPORT, World, accept, awaited, close, handoffs, happened, noon, offer,
    owner, reject, request, rescind, said, slots, take_over, to_bia, transfer,
};
use crate::conversation::{
    Command, DeadlineKind, Decision, Event, HandoffChange, Mode, OfferEnd, Owner, Priority,
    Rejection, Slot, TransferTarget,
};
use crate::ids::UserId;
use chrono::TimeDelta;
use uuid::Uuid;

const CAU: UserId = UserId(Uuid::from_u128(0xc));

fn passed_over(world: &World) -> Vec<UserId> {
    match &world.state.mode {
        Mode::Waiting { passed_over, .. } => passed_over.clone(),
        _ => panic!("{:?}", world.state.mode),
    }
}

fn ended(decision: &Decision) -> Vec<(UserId, OfferEnd)> {
    let ended = decision.events.iter().filter_map(|event| match event {
        Event::OfferEnded { to, how, .. } => Some((*to, *how)),
        _ => None,
    });
    ended.collect()
}

#[test]
fn who_is_asked_has_a_place_until_they_answer() {
    let mut world = World::waiting();
    let (epoch, ask) = (world.state.epoch, offer(&world.state, BIA));
    let decision = world.run(ask.clone());
    let slot = Slot {
        user: BIA,
        skills: Vec::new(),
    };
    assert_eq!(slots(&decision), [&slot]);
    assert_eq!(happened(&decision), ["offered", "deadline_armed"]);
    // Nobody leads by being asked: what the bot said stays valid.
    assert_eq!(world.state.epoch, epoch);
    let open = world.state.offer().unwrap();
    assert_eq!(
        (open.to, open.expires_at),
        (BIA, world.now + TimeDelta::seconds(30))
    );
    assert_eq!(world.run(ask), Decision::default());
    let other = offer(&world.state, ANA);
    let refused = world.refused(other);
    assert_eq!(refused, Rejection::OfferedToAnother { to: BIA });
}

#[test]
fn accepting_leads_and_needs_a_place() {
    let mut world = World::offered();
    let handoff = awaited(&world.state);
    let yes = accept(&world.state, BIA);
    let decision = world.run(yes.clone());
    assert_eq!(slots(&decision).len(), 1);
    assert_eq!(ended(&decision), [(BIA, OfferEnd::Accepted)]);
    assert_eq!(owner(&world.state), Some(Owner::User(BIA)));
    assert_eq!(said(&decision), ["Agora você está falando com Bia."]);
    assert!(matches!(handoffs(&decision)[..],
        [HandoffChange::Assign { id, to: Owner::User(BIA), .. }] if *id == handoff));
    assert_eq!(world.state.last_attendant, Some(BIA));
    assert_eq!(world.run(yes), Decision::default());
}

/// Whoever goes on with it needs what the first one needed.
#[test]
fn what_a_request_asks_for_outlives_who_served_it() {
    let served = || {
        let mut world = World::at_menu();
        world.run(Command::RequestHandoff {
            by: BIA,
            department: None,
            priority: Some(Priority::Medium),
            skills: Some(vec!["ingles".to_owned()]),
            reason: None,
        });
        world.run(offer(&world.state, ANA));
        world.run(accept(&world.state, ANA));
        world
    };
    let asked = |decision: &Decision| {
        decision.events.iter().find_map(|event| match event {
            Event::HandoffRequested { skills, .. } => Some(skills.clone()),
            _ => None,
        })
    };
    let mut world = served();
    world.says("are you there?");
    let idle = world.policy.human_idle;
    world.pass(i64::from(idle));
    let decision = world.rings(DeadlineKind::HumanIdle);
    assert_eq!(asked(&decision), Some(vec!["ingles".to_owned()]));
    let mut world = served();
    let decision = world.run(transfer(ANA, to_bia()));
    assert_eq!(slots(&decision)[0].skills, ["ingles"]);
    // Another department has its own.
    let mut world = served();
    let decision = world.run(transfer(ANA, TransferTarget::Department(FINANCE)));
    assert_eq!(asked(&decision), Some(Vec::new()));
}

#[test]
fn only_who_is_asked_can_answer_and_only_in_time() {
    let mut world = World::offered();
    for command in [accept(&world.state, ANA), reject(&world.state, ANA)] {
        assert_eq!(world.refused(command), Rejection::OfferEnded);
    }
    // The timer may ring late: the time is over all the same.
    world.pass(30);
    let late = accept(&world.state, BIA);
    assert_eq!(world.refused(late), Rejection::OfferEnded);
    world.run(take_over(ANA));
    let handoff = crate::HandoffId::of(world.state.conversation, 3);
    let name = String::new();
    let late = Command::AcceptOffer {
        by: BIA,
        handoff,
        name,
    };
    let refused = world.refused(late);
    assert_eq!(refused, Rejection::AssignedToAnother { by: Some(ANA) });
}

#[test]
fn who_says_no_or_nothing_is_not_the_next_and_the_place_in_time_is_kept() {
    let mut world = World::offered();
    let Mode::Waiting { since, .. } = world.state.mode else {
        panic!("not waiting")
    };
    let no = reject(&world.state, BIA);
    let decision = world.run(no.clone());
    assert_eq!(happened(&decision), ["offer_ended"]);
    assert_eq!(passed_over(&world), [BIA]);
    assert_eq!(world.run(no), Decision::default(), "said twice");
    for user in [ANA, CAU] {
        let ask = offer(&world.state, user);
        world.run(ask);
        let rang = world.rings(DeadlineKind::OfferTimeout);
        assert_eq!(ended(&rang), [(user, OfferEnd::TimedOut)]);
    }
    // As many as the snapshot has room for, the newest.
    assert_eq!(passed_over(&world), [ANA, CAU]);
    assert!(matches!(world.state.mode, Mode::Waiting { since: kept, .. } if kept == since));
}

#[test]
fn what_is_taken_back_is_held_against_nobody() {
    let mut world = World::offered();
    let other = rescind(&world.state, ANA);
    assert_eq!(world.run(other), Decision::default());
    let back = rescind(&world.state, BIA);
    let decision = world.run(back);
    assert_eq!(ended(&decision), [(BIA, OfferEnd::Rescinded)]);
    assert_eq!(passed_over(&world), []);
    assert_eq!(world.state.deadline(DeadlineKind::OfferTimeout), None);
}

#[test]
fn whatever_people_decide_ends_the_offer() {
    let assign = |world: &World| Command::Assign {
        by: ANA,
        handoff: awaited(&world.state),
        to: CAU,
        name: "Cau".to_owned(),
        force: true,
    };
    let forced = |to| match transfer(ANA, to) {
        Command::Transfer { by, to, note, .. } => Command::Transfer {
            by,
            force: true,
            to,
            note,
        },
        other => other,
    };
    let back = Command::ReturnToBot {
        by: ANA,
        force: false,
    };
    let decide = [
        (take_over(ANA), OfferEnd::Rescinded),
        (take_over(BIA), OfferEnd::Accepted),
        (close(ANA), OfferEnd::Rescinded),
        (request(Some(FINANCE), Priority::Low), OfferEnd::Rescinded),
        (back, OfferEnd::Rescinded),
        (Command::Quarantine, OfferEnd::Rescinded),
    ];
    for (command, how) in decide {
        let mut world = World::offered();
        let decision = world.run(command);
        assert_eq!(ended(&decision), [(BIA, how)]);
        assert_eq!(
            decision.events[0].name(),
            "offer_ended",
            "told before the rest"
        );
        assert_eq!(world.state.offer(), None);
    }
    for command in [forced(TransferTarget::Bot), forced(to_bia())] {
        assert_eq!(ended(&World::offered().run(command)).len(), 1);
    }
    let mut world = World::offered();
    let command = assign(&world);
    assert_eq!(ended(&world.run(command)), [(BIA, OfferEnd::Rescinded)]);
}

#[test]
fn a_slot_is_needed_unless_somebody_decides_to_exceed_it() {
    let assign = |world: &World, force| Command::Assign {
        by: ANA,
        handoff: awaited(&world.state),
        to: BIA,
        name: String::new(),
        force,
    };
    let mut world = World::waiting();
    let command = assign(&world, false);
    assert_eq!(slots(&world.run(command)).len(), 1);
    let mut world = World::waiting();
    let command = assign(&world, true);
    assert_eq!(slots(&world.run(command)).len(), 0);
    assert_eq!(slots(&World::waiting().run(take_over(ANA))).len(), 0);
    let decision = World::led_by_ana().run(transfer(ANA, to_bia()));
    assert_eq!(slots(&decision)[0].user, BIA);
}

#[test]
fn skills_of_the_department_and_of_the_request_are_asked_for() {
    let mut world = World::at_menu();
    world.departments[0].routing.skills = vec!["boletos".to_owned()];
    let Command::RequestHandoff { by, .. } = request(None, Priority::Low) else {
        panic!("no request")
    };
    let ask = |skill: &str| Command::RequestHandoff {
        by,
        department: Some(FINANCE),
        priority: Some(Priority::Low),
        skills: Some(vec![skill.to_owned(), "boletos".to_owned()]),
        reason: None,
    };
    let refused = world.refused(ask("Inglês"));
    assert_eq!(refused.code(), "invalid_value");
    world.run(ask("ingles"));
    let command = offer(&world.state, BIA);
    let decision = world.run(command);
    assert_eq!(slots(&decision)[0].skills, ["boletos", "ingles"]);
}

#[test]
fn what_is_not_said_of_a_request_that_moves_stays_as_it_was() {
    let ask = |department, priority, skills: Option<&str>| Command::RequestHandoff {
        by: BIA,
        department,
        priority,
        skills: skills.map(|skill| vec![skill.to_owned()]),
        reason: None,
    };
    let mut world = World::at_menu();
    world.run(ask(Some(FINANCE), None, Some("ingles")));
    world.rings(DeadlineKind::WaitingTooLong);
    let asked = |world: &World| match &world.state.mode {
        Mode::Waiting {
            priority, skills, ..
        } => (*priority, skills.clone()),
        mode => panic!("{mode:?}"),
    };
    let english = vec!["ingles".to_owned()];
    for department in [None, Some(FINANCE)] {
        world.run(ask(department, None, None));
        assert_eq!(asked(&world), (Priority::High, english.clone()));
    }
    world.run(ask(None, Some(Priority::Low), None));
    assert_eq!(asked(&world), (Priority::Low, english));
    // Said, or asked of another department, it is another request.
    world.run(ask(None, None, Some("boletos")));
    assert_eq!(asked(&world).1, ["boletos"]);
    world.run(ask(Some(SUPPORT), None, None));
    assert_eq!(asked(&world), (Priority::Low, Vec::new()));
}

#[test]
fn who_let_the_customer_wait_is_passed_over_and_their_wait_counts() {
    let mut world = World::led_by_ana();
    let wrote = world.now - TimeDelta::seconds(60);
    world.rings(DeadlineKind::HumanIdle);
    assert!(world.now > noon() + TimeDelta::minutes(30));
    assert_eq!(passed_over(&world), [ANA]);
    assert!(matches!(world.state.mode, Mode::Waiting { since, .. } if since == wrote));
}

#[test]
fn who_served_the_customer_before_is_told_with_the_next_request() {
    let mut world = World::closed();
    assert_eq!(world.state.last_attendant, Some(ANA));
    world.says("oi");
    world.pass(60);
    let decision = world.says("atendente");
    let asked = decision.events.iter().find_map(|event| match event {
        Event::HandoffRequested { preferred, .. } => Some(*preferred),
        _ => None,
    });
    assert_eq!(asked, Some(Some(ANA)));
}
