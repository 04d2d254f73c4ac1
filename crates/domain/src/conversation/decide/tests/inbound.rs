//! What comes from outside: the customer's messages and the owner's from the phone.

use super::world::{ANA, World, happened, node, owner, picture, reaction, reply, said, words};
use crate::content::{Content, MessageKind};
use crate::conversation::{
    Command, DeadlineKind, Effect, Event, Mode, Owner, Quote, Sender, TransferKind,
};
use chrono::TimeDelta;
use serde_json::json;

/// One content of every kind that the Cloud API delivers.
fn every_content() -> Vec<Content> {
    let detail = || json!({"x": 1});
    let media = crate::content::Media::default;
    vec![
        words("oi"),
        picture(None),
        Content::Video { media: media() },
        Content::Audio {
            media: media(),
            voice: true,
        },
        Content::Document {
            media: media(),
            filename: None,
        },
        Content::Sticker {
            media: media(),
            animated: false,
        },
        Content::Location {
            latitude: -23.5,
            longitude: -46.6,
            name: None,
            address: None,
        },
        Content::Contacts { cards: vec![] },
        Content::ButtonReply {
            id: "x".to_owned(),
            title: "x".to_owned(),
        },
        Content::ListReply {
            id: "x".to_owned(),
            title: "x".to_owned(),
            description: None,
        },
        Content::FormReply {
            name: None,
            body: None,
            response: detail(),
        },
        Content::TemplateButton {
            payload: None,
            text: "x".to_owned(),
        },
        reaction(),
        Content::Order {
            text: None,
            order: detail(),
        },
        Content::System {
            body: "x".to_owned(),
            event: None,
            detail: detail(),
        },
        Content::RequestWelcome,
        Content::Edit {
            message: "wamid.1".to_owned(),
            body: None,
            detail: detail(),
        },
        Content::Revoke {
            message: "wamid.1".to_owned(),
        },
        Content::Unsupported {
            code: Some(131_051),
            detail: None,
        },
        Content::Unknown {
            name: "hologram".to_owned(),
            detail: detail(),
        },
    ]
}

#[test]
fn every_kind_of_content_is_kept_whole_in_every_mode() {
    for make in [
        World::new,
        World::at_menu,
        World::waiting,
        World::led_by_ana,
        World::closed,
    ] {
        for content in every_content() {
            let mut world = make();
            let before = world.state.clone();
            let mut inbound = world.inbound(content.clone());
            inbound.context = Some(json!({"forwarded": true}));
            inbound.quote = Some(Quote {
                external_id: "wamid.q".to_owned(),
            });
            let decision = world.run(Command::ReceiveInbound(inbound.clone()));
            let draft = decision.messages.first().unwrap();
            assert_eq!(draft.seq, before.seq + 1);
            assert_eq!(draft.sender, Sender::Customer);
            assert_eq!(draft.kind, content.kind());
            assert_eq!(draft.external_id, Some(inbound.external_id));
            assert_eq!(draft.quote, inbound.quote);
            assert_eq!(draft.context, inbound.context);
            assert_eq!(
                draft.body,
                crate::conversation::Body::Inbound {
                    content: content.clone()
                }
            );
            if !content.is_utterance() {
                assert_eq!(decision.events.len(), 1, "{content:?} is recorded only");
                assert_eq!(decision.effects, vec![]);
                assert_eq!(world.state.mode, before.mode);
                assert_eq!(world.state.last_inbound_at, before.last_inbound_at);
                assert_eq!(world.state.unread, before.unread);
            }
        }
    }
}

#[test]
fn the_first_message_opens_a_session_and_gets_the_start_menu() {
    let mut world = World::new();
    let decision = world.says("oi");
    assert_eq!(
        happened(&decision),
        [
            "session_opened",
            "message_added",
            "message_added",
            "bot_moved",
            "deadline_armed"
        ]
    );
    assert!(said(&decision)[0].starts_with("Olá, Maria!"));
    assert_eq!(node(&world.state), Some("main"));
    assert_eq!((world.state.session, world.state.unread), (1, 1));
    assert!(!decision.effects.contains(&Effect::CancelAutomatic));
}

#[test]
fn a_message_after_a_close_opens_a_new_session_and_voids_what_was_queued() {
    let mut world = World::closed();
    let epoch = world.state.epoch;
    let decision = world.says("2");
    assert!(
        said(&decision)[0].starts_with("Olá"),
        "the menu first, whatever was written"
    );
    assert_eq!(world.state.session, 2);
    assert_eq!(world.state.session_at, Some(world.now));
    assert_eq!(world.state.epoch, epoch + 1);
    assert_eq!(decision.effects.first(), Some(&Effect::CancelAutomatic));
}

#[test]
fn a_late_message_keeps_its_later_place() {
    let mut world = World::at_menu();
    let mut inbound = world.inbound(words("atrasada"));
    inbound.sent_at = world.now - TimeDelta::hours(2);
    let newest = world.state.last_message_at;
    let decision = world.run(Command::ReceiveInbound(inbound));
    let draft = &decision.messages[0];
    assert!(draft.late);
    assert_eq!(draft.seq, 3);
    assert!(matches!(
        decision.events[0],
        Event::MessageAdded { late: true, .. }
    ));
    assert!(
        world.state.last_message_at >= newest,
        "time does not go back"
    );
}

#[test]
fn the_provider_s_whole_seconds_do_not_make_a_message_late() {
    let mut world = World::new();
    world.now += TimeDelta::milliseconds(400);
    world.says("oi");
    let mut inbound = world.inbound(words("1"));
    inbound.sent_at = world.now - TimeDelta::milliseconds(400);
    let decision = world.run(Command::ReceiveInbound(inbound));
    assert!(!decision.messages[0].late);
}

#[test]
fn a_clock_that_runs_ahead_does_not_stretch_the_window() {
    let mut world = World::new();
    let mut inbound = world.inbound(words("oi"));
    inbound.sent_at = world.now + TimeDelta::days(300);
    let ahead = inbound.sent_at;
    let decision = world.run(Command::ReceiveInbound(inbound));
    assert_eq!(
        decision.messages[0].sent_at, ahead,
        "kept as the provider said it"
    );
    assert_eq!(world.state.last_inbound_at, Some(world.now));
    assert!(!world.says("1").messages[0].late);
}

#[test]
fn the_bot_is_silent_while_a_person_leads_or_is_waited_for() {
    for mut world in [World::waiting(), World::led_by_ana()] {
        for text in ["1", "menu", "atendente", "xyz"] {
            let unread = world.state.unread;
            let decision = world.says(text);
            assert_eq!(said(&decision), Vec::<&str>::new());
            assert_eq!(decision.effects, vec![], "not even a read receipt");
            assert_eq!(world.state.unread, unread + 1);
        }
    }
}

#[test]
fn an_unanswered_customer_is_watched_from_their_first_message_on() {
    let mut world = World::led_by_ana();
    world.run(reply(ANA, "Oi!"));
    assert_eq!(world.state.deadline(DeadlineKind::HumanIdle), None);
    world.pass(10);
    let asked = world.now;
    world.says("pode me ajudar?");
    let armed = world
        .state
        .deadline(DeadlineKind::HumanIdle)
        .copied()
        .unwrap();
    assert_eq!(armed.at, asked + TimeDelta::minutes(30));
    world.pass(10);
    world.says("alô?");
    assert_eq!(world.state.deadline(DeadlineKind::HumanIdle), Some(&armed));
    assert!(
        matches!(world.state.mode, Mode::Human { unanswered_since: Some(at), .. } if at == asked)
    );
}

#[test]
fn the_owner_typing_on_the_phone_takes_over_without_a_notice() {
    for mut world in [
        World::new(),
        World::at_menu(),
        World::waiting(),
        World::closed(),
    ] {
        let handoff = matches!(world.state.mode, Mode::Waiting { .. });
        let echo = world.inbound(words("Oi, aqui é o dono"));
        let decision = world.run(Command::RecordEcho(echo));
        assert_eq!(owner(&world.state), Some(Owner::Phone));
        assert_eq!(said(&decision), Vec::<&str>::new());
        assert_eq!(decision.messages[0].sender, Sender::Phone);
        assert!(decision.effects.iter().any(|e| matches!(e,
            Effect::RecordTransfer(r) if r.kind == TransferKind::Takeover && r.to == Some(Owner::Phone))));
        let assigned = decision
            .effects
            .iter()
            .any(|e| matches!(e, Effect::Handoff(_)));
        assert_eq!(assigned, handoff);
        assert_eq!(world.state.unread, 0);
        assert!(matches!(
            world.state.mode,
            Mode::Human {
                unanswered_since: None,
                ..
            }
        ));
    }
}

#[test]
fn the_phone_answers_in_an_attendant_s_conversation_without_taking_it() {
    let mut world = World::led_by_ana();
    world.says("alô?");
    let epoch = world.state.epoch;
    let echo = world.inbound(words("já respondo"));
    world.run(Command::RecordEcho(echo));
    assert_eq!(owner(&world.state), Some(Owner::User(ANA)));
    assert_eq!(world.state.epoch, epoch);
    assert_eq!(world.state.unread, 0);
    assert_eq!(
        world.state.deadline(DeadlineKind::HumanIdle),
        None,
        "the customer has an answer"
    );
}

#[test]
fn a_reaction_on_the_phone_is_no_takeover() {
    let mut world = World::at_menu();
    let echo = world.inbound(reaction());
    let decision = world.run(Command::RecordEcho(echo));
    assert_eq!(happened(&decision), ["message_added"]);
    assert_eq!(decision.messages[0].kind, MessageKind::Reaction);
    assert_eq!(node(&world.state), Some("main"));
}
