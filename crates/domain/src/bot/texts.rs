//! What the product says to customers unless the tenant says it otherwise: Portuguese, short,
//! and free of promises about time that nothing stands for. `{attendant}` and `{name}` are filled in; see
//! [`crate::tenant::BotTexts`].

use crate::tenant::BotTexts;

/// A person takes control. `{attendant}` is who.
pub const TAKEN_OVER: &str = "Agora você está falando com {attendant}.";
/// A person is asked for, within business hours.
pub const HANDOFF: &str = "Certo! Vou chamar uma pessoa da nossa equipe. Só um momento, por favor.";
/// A person is asked for, outside of business hours.
pub const OUT_OF_HOURS: &str = "Estamos fora do horário de atendimento agora. \
     Seu pedido ficou registrado e responderemos assim que a equipe voltar.";
/// An answer that matches no option.
pub const NOT_UNDERSTOOD: &str = "Desculpe, não entendi a sua resposta.";
/// An input that does not look as it should.
pub const INVALID_INPUT: &str =
    "Essa resposta não parece estar no formato certo. Por favor, confira e envie de novo.";
/// The wait for a person grew long.
pub const WAITING_TOO_LONG: &str = "O atendimento está demorando mais do que gostaríamos, \
     mas você continua na fila. Obrigado pela paciência!";
/// The customer's place in the queue. `{position}` is 1 for the next.
pub const QUEUE_POSITION: &str = "Sua posição na fila: {position}.";
/// The same, where enough is known to guess the wait: it takes at most `{minutes}`, most likely.
pub const QUEUE_ESTIMATE: &str = "Sua posição na fila: {position}. \
     Tempo estimado de espera: até {minutes} minutos.";
/// Control goes to another person or to a department. `{attendant}` is which.
pub const TRANSFERRED: &str = "Seu atendimento foi transferido para {attendant}.";
/// The bot gets control back.
pub const RETURNED_TO_BOT: &str = "Seu atendimento voltou para o assistente virtual.";
/// The attendant did not answer in time.
pub const REQUEUED: &str =
    "Desculpe a demora! Vou chamar outra pessoa da equipe para continuar o seu atendimento.";
/// The session ends. Nothing is said by default.
pub const CLOSED: &str = "";
/// The customer fell silent in front of the bot.
pub const BOT_IDLE: &str = "Encerramos este atendimento porque não tivemos resposta. \
     Quando precisar, é só mandar uma mensagem.";

/// The words on the button that opens a list.
pub const LIST_BUTTON: &str = "Ver opções";
/// Stands for an attendant without a name.
pub const SOMEBODY: &str = "uma pessoa da nossa equipe";

/// An occasion to tell the customer something that is not part of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    TakenOver,
    Handoff,
    OutOfHours,
    NotUnderstood,
    InvalidInput,
    WaitingTooLong,
    QueuePosition,
    QueueEstimate,
    Transferred,
    ReturnedToBot,
    Requeued,
    Closed,
    BotIdle,
}

impl Notice {
    /// The tenant's words for it, else the default's. Empty: nothing is said.
    #[must_use]
    pub fn words(self, texts: &BotTexts) -> &str {
        let (own, default) = match self {
            Self::TakenOver => (&texts.taken_over, TAKEN_OVER),
            Self::Handoff => (&texts.handoff, HANDOFF),
            Self::OutOfHours => (&texts.out_of_hours, OUT_OF_HOURS),
            Self::NotUnderstood => (&texts.not_understood, NOT_UNDERSTOOD),
            Self::InvalidInput => (&texts.invalid_input, INVALID_INPUT),
            Self::WaitingTooLong => (&texts.waiting_too_long, WAITING_TOO_LONG),
            Self::QueuePosition => (&texts.queue_position, QUEUE_POSITION),
            Self::QueueEstimate => (&texts.queue_estimate, QUEUE_ESTIMATE),
            Self::Transferred => (&texts.transferred, TRANSFERRED),
            Self::ReturnedToBot => (&texts.returned_to_bot, RETURNED_TO_BOT),
            Self::Requeued => (&texts.requeued, REQUEUED),
            Self::Closed => (&texts.closed, CLOSED),
            Self::BotIdle => (&texts.bot_idle, BOT_IDLE),
        };
        own.as_deref().unwrap_or(default)
    }
}
