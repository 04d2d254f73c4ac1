//! Marks of staff: to be looked at again, put away, urgent.

use super::world::{ANA, BIA, World, close, handoffs, happened, reply, request, transfer};
use crate::conversation::{
    Command, Decision, Event, HandoffChange, Listing, Mode, Priority, Rejection, Status,
    TransferTarget,
};
use crate::ids::{DepartmentId, LabelId};
use uuid::Uuid;

const UNREAD: Command = Command::MarkUnread { by: BIA };

fn prioritise(priority: Priority) -> Command {
    Command::SetPriority { by: BIA, priority }
}

fn shown(world: &World) -> Listing {
    Listing::of(&world.state)
}

#[test]
fn a_mark_counts_as_one_unread_message_until_somebody_reads_or_answers() {
    let mut world = World::led_by_ana();
    world.run(reply(ANA, "oi"));
    world.run(UNREAD);
    assert_eq!(shown(&world).unread, 1);
    assert_eq!(
        world.run(UNREAD),
        Decision::default(),
        "it is unread already"
    );
    world.says("alô?");
    assert_eq!(shown(&world).unread, 2);
    world.run(Command::MarkRead {
        by: BIA,
        upto_seq: world.state.seq - 1,
    });
    assert_eq!(shown(&world).unread, 1, "what came after it is unread");
    world.run(Command::MarkRead {
        by: BIA,
        upto_seq: world.state.seq,
    });
    assert_eq!(shown(&world).unread, 0);

    world.run(UNREAD);
    world.run(reply(ANA, "pois não"));
    assert_eq!(shown(&world).unread, 0);
    world.run(UNREAD);
    world.run(close(ANA));
    assert_eq!(shown(&world).unread, 0);
}

/// A mark is staff's own: the customer does not wait for anybody because of it.
#[test]
fn nobody_is_waited_for_because_of_a_mark() {
    let mut world = World::closed();
    world.run(UNREAD);
    world.run(super::world::take_over(ANA));
    assert_eq!(world.state.waiting_since(), None);
    assert_eq!(world.state.deadlines, []);
}

#[test]
fn only_what_is_closed_is_put_away_and_the_customer_brings_it_back() {
    let archive = || Command::Archive { by: ANA };
    for mut open in [World::at_menu(), World::waiting(), World::led_by_ana()] {
        assert_eq!(open.refused(archive()), Rejection::NotClosed);
    }
    let mut world = World::closed();
    world.run(archive());
    let at = world.now;
    assert_eq!(shown(&world).archived_at, Some(at));
    assert_eq!(shown(&world).status, Status::Archived);
    world.pass(60);
    assert_eq!(world.run(archive()), Decision::default());
    world.run(Command::Unarchive { by: ANA });
    assert_eq!(shown(&world).status, Status::Closed);
    assert_eq!(
        world.run(Command::Unarchive { by: ANA }),
        Decision::default()
    );

    world.run(archive());
    world.hears(super::world::reaction());
    assert_eq!(shown(&world).status, Status::Archived, "no words");
    world.says("oi de novo");
    assert_eq!(shown(&world).status, Status::Open);
    assert_eq!(shown(&world).archived_at, None);
}

#[test]
fn a_priority_lasts_as_long_as_the_session() {
    let mut world = World::at_menu();
    assert_eq!(shown(&world).priority, None);
    world.run(prioritise(Priority::High));
    assert_eq!(world.run(prioritise(Priority::High)), Decision::default());
    // What was urgent before somebody was asked for does not become less so by asking.
    world.says("atendente");
    assert_eq!(shown(&world).priority, Some(Priority::High));
    world.run(super::world::take_over(ANA));
    assert_eq!(shown(&world).priority, Some(Priority::High));
    let department = world.departments[0].id;
    world.run(transfer(ANA, TransferTarget::Department(department)));
    assert_eq!(shown(&world).priority, Some(Priority::High));
    // Staff that asks again says how urgent it is now.
    world.run(request(None::<DepartmentId>, Priority::Low));
    assert_eq!(shown(&world).priority, Some(Priority::Low));
    world.run(super::world::take_over(ANA));
    world.run(close(ANA));
    assert_eq!(shown(&world).priority, None);
    assert_eq!(
        world.refused(prioritise(Priority::Low)),
        Rejection::AlreadyClosed
    );
}

#[test]
fn the_priority_of_what_waits_is_its_place_in_the_queue() {
    let mut world = World::waiting();
    let decision = world.run(prioritise(Priority::Urgent));
    let Mode::Waiting {
        handoff: id,
        priority,
        ..
    } = world.state.mode
    else {
        panic!("{:?}", world.state.mode)
    };
    assert_eq!(priority, Priority::Urgent);
    let priority = Priority::Urgent;
    assert_eq!(
        handoffs(&decision),
        [&HandoffChange::Escalate { id, priority }]
    );
    assert_eq!(happened(&decision), ["priority_changed"]);
}

#[test]
fn labels_come_and_go_at_most_twenty_at_once() {
    let label = |n| LabelId(Uuid::from_u128(n));
    let run = |add: Vec<LabelId>, remove| Command::Label {
        by: ANA,
        add,
        remove,
    };
    for mut world in [World::at_menu(), World::closed()] {
        let before = world.state.clone();
        let decision = world.run(run(vec![label(2), label(1), label(2)], vec![label(3)]));
        let labelled = Event::Labelled {
            by: ANA,
            added: vec![label(1), label(2)],
            removed: vec![label(3)],
        };
        assert_eq!(decision.events, [labelled]);
        assert_eq!(world.state, before);
        let twenty: Vec<_> = (0..20).map(label).collect();
        world.run(run(twenty.clone(), Vec::new()));
        world.run(run(Vec::new(), twenty));
        let many: Vec<_> = (0..21).map(label).collect();
        let both = run(vec![label(1)], vec![label(1)]);
        for refused in [run(many.clone(), Vec::new()), run(Vec::new(), many), both] {
            let refused = world.refused(refused);
            assert!(matches!(
                refused,
                Rejection::Invalid {
                    field: "labels",
                    ..
                }
            ));
        }
        let nothing = world.run(run(Vec::new(), Vec::new()));
        assert_eq!(nothing, Decision::default());
    }
}
