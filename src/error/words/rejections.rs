//! Rules of a conversation that were broken, in words.

use super::entry;
use crate::error::Entry;
use actix_web::http::StatusCode;
use papo_domain::conversation::Rejection;

/// Status, Portuguese, English.
type Words = (StatusCode, &'static str, &'static str);

const OFFERED_TO_ANOTHER: Words = (
    StatusCode::CONFLICT,
    "O pedido está sendo oferecido a outro atendente",
    "The request is being offered to another attendant",
);
const OFFER_ENDED: Words = (
    StatusCode::CONFLICT,
    "Esta oferta não está mais aberta",
    "This offer is not open any more",
);
const AT_CAPACITY: Words = (
    StatusCode::CONFLICT,
    "O atendente já tem todas as conversas que pode atender",
    "The attendant has as many conversations as they may",
);
const ATTENDANT_AWAY: Words = (
    StatusCode::CONFLICT,
    "O atendente está ausente",
    "The attendant is away",
);
const SKILLS_MISSING: Words = (
    StatusCode::CONFLICT,
    "O atendente não tem as habilidades que o pedido exige",
    "The attendant lacks skills that the request needs",
);

pub(super) fn rejected(rejection: &Rejection) -> Entry {
    let conflict = StatusCode::CONFLICT;
    let unacceptable = StatusCode::UNPROCESSABLE_ENTITY;
    let (status, portuguese, english): Words = match rejection {
        Rejection::NotInHumanMode => (
            conflict,
            "Assuma o atendimento para enviar mensagens",
            "Take the conversation over to send messages",
        ),
        Rejection::AssignedToAnother { .. } => (
            conflict,
            "Outro atendente conduz esta conversa",
            "Another attendant leads this conversation",
        ),
        Rejection::ConversationMoved { .. } => (
            conflict,
            "Chegou uma mensagem nova; leia antes de enviar",
            "Something new was said; read it before you send",
        ),
        Rejection::NotWaiting => (
            conflict,
            "A conversa não está aguardando atendimento",
            "The conversation is not waiting for a person",
        ),
        Rejection::OfferedToAnother { .. } => OFFERED_TO_ANOTHER,
        Rejection::OfferEnded => OFFER_ENDED,
        Rejection::AtCapacity { .. } => AT_CAPACITY,
        Rejection::AttendantAway { .. } => ATTENDANT_AWAY,
        Rejection::SkillsMissing { .. } => SKILLS_MISSING,
        Rejection::AlreadyWithBot => (
            conflict,
            "O bot já conduz esta conversa",
            "The bot leads this conversation already",
        ),
        Rejection::AlreadyClosed => (
            conflict,
            "A conversa está encerrada",
            "The conversation is closed",
        ),
        Rejection::NotClosed => (
            conflict,
            "Só conversas encerradas podem ser arquivadas",
            "Only closed conversations can be archived",
        ),
        Rejection::Quarantined => (
            conflict,
            "A conversa está em quarentena",
            "The conversation is in quarantine",
        ),
        Rejection::NotQuarantined => (
            conflict,
            "A conversa não está em quarentena",
            "The conversation is not in quarantine",
        ),
        Rejection::WindowClosed { .. } => (
            unacceptable,
            "A janela de 24 horas está fechada",
            "The 24-hour service window is closed",
        ),
        Rejection::UnknownDepartment => (
            unacceptable,
            "Departamento desconhecido",
            "Unknown department",
        ),
        Rejection::Content(_) => (
            unacceptable,
            "O WhatsApp não aceita este conteúdo",
            "WhatsApp does not accept this content",
        ),
        Rejection::Invalid { .. } => (unacceptable, "Dados inválidos", "Invalid input data"),
    };
    entry(status, rejection.code(), portuguese, english)
}
