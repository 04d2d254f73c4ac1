//! Calls that carry a secret, with another tenant's in its place.

use super::owner::{Owner, name};
use super::table::{Call, Others, SIGNATURE, SLUG};
use crate::stage::{PASSWORD, Tenant};
use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use papo_test_support::webhook;
use serde_json::{Value, json};

impl Owner {
    /// A call of [`Others::Holder`] with what another tenant holds where the owner's secret was.
    pub(super) async fn forged(
        &self,
        operation: &str,
        call: &Call,
        stranger: &Tenant,
    ) -> Result<Vec<Call>> {
        let (_, path) = operation.split_once(' ').context("no path")?;
        let again = |path: &str| Call::new(&call.user, path, Others::Holder);
        let body = call.body.clone().unwrap_or_default();
        Ok(match operation {
            // The token alone says which number it is; what else belongs to a number does not.
            "get /api/v1/webhooks/whatsapp" => {
                let (ours, theirs) = (&self.tenant.line, &stranger.line);
                let wrong = [&ours.phone_number_id, &ours.app_secret, &theirs.app_secret];
                let with = |token| call.path.replace(&ours.verify_token, token);
                wrong.map(|token| again(&with(token))).into()
            }
            "post /api/v1/webhooks/whatsapp" => {
                let secrets = [&stranger.line.app_secret, &stranger.line.verify_token];
                let bytes = body.to_string();
                let sign = |secret: &String| webhook::signature(secret, bytes.as_bytes());
                let signed = |sign| again(path).body(body.clone()).header(SIGNATURE, sign);
                let forged = secrets.map(|secret| signed(sign(secret)));
                forged
                    .into_iter()
                    .chain([again(path).body(body.clone())])
                    .collect()
            }
            // The owner's Ana at the other tenant and at none, and the other's person here.
            "post /api/v1/auth/login" => {
                let person = stranger.attendant(&name()).await?;
                let email = format!("{}@example.com", person.name);
                let theirs = json!({ "email": email, "password": PASSWORD });
                vec![
                    again(path).body(body.clone()).header(SLUG, &stranger.slug),
                    again(path).body(body),
                    again(path).body(theirs).header(SLUG, &self.tenant.slug),
                ]
            }
            "post /api/v1/auth/refresh-token"
            | "post /api/v1/auth/2fa/verify"
            | "post /api/v1/auth/links/show"
            | "post /api/v1/auth/links/use" => {
                let field = match operation {
                    "post /api/v1/auth/2fa/verify" => "challenge",
                    "post /api/v1/auth/refresh-token" => "refresh_token",
                    _ => "token",
                };
                let token = body.get(field).and_then(Value::as_str);
                let [tenant, login, secret] = parts(token.context("no token")?)?;
                let person = stranger.attendant(&name()).await?;
                let [their_tenant, their_login, their_secret] = parts(&person.refresh_token)?;
                let forged = [
                    [&their_tenant, &login, &secret],
                    [&tenant, &their_login, &their_secret],
                    [&tenant, &login, &their_secret],
                ];
                let token = |parts: [&Vec<u8>; 3]| {
                    let token = URL_SAFE_NO_PAD.encode(parts.map(Vec::as_slice).concat());
                    let mut body = body.clone();
                    if let Some(secret) = body.get_mut(field) {
                        *secret = json!(token);
                    }
                    again(path).body(body)
                };
                forged.map(token).into()
            }
            "get /files/{token}" => links(&call.path, stranger)?.map(|path| again(&path)).into(),
            _ => bail!("nobody knows how to forge it"),
        })
    }
}

/// Another tenant's name in the owner's link to a file, and the link with something after it.
fn links(path: &str, stranger: &Tenant) -> Result<[String; 2]> {
    let (place, token) = path.rsplit_once('/').context("no token")?;
    let mut bytes = URL_SAFE_NO_PAD.decode(token)?;
    bytes
        .get_mut(..16)
        .context("a short token")?
        .copy_from_slice(stranger.uuid().as_bytes());
    let other = URL_SAFE_NO_PAD.encode(&bytes);
    Ok([format!("{place}/{other}"), format!("{path}x")])
}

/// The bytes of a refresh token: 16 name its tenant, 16 its login, and the rest is the secret.
fn parts(token: &str) -> Result<[Vec<u8>; 3]> {
    let mut tenant = URL_SAFE_NO_PAD.decode(token)?;
    ensure!(tenant.len() == 64, "refresh tokens look otherwise now");
    let mut login = tenant.split_off(16);
    let secret = login.split_off(16);
    Ok([tenant, login, secret])
}
