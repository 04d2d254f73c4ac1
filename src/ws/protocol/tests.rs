//! What clients may send, and what junk is answered with.

use super::{Ask, ClientFrame, Malformed, Reference, done, misunderstood, refused};
use papo_domain::ConversationId;
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

const ID: &str = "018f3a1e-0000-7000-8000-000000000001";

fn read(text: &str) -> (Reference, Ask) {
    let frame = ClientFrame::parse(text).expect(text);
    (frame.reference, frame.ask)
}

fn fault(text: &str) -> (Reference, &'static str) {
    let Malformed { reference, field } = ClientFrame::parse(text).expect_err(text);
    (reference, field)
}

fn id() -> ConversationId {
    ConversationId(Uuid::parse_str(ID).unwrap())
}

#[test]
fn hello_says_who_and_how_far() {
    let (reference, ask) = read(r#"{"op":"hello","ref":"1","token":"t.o.k","cursor":412}"#);
    assert_eq!(reference, Reference::Text("1".to_owned()));
    let Ask::Hello {
        token: Some(token),
        cursor,
    } = ask
    else {
        panic!("{ask:?}")
    };
    assert_eq!((token.expose_secret(), cursor), ("t.o.k", Some(412)));
    // With the token in the handshake, and nothing seen yet.
    let (_, ask) = read(r#"{"op":"hello","ref":1,"cursor":null}"#);
    let Ask::Hello { token, cursor } = ask else {
        panic!("{ask:?}")
    };
    assert!(token.is_none() && cursor.is_none());
}

#[test]
fn a_token_is_never_shown() {
    let (_, ask) = read(r#"{"op":"hello","token":"very-secret"}"#);
    assert!(!format!("{ask:?}").contains("very-secret"));
}

#[test]
fn a_conversation_is_named_in_every_documented_way() {
    for text in [
        format!(r#"{{"op":"join","conversation":"{ID}"}}"#),
        format!(r#"{{"op":"join","payload":"{ID}"}}"#),
        format!(r#"{{"op":"join","payload":{{"conversationId":"{ID}"}}}}"#),
        format!(r#"{{"op":"join","payload":{{"conversation_id":"{ID}"}}}}"#),
        format!(r#"{{"event":"conversation:join","payload":"{ID}","ref":null}}"#),
        format!(r#"{{"event":"conversation:join","conversationId":"{ID}"}}"#),
    ] {
        let (reference, ask) = read(&text);
        assert_eq!(reference, Reference::None, "{text}");
        assert!(matches!(ask, Ask::Join(c) if c == id()), "{text}");
    }
    let leave = format!(r#"{{"event":"conversation:leave","payload":"{ID}"}}"#);
    assert!(matches!(read(&leave).1, Ask::Leave(c) if c == id()));
    let typing = format!(r#"{{"event":"typing","payload":"{ID}","ref":-7}}"#);
    let (reference, ask) = read(&typing);
    assert_eq!(reference, Reference::Number(-7));
    assert!(matches!(ask, Ask::Typing(c) if c == id()));
    assert!(matches!(read(r#"{"op":"ping"}"#).1, Ask::Ping));
}

#[test]
fn junk_is_named_and_keeps_its_reference() {
    let none = Reference::None;
    for text in [
        "",
        "null",
        "[]",
        "7",
        "\"hello\"",
        "{",
        "{\"op\":\"ping\"} x",
        "\u{0}",
        &"[".repeat(60_000),
    ] {
        assert_eq!(fault(text), (none.clone(), "frame"), "{text}");
    }
    for text in [
        r#"{"op":"ping","ref":{}}"#,
        r#"{"op":"ping","ref":1.5}"#,
        r#"{"op":"ping","ref":99999999999999999999}"#,
        &format!(r#"{{"op":"ping","ref":"{}"}}"#, "x".repeat(65)),
    ] {
        assert_eq!(fault(text), (none.clone(), "ref"), "{text}");
    }
    let nine = Reference::Number(9);
    for (text, field) in [
        (r#"{"ref":9}"#, "op"),
        (r#"{"op":7,"ref":9}"#, "op"),
        (r#"{"op":"drop","ref":9}"#, "op"),
        (r#"{"event":"message:new","ref":9}"#, "op"),
        (r#"{"op":"hello","token":5,"ref":9}"#, "token"),
        (r#"{"op":"hello","cursor":-1,"ref":9}"#, "cursor"),
        (r#"{"op":"hello","cursor":"1","ref":9}"#, "cursor"),
        (r#"{"op":"hello","cursor":1.5,"ref":9}"#, "cursor"),
        (r#"{"op":"join","ref":9}"#, "conversation"),
        (r#"{"op":"join","payload":"x","ref":9}"#, "conversation"),
        (r#"{"op":"join","conversation":7,"ref":9}"#, "conversation"),
        (r#"{"op":"typing","payload":[],"ref":9}"#, "payload"),
    ] {
        assert_eq!(fault(text), (nine.clone(), field), "{text}");
    }
}

#[test]
fn answers_carry_the_reference() {
    insta::assert_snapshot!(
        done(&Reference::Text("a".to_owned()), json!({"head": 412})),
        @r#"{"v":1,"event":"reply","ref":"a","status":"ok","response":{"head":412}}"#
    );
    insta::assert_snapshot!(
        refused(&Reference::Number(2), "not_found", "Não encontrado"),
        @r#"{"v":1,"event":"reply","ref":2,"status":"error","response":{"code":"not_found","message":"Não encontrado"}}"#
    );
    insta::assert_snapshot!(
        misunderstood(&Malformed { reference: Reference::None, field: "op" }),
        @r#"{"v":1,"event":"reply","ref":null,"status":"error","response":{"code":"invalid_frame","message":"Mensagem inválida","field":"op"}}"#
    );
}
