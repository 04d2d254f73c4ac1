//! The table itself: every failure's status, code and words, read top to bottom. Some wordings are
//! known to existing clients and stay as they are.

mod rejections;

use super::{ApiError, AuthFault, Entry, TwoFactorFault};
use actix_web::http::StatusCode;
use papo_domain::conversation::Rejection;
use papo_domain::media::MediaRefusal;
use papo_domain::ports::CustomerRefusal;
use rejections::rejected;

const fn entry(
    status: StatusCode,
    code: &'static str,
    portuguese: &'static str,
    english: &'static str,
) -> Entry {
    Entry {
        status,
        code,
        portuguese,
        english,
    }
}

const BAD_SIGNATURE: Entry = entry(
    StatusCode::UNAUTHORIZED,
    "signature_invalid",
    "Assinatura inválida",
    "Invalid signature",
);
const MFA_REQUIRED: Entry = entry(
    StatusCode::UNAUTHORIZED,
    "mfa_required",
    "Informe o código do aplicativo autenticador",
    "Enter the code of your authenticator app",
);
const MUST_SET_UP_TWO_FACTOR: Entry = entry(
    StatusCode::FORBIDDEN,
    "two_factor_setup_required",
    "Sua empresa exige a verificação em duas etapas: configure-a para continuar",
    "Your company requires two-factor authentication: set it up to go on",
);
const FORBIDDEN: Entry = entry(
    StatusCode::FORBIDDEN,
    "forbidden",
    "Sem permissão",
    "Not allowed",
);
const LINK_INVALID: Entry = entry(
    StatusCode::NOT_FOUND,
    "link_invalid",
    "Este link não vale mais; peça um novo a quem administra sua conta",
    "This link is no longer valid; ask your administrator for a new one",
);
const FOREIGN_ORIGIN: Entry = entry(
    StatusCode::FORBIDDEN,
    "foreign_origin",
    "Origem não permitida",
    "Origin not allowed",
);
const NOT_FOUND: Entry = entry(
    StatusCode::NOT_FOUND,
    "not_found",
    "Não encontrado",
    "Not found",
);
const TENANT_NOT_FOUND: Entry = entry(
    StatusCode::NOT_FOUND,
    "tenant_not_found",
    "Tenant not found",
    "Tenant not found",
);
const TENANT_REQUIRED: Entry = entry(
    StatusCode::BAD_REQUEST,
    "tenant_required",
    "Informe a empresa no cabeçalho X-Tenant-Slug",
    "Name the tenant in the header X-Tenant-Slug",
);
const UNREADABLE: Entry = entry(
    StatusCode::BAD_REQUEST,
    "unreadable",
    "Requisição inválida",
    "Invalid request",
);
const INVALID: Entry = entry(
    StatusCode::UNPROCESSABLE_ENTITY,
    "invalid_input",
    "Dados inválidos",
    "Invalid input data",
);
const TAKEN: Entry = entry(
    StatusCode::CONFLICT,
    "taken",
    "Valor já em uso",
    "The value is taken",
);
const TRIAL_ENDED: Entry = entry(
    StatusCode::FORBIDDEN,
    "trial_ended",
    "O período de teste terminou. Fale conosco para continuar usando o Papo.",
    "The trial is over. Get in touch to go on using Papo.",
);
const QUOTA_EXCEEDED: Entry = entry(
    StatusCode::CONFLICT,
    "quota_exceeded",
    "O plano da empresa não permite mais; fale conosco para ampliá-lo",
    "The company's plan allows no more; get in touch to extend it",
);
const LAST_ADMIN: Entry = entry(
    StatusCode::CONFLICT,
    "last_admin",
    "Esta é a última pessoa que administra a empresa; promova outra antes",
    "Nobody else administers the company; promote somebody first",
);
const MEDIA_STATE: Entry = entry(
    StatusCode::CONFLICT,
    "media_state",
    "O estado do arquivo não permite isso",
    "The state of the file does not allow this",
);
const MEDIA_TYPE: Entry = entry(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "media_type",
    "O WhatsApp não aceita este tipo de arquivo aqui; envie como documento",
    "WhatsApp does not take this type of file here; send it as a document",
);
const MEDIA_SIZE: Entry = entry(
    StatusCode::PAYLOAD_TOO_LARGE,
    "media_too_large",
    "O arquivo é maior do que o WhatsApp aceita",
    "The file is larger than WhatsApp takes",
);
const MEDIA_EMPTY: Entry = entry(
    StatusCode::UNPROCESSABLE_ENTITY,
    "media_empty",
    "O arquivo está vazio",
    "The file is empty",
);
const RANGE: Entry = entry(
    StatusCode::RANGE_NOT_SATISFIABLE,
    "range_not_satisfiable",
    "O trecho pedido não existe no arquivo",
    "The file has nothing in this range",
);
const STALE: Entry = entry(
    StatusCode::CONFLICT,
    "stale",
    "Alterado por outra pessoa; carregue novamente",
    "Changed by someone else; load it again",
);
const RETIRED: Entry = entry(
    StatusCode::CONFLICT,
    "channel_retired",
    "O canal foi excluído; cadastre-o novamente",
    "The channel was deleted; register it again",
);
const FLOW_SERVES: Entry = entry(
    StatusCode::CONFLICT,
    "flow_serves",
    "Este fluxo está em uso; publique outro antes de excluí-lo",
    "This flow is in use; publish another one before deleting it",
);
const SCHEDULE_ENDED: Entry = entry(
    StatusCode::CONFLICT,
    "schedule_ended",
    "A mensagem agendada já foi enviada ou cancelada",
    "The scheduled message was sent or cancelled already",
);
const CUSTOMER_MERGED: Entry = entry(
    StatusCode::CONFLICT,
    "customer_merged",
    "O cadastro deste cliente foi unido a outro",
    "This customer's record is part of another one",
);
const MERGE_UNDONE: Entry = entry(
    StatusCode::CONFLICT,
    "merge_undone",
    "A união já foi desfeita",
    "The merge was undone already",
);
const MERGED_ON: Entry = entry(
    StatusCode::CONFLICT,
    "merged_on",
    "O cadastro foi unido a outro depois; desfaça primeiro essa união",
    "The record was merged into another one since; undo that merge first",
);
const KEY_REUSED: Entry = entry(
    StatusCode::UNPROCESSABLE_ENTITY,
    "idempotency_key_reused",
    "Idempotency-Key já usada em outra requisição",
    "The Idempotency-Key was used for another request",
);
const UNSUPPORTED_MEDIA_TYPE: Entry = entry(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_media_type",
    "Envie application/json, sem compressão",
    "Send application/json, not compressed",
);
const SLOW: Entry = entry(
    StatusCode::REQUEST_TIMEOUT,
    "body_timeout",
    "O corpo da requisição não chegou a tempo",
    "The body did not arrive in time",
);
const TOO_LARGE: Entry = entry(
    StatusCode::PAYLOAD_TOO_LARGE,
    "too_large",
    "Requisição grande demais",
    "The request is too large",
);
const TOO_MANY: Entry = entry(
    StatusCode::TOO_MANY_REQUESTS,
    "rate_limited",
    "Muitas tentativas. Tente novamente mais tarde.",
    "Rate limit exceeded",
);
const BUSY: Entry = entry(
    StatusCode::SERVICE_UNAVAILABLE,
    "busy",
    "Ocupado; tente novamente",
    "Busy; try again",
);
const UNAVAILABLE: Entry = entry(
    StatusCode::SERVICE_UNAVAILABLE,
    "unavailable",
    "Indisponível no momento; tente novamente",
    "Unavailable at the moment; try again",
);
const TIMEOUT: Entry = entry(
    StatusCode::GATEWAY_TIMEOUT,
    "timeout",
    "Sem resposta a tempo; repita com a mesma Idempotency-Key",
    "No answer in time; repeat with the same Idempotency-Key",
);
const UNKNOWN: Entry = entry(
    StatusCode::GATEWAY_TIMEOUT,
    "outcome_unknown",
    "Não se sabe se foi feito; repita com a mesma Idempotency-Key",
    "It is not known whether it was done; repeat with the same Idempotency-Key",
);
const INTERNAL: Entry = entry(
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal",
    "Erro interno",
    "Internal error",
);

impl ApiError {
    pub(crate) fn entry(&self) -> Entry {
        match self {
            Self::Unauthenticated(fault) => unauthenticated(*fault),
            Self::Rejected(rejection) => rejected(rejection),
            Self::Led { by, .. } => rejected(&Rejection::AssignedToAnother { by: Some(*by) }),
            Self::Moved { last_seq, .. } => rejected(&Rejection::ConversationMoved {
                last_seq: *last_seq,
            }),
            Self::WindowClosed { since, .. } => {
                rejected(&Rejection::WindowClosed { since: *since })
            }
            Self::Customer(refusal) => customer(*refusal),
            Self::MfaRequired { .. } => MFA_REQUIRED,
            Self::TwoFactor(fault) => two_factor(*fault),
            Self::MustSetUpTwoFactor => MUST_SET_UP_TWO_FACTOR,
            Self::BadSignature => BAD_SIGNATURE,
            Self::Forbidden => FORBIDDEN,
            Self::LinkInvalid => LINK_INVALID,
            Self::ForeignOrigin => FOREIGN_ORIGIN,
            Self::NotFound => NOT_FOUND,
            Self::TenantNotFound => TENANT_NOT_FOUND,
            Self::TenantRequired => TENANT_REQUIRED,
            Self::Unreadable(_) => UNREADABLE,
            Self::Invalid(_) => INVALID,
            Self::MediaState(_) => MEDIA_STATE,
            Self::MediaRefused(MediaRefusal::Type(_)) => MEDIA_TYPE,
            Self::MediaRefused(MediaRefusal::Size(_)) => MEDIA_SIZE,
            Self::MediaRefused(MediaRefusal::Empty) => MEDIA_EMPTY,
            Self::Range { .. } => RANGE,
            Self::Taken(_) => TAKEN,
            Self::TrialEnded => TRIAL_ENDED,
            Self::QuotaExceeded(_) => QUOTA_EXCEEDED,
            Self::LastAdmin => LAST_ADMIN,
            Self::Stale => STALE,
            Self::Retired => RETIRED,
            Self::FlowServes => FLOW_SERVES,
            Self::ScheduleEnded => SCHEDULE_ENDED,
            Self::KeyReused => KEY_REUSED,
            Self::UnsupportedMediaType => UNSUPPORTED_MEDIA_TYPE,
            Self::Slow => SLOW,
            Self::TooLarge => TOO_LARGE,
            Self::TooMany { .. } => TOO_MANY,
            Self::Busy => BUSY,
            Self::Unavailable { .. } => UNAVAILABLE,
            Self::Timeout => TIMEOUT,
            Self::Unknown => UNKNOWN,
            Self::Internal(_) => INTERNAL,
        }
    }
}

fn unauthenticated(fault: AuthFault) -> Entry {
    let (code, portuguese, english) = match fault {
        AuthFault::Missing => ("token_missing", "Token não fornecido", "No token given"),
        AuthFault::Invalid => ("token_invalid", "Token inválido", "Invalid token"),
        AuthFault::Expired => ("token_expired", "Token expirado", "Token expired"),
        AuthFault::Ended => ("not_authenticated", "Não autenticado", "Not authenticated"),
        AuthFault::Credentials => (
            "invalid_credentials",
            "Credenciais inválidas",
            "Invalid credentials",
        ),
        AuthFault::Refresh => (
            "refresh_token_invalid",
            "Token inválido ou expirado",
            "Invalid or expired token",
        ),
        AuthFault::Challenge => (
            "challenge_invalid",
            "A verificação expirou; entre novamente",
            "The verification has expired; log in again",
        ),
        AuthFault::Code => ("code_invalid", "Código inválido", "Invalid code"),
    };
    entry(StatusCode::UNAUTHORIZED, code, portuguese, english)
}

fn customer(refusal: CustomerRefusal) -> Entry {
    match refusal {
        CustomerRefusal::NotFound => NOT_FOUND,
        CustomerRefusal::Merged { .. } => CUSTOMER_MERGED,
        CustomerRefusal::Undone => MERGE_UNDONE,
        CustomerRefusal::MergedOn { .. } => MERGED_ON,
    }
}

fn two_factor(fault: TwoFactorFault) -> Entry {
    let (code, portuguese, english) = match fault {
        TwoFactorFault::On => (
            "two_factor_on",
            "A verificação em duas etapas já está ativa",
            "Two-factor authentication is on already",
        ),
        TwoFactorFault::Off => (
            "two_factor_off",
            "A verificação em duas etapas não está ativa",
            "Two-factor authentication is not on",
        ),
        TwoFactorFault::Required => (
            "two_factor_required",
            "Sua empresa exige a verificação em duas etapas",
            "Your company requires two-factor authentication",
        ),
    };
    entry(StatusCode::CONFLICT, code, portuguese, english)
}
