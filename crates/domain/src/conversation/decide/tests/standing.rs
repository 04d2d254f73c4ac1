//! A tenant that is not served, since it is suspended or its trial is over: what arrives is kept,
//! and nothing is said but what a person says.

use super::world::{ANA, World, close, owner, reply, said, take_over, tell_place};
use crate::bot::texts;
use crate::conversation::{DeadlineKind, Mode, Owner, Survey};
use chrono::TimeDelta;

fn suspended(mut world: World) -> World {
    world.served = false;
    world
}

#[test]
fn the_bot_is_silent_and_goes_on_where_it_was() {
    let mut world = suspended(World::new());
    let kept = world.says("oi");
    assert_eq!((kept.messages.len(), said(&kept)), (1, vec![]));
    assert!(matches!(&world.state.mode, Mode::Bot(bot) if bot.node.is_none()));
    world.served = true;
    assert_eq!(said(&world.says("oi")).len(), 1);

    let mut world = suspended(World::at_menu());
    let stands = world.state.mode.clone();
    for words in ["1", "xyz", "xyz", "xyz"] {
        assert_eq!(said(&world.says(words)), Vec::<&str>::new());
        assert_eq!(world.state.mode, stands);
    }
    world.served = true;
    assert_eq!(said(&world.says("1")).len(), 1);
}

#[test]
fn a_burst_that_waited_for_its_answer_gets_none() {
    let mut world = World::new();
    world.says("oi");
    world.pass(1);
    world.says("xyz");
    let mut world = suspended(world);
    let stands = world.state.mode.clone();
    let ended = world.rings(DeadlineKind::BotTurn);
    assert_eq!((said(&ended), world.state.turn), (vec![], None));
    assert_eq!(world.state.mode, stands);
}

#[test]
fn who_asks_for_a_person_waits_in_silence_and_nobody_is_late() {
    let mut world = suspended(World::at_menu());
    assert_eq!(said(&world.says("atendente")), Vec::<&str>::new());
    let place = tell_place(&world.state, 3, None);
    assert_eq!(said(&world.run(place)), Vec::<&str>::new());
    let before = world.state.mode.clone();
    let rang = world.rings(DeadlineKind::WaitingTooLong);
    assert_eq!((said(&rang), &world.state.mode), (vec![], &before));
    world.served = true;
    let rang = world.rings(DeadlineKind::WaitingTooLong);
    assert_eq!(said(&rang), [texts::WAITING_TOO_LONG]);
}

#[test]
fn what_somebody_leads_stays_theirs_and_their_words_are_sent() {
    let mut world = suspended(World::led_by_ana());
    world.rings(DeadlineKind::HumanIdle);
    assert_eq!(owner(&world.state), Some(Owner::User(ANA)));
    let armed = world.state.deadline(DeadlineKind::HumanIdle).unwrap();
    assert_eq!(armed.at, world.now + TimeDelta::minutes(30));
    assert_eq!(said(&world.run(reply(ANA, "Um momento."))), ["Um momento."]);
    world.policy.csat.enabled = true;
    assert_eq!(said(&world.run(close(ANA))), Vec::<&str>::new());
    assert!(!matches!(
        world.state.mode,
        Mode::Closed {
            survey: Some(Survey::Asked { .. }),
            ..
        }
    ));
}

#[test]
fn nobody_is_greeted_by_whoever_takes_over() {
    let mut world = suspended(World::waiting());
    assert_eq!(said(&world.run(take_over(ANA))), Vec::<&str>::new());
}
