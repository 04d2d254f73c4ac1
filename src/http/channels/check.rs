//! Trying credentials before they are stored: what Graph says of each of them.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::gateway::{InspectError, Inspection, NumberInfo};
use crate::http::extract::Body;
use crate::http::rules;
use crate::limiter::{Allowance, Verdict};
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::Permission;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// Each check is three calls in the name of an app that may be anybody's.
const ALLOWED: Allowance = Allowance {
    most: 20,
    window: Duration::from_secs(60),
};
/// What a token must permit: to send, and to read the account's numbers and templates.
const SCOPES: [&str; 2] = [
    "whatsapp_business_messaging",
    "whatsapp_business_management",
];

/// Credentials to try.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckChannel {
    #[garde(custom(rules::provider_id))]
    #[schema(example = "100000000000001")]
    phone_number_id: String,
    #[garde(custom(rules::provider_id))]
    #[schema(example = "200000000000001")]
    waba_id: String,
    #[garde(custom(rules::credential))]
    #[schema(value_type = String)]
    access_token: SecretString,
}

/// What became of one of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldCheck {
    /// `access_token`, `phone_number_id`, `waba_id` or `scopes`.
    field: &'static str,
    ok: bool,
    /// `token_invalid`, `not_found`, `not_permitted`, `other_account` (the number is not one of
    /// the account's), `scope_missing`, `unreachable` or `refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// Graph's words, or the scopes that are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// The number behind the credentials.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundNumber {
    #[schema(example = "5511900000000")]
    display_phone: Option<String>,
    verified_name: Option<String>,
    #[schema(example = "GREEN")]
    quality: Option<String>,
    #[schema(example = "VERIFIED")]
    verification: Option<String>,
}

/// What Graph says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Checked {
    /// Whether a channel with these credentials would work.
    ok: bool,
    number: Option<FoundNumber>,
    checks: Vec<FieldCheck>,
}

impl FieldCheck {
    fn passed(field: &'static str) -> Self {
        Self {
            field,
            ok: true,
            code: None,
            detail: None,
        }
    }

    fn failed(field: &'static str, code: &'static str, detail: Option<String>) -> Self {
        Self {
            field,
            ok: false,
            code: Some(code),
            detail,
        }
    }

    fn of(field: &'static str, error: &InspectError) -> Self {
        match error {
            InspectError::Token => Self::failed(field, "token_invalid", None),
            InspectError::NotFound => Self::failed(field, "not_found", None),
            InspectError::NotPermitted => Self::failed(field, "not_permitted", None),
            InspectError::Refused { detail, .. } => {
                Self::failed(field, "refused", Some(detail.clone()))
            }
            // The network's words are for the log.
            InspectError::Unreachable(reason) => {
                tracing::warn!(reason, "credentials not checked");
                Self::failed(field, "unreachable", None)
            }
        }
    }
}

impl From<NumberInfo> for FoundNumber {
    fn from(number: NumberInfo) -> Self {
        Self {
            display_phone: number.display_phone_number,
            verified_name: number.verified_name,
            quality: number.quality_rating,
            verification: number.code_verification_status,
        }
    }
}

impl Checked {
    fn of(found: Inspection) -> Self {
        let Inspection {
            number,
            account,
            scopes,
        } = found;
        let bad_token = [
            number.as_ref().err(),
            account.as_ref().err(),
            scopes.as_ref().err(),
        ]
        .contains(&Some(&InspectError::Token));
        let mut checks = vec![match bad_token {
            true => FieldCheck::of("access_token", &InspectError::Token),
            false => FieldCheck::passed("access_token"),
        }];
        checks.push(match &number {
            Ok(_) => FieldCheck::passed("phone_number_id"),
            Err(error) => FieldCheck::of("phone_number_id", error),
        });
        checks.push(match &account {
            Ok(true) => FieldCheck::passed("waba_id"),
            Ok(false) => FieldCheck::failed("waba_id", "other_account", None),
            Err(error) => FieldCheck::of("waba_id", error),
        });
        checks.push(match &scopes {
            Ok(held) => missing(held),
            Err(error) => FieldCheck::of("scopes", error),
        });
        Self {
            ok: checks.iter().all(|check| check.ok),
            number: number.ok().map(FoundNumber::from),
            checks,
        }
    }
}

fn missing(held: &[String]) -> FieldCheck {
    let lacking = |scope: &&&str| !held.iter().any(|held| held == **scope);
    let lacking: Vec<&str> = SCOPES.iter().filter(lacking).copied().collect();
    if lacking.is_empty() {
        FieldCheck::passed("scopes")
    } else {
        FieldCheck::failed("scopes", "scope_missing", Some(lacking.join(", ")))
    }
}

/// Tries credentials at Graph, live. Nothing is stored, and nothing is sent to anybody.
#[utoipa::path(
    tag = "channels",
    request_body = CheckChannel,
    responses(
        (status = 200, description = "What Graph says of each", body = Checked),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
        (status = 429, description = "Too many checks", body = ErrorBody),
    )
)]
#[post("/channels/check")]
pub(crate) async fn check_channel(
    app: web::Data<AppState>,
    user: CurrentUser,
    body: Body<CheckChannel>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::WhatsappConfig)?;
    let tenant = user.tenant()?;
    let key = format!("channel-check:{tenant}");
    if let Verdict::Exceeded { retry_after } = app.limiter.count(&key, ALLOWED).await {
        return Err(ApiError::TooMany { retry_after });
    }
    let CheckChannel {
        phone_number_id,
        waba_id,
        access_token,
    } = body.value;
    let inspected = app.gateway.inspect(phone_number_id, access_token, waba_id);
    let found = inspected.await;
    Ok(HttpResponse::Ok().json(Checked::of(found)))
}

#[cfg(test)]
mod tests {
    use super::Checked;
    use crate::gateway::{InspectError, Inspection};

    fn told(found: Inspection) -> Vec<(&'static str, Option<&'static str>)> {
        let checked = Checked::of(found);
        assert_eq!(checked.ok, checked.checks.iter().all(|check| check.ok));
        let checks = checked.checks.into_iter();
        checks.map(|check| (check.field, check.code)).collect()
    }

    #[test]
    fn each_field_is_told_what_is_wrong_with_it() {
        let scopes = |names: &[&str]| Ok(names.iter().map(|name| (*name).to_owned()).collect());
        let found = Inspection {
            number: Err(InspectError::NotFound),
            account: Ok(false),
            scopes: scopes(&["whatsapp_business_messaging", "email"]),
        };
        assert_eq!(
            told(found),
            [
                ("access_token", None),
                ("phone_number_id", Some("not_found")),
                ("waba_id", Some("other_account")),
                ("scopes", Some("scope_missing")),
            ]
        );
        let found = Inspection {
            number: Err(InspectError::Token),
            account: Err(InspectError::Unreachable("reset".to_owned())),
            scopes: Err(InspectError::NotPermitted),
        };
        assert_eq!(
            told(found),
            [
                ("access_token", Some("token_invalid")),
                ("phone_number_id", Some("token_invalid")),
                ("waba_id", Some("unreachable")),
                ("scopes", Some("not_permitted")),
            ]
        );
    }
}
