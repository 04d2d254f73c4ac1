//! The words on the wire, version 1: what clients may ask and how they are answered. The events
//! that the server sends by itself are in [`super::encoder`]. `docs/REALTIME.md` is the same for
//! people. Nothing here knows sockets, users or the engine.

mod farewell;

pub(super) use farewell::Farewell;

use bytestring::ByteString;
use papo_domain::{ConversationId, DepartmentId, Role, UserId};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value};

/// Of the envelope.
pub(super) const VERSION: u8 = 1;
/// The subprotocol a client may name.
pub(super) const SUBPROTOCOL: &str = "papo.v1";
/// Longest `ref`, in bytes.
const REFERENCE_MAX: usize = 64;

/// What a client sent.
#[derive(Debug)]
pub(super) struct ClientFrame {
    pub(super) reference: Reference,
    pub(super) ask: Ask,
}

/// What it asks for.
#[derive(Debug)]
pub(super) enum Ask {
    /// Who it is, and the `seq` of the last event it has.
    Hello {
        token: Option<SecretString>,
        cursor: Option<u64>,
    },
    /// To be told who looks at a conversation and who types there, and to be seen there.
    Join(ConversationId),
    Leave(ConversationId),
    /// Its user is typing.
    Typing(ConversationId),
    /// How far it was told.
    Ping,
}

/// The client's own name for a request, given back with the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Reference {
    #[default]
    None,
    Number(i64),
    Text(String),
}

/// A frame that cannot be understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    pub(super) reference: Reference,
    /// Where it went wrong: `frame` if it is no JSON object.
    pub(super) field: &'static str,
}

impl ClientFrame {
    /// Reads a frame. Operations go by their name or by the longer name that older
    /// clients use (`join` is `conversation:join`), arguments stand in the frame or in its
    /// `payload`, and a payload that is a string is a conversation's id.
    pub(super) fn parse(text: &str) -> Result<Self, Malformed> {
        let Ok(Value::Object(mut frame)) = serde_json::from_str(text) else {
            return Err(Malformed {
                reference: Reference::None,
                field: "frame",
            });
        };
        let reference = reference(frame.remove("ref")).ok_or(Malformed {
            reference: Reference::None,
            field: "ref",
        })?;
        match ask(frame) {
            Ok(ask) => Ok(Self { reference, ask }),
            Err(field) => Err(Malformed { reference, field }),
        }
    }
}

fn reference(value: Option<Value>) -> Option<Reference> {
    match value {
        None | Some(Value::Null) => Some(Reference::None),
        Some(Value::Number(number)) => number.as_i64().map(Reference::Number),
        Some(Value::String(text)) if text.len() <= REFERENCE_MAX => Some(Reference::Text(text)),
        Some(_) => None,
    }
}

fn ask(mut frame: Map<String, Value>) -> Result<Ask, &'static str> {
    let name = frame.remove("op").or_else(|| frame.remove("event"));
    let Some(Value::String(name)) = name else {
        return Err("op");
    };
    let mut arguments = match frame.remove("payload") {
        None | Some(Value::Null) => frame,
        Some(Value::Object(payload)) => payload,
        Some(id @ Value::String(_)) => Map::from_iter([("conversation".to_owned(), id)]),
        Some(_) => return Err("payload"),
    };
    match name.as_str() {
        "hello" => Ok(Ask::Hello {
            token: token(arguments.remove("token"))?,
            cursor: cursor(arguments.remove("cursor"))?,
        }),
        "join" | "conversation:join" => conversation(arguments).map(Ask::Join),
        "leave" | "conversation:leave" => conversation(arguments).map(Ask::Leave),
        "typing" => conversation(arguments).map(Ask::Typing),
        "ping" => Ok(Ask::Ping),
        _ => Err("op"),
    }
}

fn token(value: Option<Value>) -> Result<Option<SecretString>, &'static str> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(token)) => Ok(Some(SecretString::from(token))),
        Some(_) => Err("token"),
    }
}

fn cursor(value: Option<Value>) -> Result<Option<u64>, &'static str> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_u64().map(Some).ok_or("cursor"),
    }
}

fn conversation(mut arguments: Map<String, Value>) -> Result<ConversationId, &'static str> {
    let id = ["conversation", "conversation_id", "conversationId"]
        .into_iter()
        .find_map(|name| arguments.remove(name));
    id.as_ref()
        .and_then(Value::as_str)
        .and_then(|id| id.parse().ok())
        .ok_or("conversation")
}

#[derive(Serialize)]
struct Reply<'a, R> {
    v: u8,
    event: &'static str,
    #[serde(rename = "ref")]
    reference: &'a Reference,
    status: &'static str,
    response: R,
}

/// Why an operation was not carried out.
#[derive(Serialize)]
struct Problem<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

/// The answer to hello.
#[derive(Serialize)]
pub(super) struct Welcome {
    /// Newest event of the tenant.
    pub(super) head: u64,
    /// What the client missed cannot be told: it loads everything anew, as of `head`.
    pub(super) resync: bool,
    pub(super) user_id: UserId,
    /// Rights as of now. If they differ from those the client knew, so does what it may see.
    pub(super) role: Role,
    pub(super) departments: Vec<DepartmentId>,
    /// Seconds until the token ends, and the socket with it.
    pub(super) expires_in: u64,
}

/// The answer to ping: the client has been told everything up to here.
#[derive(Serialize)]
pub(super) struct Head {
    pub(super) head: u64,
}

/// The answer to what is about one conversation.
#[derive(Serialize)]
pub(super) struct About {
    conversation_id: ConversationId,
}

impl About {
    pub(super) fn of(conversation_id: ConversationId) -> Self {
        Self { conversation_id }
    }
}

/// The answer to join.
#[derive(Serialize)]
pub(super) struct Joined {
    pub(super) conversation_id: ConversationId,
    /// Who else looks at it; `None` if nobody could tell. Changes are told.
    pub(super) viewers: Option<Vec<UserId>>,
}

/// The answer to an operation that was carried out.
pub(super) fn done(reference: &Reference, response: impl Serialize) -> ByteString {
    text(&Reply {
        v: VERSION,
        event: "reply",
        reference,
        status: "ok",
        response,
    })
}

/// The answer to an operation that was not.
pub(super) fn refused(reference: &Reference, code: &str, message: &str) -> ByteString {
    problem(reference, code, message, None)
}

/// The answer before the greeting, and to a second hello.
pub(super) fn out_of_turn(reference: &Reference) -> ByteString {
    refused(
        reference,
        "out_of_turn",
        "Diga hello uma vez, e antes do resto",
    )
}

/// The answer to a join too many.
pub(super) fn too_many_joined(reference: &Reference) -> ByteString {
    refused(
        reference,
        "too_many_joined",
        "Conversas demais nesta conexão",
    )
}

/// The answer to typing where the client has not joined.
pub(super) fn not_joined(reference: &Reference) -> ByteString {
    refused(reference, "not_joined", "Entre na conversa primeiro")
}

/// The answer to a frame that cannot be understood.
pub(super) fn misunderstood(malformed: &Malformed) -> ByteString {
    let field = Some(malformed.field);
    problem(
        &malformed.reference,
        "invalid_frame",
        "Mensagem inválida",
        field,
    )
}

fn problem(reference: &Reference, code: &str, message: &str, field: Option<&str>) -> ByteString {
    text(&Reply {
        v: VERSION,
        event: "reply",
        reference,
        status: "error",
        response: Problem {
            code,
            message,
            field,
        },
    })
}

/// A frame as text. Nothing that is sent has keys that are no strings, so this cannot fail.
pub(super) fn text(frame: &impl Serialize) -> ByteString {
    serde_json::to_string(frame).unwrap_or_default().into()
}

#[cfg(test)]
mod tests;
