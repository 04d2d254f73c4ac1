//! One opinion of a session, asked for once, and taken for nothing else.

use super::world::{ANA, World, close, happened, noon, picture, reply, said, words};
use crate::content::Content;
use crate::conversation::{
    Body, Command, Decision, Effect, Event, Listing, Mode, Originator, Sender,
};
use crate::outbound::Outbound;
use crate::template::{ButtonKind, Component, Parameter};
use crate::tenant::SurveyTemplate;
use chrono::TimeDelta;

/// Ana closed, and the customer was asked.
fn asked() -> World {
    let mut world = World::led_by_ana();
    world.policy.csat.enabled = true;
    world.run(close(ANA));
    world.pass(60);
    world
}

/// Taps an answer of the newest list.
fn taps(world: &mut World, session: u32, score: u8) -> Decision {
    world.hears(Content::ListReply {
        id: format!("csat:{session}:{score}"),
        title: "Ótimo".to_owned(),
        description: None,
    })
}

fn rating(world: &World) -> Option<u8> {
    Listing::of(&world.state).rating
}

#[test]
fn the_question_goes_out_as_the_last_thing_before_the_end() {
    let mut world = World::led_by_ana();
    world.policy.csat.enabled = true;
    let decision = world.run(close(ANA));
    assert_eq!(
        happened(&decision),
        ["message_added", "closed", "rating_asked"]
    );
    let draft = &decision.messages[0];
    assert_eq!(draft.sender, Sender::System);
    let Body::Outbound {
        outbound: Outbound::List { body, sections, .. },
    } = &draft.body
    else {
        panic!("{:?}", draft.body)
    };
    assert_eq!(body, "Como você avalia este atendimento?");
    let rows: Vec<_> = sections[0]
        .rows
        .iter()
        .map(|row| (row.id.as_str(), row.title.as_str()))
        .collect();
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[0], ("csat:1:5", "5 - Ótimo"));
}

#[test]
fn a_tap_rates_the_session_and_opens_none() {
    let mut world = asked();
    let handoff = match world.events.iter().rev().find_map(|event| match event {
        Event::TakenOver { handoff, .. } => Some(*handoff),
        _ => None,
    }) {
        Some(handoff) => handoff,
        None => panic!("nobody took over"),
    };
    let decision = taps(&mut world, 1, 4);
    assert_eq!(
        happened(&decision),
        ["message_added", "rated", "message_added"]
    );
    let Event::Rated {
        session,
        score,
        by,
        attendant,
        handoff: rated,
        ..
    } = decision.events[1]
    else {
        panic!("{:?}", decision.events)
    };
    assert_eq!((session, score, by), (1, 4, Originator::Customer));
    assert_eq!((attendant, rated), (Some(ANA), handoff));
    let told = said(&decision);
    assert!(told[0].contains("motivo da sua nota"), "{told:?}");
    assert!(matches!(world.state.mode, Mode::Closed { .. }));
    assert_eq!(rating(&world), Some(4));
    assert_eq!(Listing::of(&world.state).unread, 0, "nobody has to read it");
}

#[test]
fn a_typed_digit_rates_as_well_in_whatever_dress() {
    for text in ["5", " 5 ", "5️⃣", "5!"] {
        let mut world = asked();
        world.says(text);
        assert_eq!(rating(&world), Some(5), "{text}");
    }
    for text in ["0", "6", "55", "nota 5", "obrigado!"] {
        let mut world = asked();
        let decision = world.says(text);
        assert_eq!(happened(&decision)[0], "session_opened", "{text}");
        assert_eq!(rating(&world), None);
    }
    // A picture's caption is about the picture; what was written before the end is about that.
    let mut world = asked();
    world.hears(picture(Some("5")));
    assert_eq!(rating(&world), None);
    let mut world = asked();
    let mut late = world.inbound(words("5"));
    late.sent_at -= TimeDelta::seconds(90);
    world.run(Command::ReceiveInbound(late));
    assert_eq!(rating(&world), None);
}

#[test]
fn a_comment_may_follow_once_and_soon() {
    let mut world = asked();
    taps(&mut world, 1, 2);
    world.pass(60);
    let decision = world.says("demorou muito");
    assert_eq!(
        happened(&decision),
        ["message_added", "rating_commented", "message_added"]
    );
    assert_eq!(said(&decision), ["Obrigado pelo seu comentário!"]);
    assert_eq!(
        Listing::of(&world.state).unread,
        1,
        "somebody should read it"
    );
    assert_eq!(happened(&world.says("e agora?"))[0], "session_opened");

    let mut world = asked();
    taps(&mut world, 1, 2);
    world.pass(15 * 60);
    assert_eq!(happened(&world.says("oi"))[0], "session_opened");
    for text in ["menu", "atendente"] {
        let mut world = asked();
        taps(&mut world, 1, 2);
        assert_eq!(happened(&world.says(text))[0], "session_opened", "{text}");
    }
    let mut world = asked();
    world.policy.csat.ask_comment = false;
    let decision = taps(&mut world, 1, 5);
    assert_eq!(said(&decision), ["Obrigado pela sua avaliação!"]);
    assert_eq!(happened(&world.says("oi"))[0], "session_opened");
}

#[test]
fn there_is_one_rating_of_a_session() {
    let mut world = asked();
    taps(&mut world, 1, 4);
    let again = taps(&mut world, 1, 1);
    assert_eq!(happened(&again), ["message_added"]);
    assert_eq!(rating(&world), Some(4));
    // A new session is another matter, and the old list is no answer to its question.
    world.says("menu");
    assert_eq!(rating(&world), None);
    world.run(super::world::take_over(ANA));
    world.run(close(ANA));
    let old = taps(&mut world, 1, 1);
    assert_eq!(happened(&old)[0], "session_opened");
}

/// The commonest end: the customer says thanks, and then taps.
#[test]
fn thanks_before_the_tap_lose_no_rating() {
    let mut world = asked();
    world.says("obrigado!");
    let stands = world.state.mode.clone();
    let decision = taps(&mut world, 1, 5);
    assert_eq!(happened(&decision), ["message_added", "rated"]);
    assert!(matches!(
        decision.events[1],
        Event::Rated {
            session: 1,
            score: 5,
            upto_seq: 0,
            ..
        }
    ));
    assert_eq!(
        world.state.mode, stands,
        "no answer to the bot, and no miss"
    );
    assert_eq!(rating(&world), None, "this session has none");
    // Nor is it one to a person, or to whoever asks later about another session.
    world.run(super::world::take_over(ANA));
    assert_eq!(
        happened(&taps(&mut world, 1, 5)),
        ["message_added", "rated"]
    );
    world.now += TimeDelta::days(1);
    assert_eq!(happened(&taps(&mut world, 1, 5)), ["message_added"]);
    assert_eq!(happened(&taps(&mut world, 7, 5)), ["message_added"]);
}

#[test]
fn an_answer_has_a_day() {
    let mut world = asked();
    world.now += TimeDelta::days(1);
    assert_eq!(happened(&taps(&mut world, 1, 5))[0], "session_opened");
    assert_eq!(rating(&world), None);
}

#[test]
fn nobody_is_asked_in_vain() {
    let silent = |mut world: World, command: Command| {
        world.policy.csat.enabled = true;
        let decision = world.run(command);
        assert_eq!(said(&decision), Vec::<&str>::new());
        world
    };
    silent(World::at_menu(), close(ANA));
    silent(World::waiting(), close(ANA));
    // Outside of the window nothing could be said.
    let mut late = World::led_by_ana();
    late.now = noon() + TimeDelta::days(2);
    silent(late, close(ANA));
    let mut crashed = World::led_by_ana();
    crashed.run(Command::Quarantine);
    silent(crashed, close(ANA));
    let mut off = World::led_by_ana();
    let sends = |effect: &Effect| matches!(effect, Effect::Send { .. });
    assert!(!off.run(close(ANA)).effects.iter().any(sends));
    // What the customer told the attendant is passed on, and counts.
    let passed_on = Command::Close {
        by: ANA,
        force: false,
        handoff: None,
        resolution: None,
        satisfaction: Some(3),
    };
    let world = silent(World::led_by_ana(), passed_on);
    assert_eq!(rating(&world), Some(3));
}

/// A tap on a template's quick reply.
fn button(payload: &str) -> Content {
    Content::TemplateButton {
        payload: Some(payload.to_owned()),
        text: "Ótimo".to_owned(),
    }
}

fn quick_reply(index: u8, payload: &str) -> Component {
    Component::Button {
        kind: ButtonKind::QuickReply,
        index,
        parameters: vec![Parameter::Payload {
            payload: payload.to_owned(),
        }],
    }
}

#[test]
fn who_did_not_write_for_a_day_is_asked_by_a_template() {
    let late = || {
        let payloads = |decision: &Decision| match &decision.messages[0].body {
            Body::Outbound {
                outbound: Outbound::Template { components, .. },
            } => format!("{components:?}"),
            other => panic!("{other:?}"),
        };
        let mut world = World::led_by_ana();
        world.policy.csat.enabled = true;
        world.policy.csat.template = Some(SurveyTemplate {
            name: "pesquisa".to_owned(),
            language: "pt_BR".to_owned(),
            text: "Como foi?".to_owned(),
            answers: [(0, "Ótimo".to_owned()), (1, "1".to_owned())].into(),
        });
        let options = ["Péssimo", "Ruim", "Regular", "Bom", "Ótimo"];
        world.policy.csat.options = Some(options.map(str::to_owned).to_vec());
        world.now = noon() + TimeDelta::days(2);
        let decision = world.run(close(ANA));
        assert_eq!(said(&decision), ["Como foi?"]);
        for (index, payload) in [(0, "csat:1:5"), (1, "csat:1:1")] {
            let asked = format!("{:?}", quick_reply(index, payload));
            assert!(payloads(&decision).contains(&asked), "{decision:?}");
        }
        assert_eq!(
            happened(&decision),
            ["message_added", "closed", "rating_asked"]
        );
        world.pass(60);
        world
    };
    for (answer, score) in [
        (button("csat:1:5"), Some(5)),
        (button("csat:1:2"), Some(2)),
        (words("4"), Some(4)),
        // Of another template, or of an earlier question.
        (button("Ótimo"), None),
        (button("csat:0:5"), None),
    ] {
        let mut world = late();
        world.hears(answer.clone());
        assert_eq!(rating(&world), score, "{answer:?}");
    }
    // Thanks before the tap lose no rating, and it is no answer to the bot.
    let mut world = late();
    world.says("obrigado!");
    let stands = world.state.mode.clone();
    let decision = world.hears(button("csat:1:4"));
    assert_eq!(happened(&decision), ["message_added", "rated"]);
    assert_eq!(world.state.mode, stands);
    // Nor does it rate whoever served the next time.
    world.run(super::world::take_over(ANA));
    world.now += TimeDelta::days(2);
    world.run(close(ANA));
    world.hears(button("csat:1:4"));
    assert_eq!(rating(&world), None);
    // Who did write is asked as ever.
    let mut world = World::led_by_ana();
    world.policy = late().policy;
    let decision = world.run(close(ANA));
    assert_eq!(said(&decision), ["Como você avalia este atendimento?"]);
}

#[test]
fn after_the_rating_everything_is_as_after_any_end() {
    let mut world = asked();
    taps(&mut world, 1, 5);
    world.pass(60 * 60);
    let decision = world.says("oi");
    assert_eq!(happened(&decision)[0], "session_opened");
    world.run(super::world::take_over(ANA));
    world.run(reply(ANA, "oi de novo"));
}
