//! What staff writes and reads.

use super::world::{
    ANA, BIA, World, happened, owner, reach, reaction, reply, said, take_by_force, template, words,
};
use crate::conversation::{
    Command, DeadlineKind, Decision, Effect, Event, Mode, Owner, Quote, Rejection, SendClass,
    Sender,
};
use crate::ids::UserId;
use crate::outbound::Outbound;
use chrono::TimeDelta;
use uuid::Uuid;

#[test]
fn a_reply_goes_out_as_the_attendant_s_and_ends_the_customer_s_wait() {
    let mut world = World::led_by_ana();
    world.says("alô?");
    let quote = Quote {
        external_id: "wamid.3".to_owned(),
    };
    let decision = world.run(Command::SendReply {
        by: ANA,
        outbound: Outbound::text("Bom dia!"),
        quote: Some(quote.clone()),
        expected_seq: None,
        scheduled: false,
    });
    let draft = &decision.messages[0];
    assert_eq!(draft.sender, Sender::Attendant(ANA));
    assert_eq!(draft.quote, Some(quote));
    let (seq, class) = (draft.seq, SendClass::Human);
    assert_eq!(
        decision.effects,
        [Effect::Send {
            seq,
            class,
            epoch: None
        }]
    );
    assert_eq!(world.state.unread, 0);
    assert!(matches!(
        world.state.mode,
        Mode::Human {
            unanswered_since: None,
            ..
        }
    ));
    assert_eq!(world.state.deadline(DeadlineKind::HumanIdle), None);
}

/// It goes out by itself: nobody has read what came meanwhile.
#[test]
fn what_was_written_earlier_answers_nothing_that_came_since() {
    let mut world = World::led_by_ana();
    world.run(reply(ANA, "bom dia"));
    world.says("quero cancelar");
    world.run(Command::MarkRead {
        by: ANA,
        upto_seq: u64::MAX,
    });
    world.run(Command::MarkUnread { by: ANA });
    world.says("agora");
    let before = world.state.clone();
    assert!(before.deadline(DeadlineKind::HumanIdle).is_some());
    let decision = world.run(Command::SendReply {
        by: ANA,
        outbound: Outbound::text("Lembrete"),
        quote: None,
        expected_seq: None,
        scheduled: true,
    });
    assert_eq!(said(&decision), ["Lembrete"]);
    let after = &world.state;
    assert_eq!((after.unread, after.marked), (1, true));
    assert_eq!(after.deadlines, before.deadlines);
    let waits = |mode: &Mode| match mode {
        Mode::Human {
            unanswered_since, ..
        } => *unanswered_since,
        _ => None,
    };
    assert!(waits(&after.mode).is_some());
    assert_eq!(waits(&after.mode), waits(&before.mode));
}

#[test]
fn only_who_leads_may_reply() {
    let refused = |mut world: World| world.refused(reply(BIA, "oi"));
    assert_eq!(refused(World::at_menu()), Rejection::NotInHumanMode);
    assert_eq!(refused(World::waiting()), Rejection::NotInHumanMode);
    assert_eq!(refused(World::closed()), Rejection::NotInHumanMode);
    let another = Rejection::AssignedToAnother { by: Some(ANA) };
    assert_eq!(refused(World::led_by_ana()), another);
}

#[test]
fn free_text_ends_with_the_window() {
    let mut world = World::led_by_ana();
    let heard = world.state.last_inbound_at.unwrap();
    let end = heard + TimeDelta::hours(24);
    world.now = end - TimeDelta::milliseconds(1);
    world.run(reply(ANA, "ainda dá"));
    world.now = end;
    let refused = world.refused(reply(ANA, "tarde demais"));
    assert_eq!(refused, Rejection::WindowClosed { since: Some(end) });
    world.says("oi");
    world.run(reply(ANA, "de novo"));

    let mut silent = World::new();
    silent.run(super::world::take_over(ANA));
    let refused = silent.refused(reply(ANA, "oi"));
    assert_eq!(refused, Rejection::WindowClosed { since: None });
}

#[test]
fn a_template_needs_no_window() {
    let mut world = World::led_by_ana();
    world.now += TimeDelta::days(3);
    let decision = world.run(Command::SendReply {
        by: ANA,
        outbound: template(),
        quote: None,
        expected_seq: None,
        scheduled: false,
    });
    assert_eq!(said(&decision), ["Lembra de nós?"]);
}

#[test]
fn who_writes_first_leads() {
    for mut world in [
        World::new(),
        World::at_menu(),
        World::waiting(),
        World::offered(),
        World::closed(),
    ] {
        world.now += TimeDelta::days(3);
        let decision = world.run(reach(BIA));
        // The customer hears the template alone.
        assert_eq!(said(&decision), ["Lembra de nós?"]);
        assert_eq!(owner(&world.state), Some(Owner::User(BIA)));
        world.says("oi");
        world.run(reply(BIA, "Tudo bem?"));
    }
    let mut led = World::led_by_ana();
    assert_eq!(
        led.refused(reach(BIA)),
        Rejection::AssignedToAnother { by: Some(ANA) }
    );
    // Whoever leads says it like anything else.
    assert_eq!(happened(&led.run(reach(ANA))), ["message_added"]);
    let mut silent = World::new();
    let words = Command::Reach {
        by: ANA,
        outbound: Outbound::text("oi"),
    };
    assert_eq!(
        silent.refused(words),
        Rejection::WindowClosed { since: None }
    );
    assert_eq!(owner(&silent.state), None);
}

#[test]
fn what_no_channel_could_carry_is_refused() {
    let mut world = World::led_by_ana();
    for text in ["", "  ", &"x".repeat(4097)] {
        let refused = world.refused(reply(ANA, text));
        assert!(matches!(refused, Rejection::Content(limit) if limit.field == "body"));
    }
}

#[test]
fn a_note_stays_inside_and_changes_nothing_else() {
    for mut world in [
        World::new(),
        World::at_menu(),
        World::led_by_ana(),
        World::closed(),
    ] {
        let before = world.state.clone();
        let decision = world.run(Command::AddNote {
            by: BIA,
            text: "ligar amanhã".to_owned(),
            mentions: Vec::new(),
        });
        assert_eq!(happened(&decision), ["message_added"]);
        assert_eq!(said(&decision), Vec::<&str>::new());
        let mut after = world.state.clone();
        after.seq = before.seq;
        assert_eq!(after, before);
    }
    let mut world = World::at_menu();
    for text in [" ", &"x".repeat(4097)] {
        let refused = world.refused(Command::AddNote {
            by: BIA,
            text: text.to_owned(),
            mentions: Vec::new(),
        });
        assert!(matches!(refused, Rejection::Invalid { field: "text", .. }));
    }
}

#[test]
fn each_colleague_who_is_named_in_a_note_is_told_once_and_the_writer_not_at_all() {
    let mut world = World::led_by_ana();
    let note = |mentions| Command::AddNote {
        by: ANA,
        text: "veja".to_owned(),
        mentions,
    };
    let decision = world.run(note(vec![BIA, ANA, BIA]));
    let seq = decision.messages[0].seq;
    let told: Vec<_> = decision
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Notify(told) => Some((told.user, told.by, told.message_seq)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(BIA, Some(ANA), Some(seq))]);
    let many: Vec<UserId> = (100..121).map(|n| UserId(Uuid::from_u128(n))).collect();
    let refused = world.refused(note(many.clone()));
    assert!(matches!(
        refused,
        Rejection::Invalid {
            field: "mentions",
            ..
        }
    ));
    assert_eq!(world.run(note(many[..20].to_vec())).effects.len(), 20);
}

#[test]
fn reading_counts_down_what_is_unread_and_never_up() {
    let mut world = World::led_by_ana();
    world.run(reply(ANA, "oi"));
    let places: Vec<u64> = (0..3).map(|_| world.says("alô?").messages[0].seq).collect();
    let read = |world: &mut World, upto_seq| world.run(Command::MarkRead { by: BIA, upto_seq });
    assert_eq!(world.state.unread, 3);
    read(&mut world, places[0]);
    assert_eq!(world.state.unread, 2);
    assert_eq!(read(&mut world, places[0]), Decision::default());
    let newest = world.state.seq;
    let Event::Read { upto_seq, .. } = read(&mut world, u64::MAX).events[0] else {
        panic!("nothing was read")
    };
    assert_eq!(upto_seq, newest, "nobody has seen what is not there");
    assert_eq!(world.state.unread, 0);
    assert!(
        matches!(
            world.state.mode,
            Mode::Human {
                unanswered_since: Some(_),
                ..
            }
        ),
        "to read is not to answer"
    );
}

#[test]
fn a_failed_send_is_noted_if_it_is_of_this_conversation() {
    let mut world = World::led_by_ana();
    let failed = |seq| Command::RecordSendFailure { seq, code: 131_026 };
    let newest = world.state.seq;
    assert_eq!(happened(&world.run(failed(newest))), ["send_failed"]);
    assert_eq!(world.run(failed(newest + 1)), Decision::default());
    assert_eq!(world.run(failed(0)), Decision::default());
}

/// Ana's words, written when she had seen everything up to `seen`.
fn reply_after(seen: u64) -> Command {
    Command::SendReply {
        by: ANA,
        outbound: Outbound::text("certo"),
        quote: None,
        expected_seq: Some(seen),
        scheduled: false,
    }
}

#[test]
fn a_reply_knows_what_the_customer_said_or_is_refused() {
    let mut world = World::led_by_ana();
    let seen = world.state.seq;
    world.run(reply_after(seen));
    world.says("mudei de ideia");
    let moved = Rejection::ConversationMoved { last_seq: seen + 2 };
    assert_eq!(world.refused(reply_after(seen + 1)), moved);
    world.run(reply_after(seen + 2));
    world.run(reply(ANA, "quem não pergunta, manda"));
}

#[test]
fn only_words_of_others_are_in_a_reply_s_way() {
    let mut world = World::led_by_ana();
    let seen = world.state.seq;
    world.run(reply(ANA, "um momento"));
    world.run(Command::AddNote {
        by: BIA,
        text: "cliente antigo".to_owned(),
        mentions: Vec::new(),
    });
    world.hears(reaction());
    world.run(reply_after(seen));
    let echo = world.inbound(words("daqui é a dona"));
    let echo = world.run(Command::RecordEcho(echo)).messages[0].seq;
    let moved = |world: &World| Rejection::ConversationMoved {
        last_seq: world.state.seq,
    };
    assert_eq!(world.refused(reply_after(echo - 1)), moved(&world));
    world.run(reply_after(echo));
}

/// What one person said is news for the next one, however often control went round meanwhile.
#[test]
fn a_reply_knows_what_a_colleague_said_before() {
    let mut world = World::waiting();
    world.run(take_by_force(BIA));
    let seen = world.state.seq;
    world.run(reply(BIA, "já resolvi"));
    world.run(take_by_force(ANA));
    let last_seq = world.state.seq;
    let moved = Rejection::ConversationMoved { last_seq };
    assert_eq!(world.refused(reply_after(seen)), moved);
    world.run(reply_after(seen + 1));
    let told = world.state.seq;
    world.run(Command::ReturnToBot {
        by: ANA,
        force: false,
    });
    world.run(take_by_force(ANA));
    world.run(reply_after(told));
}
