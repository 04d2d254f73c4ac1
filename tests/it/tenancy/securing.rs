//! How to make the operations succeed that keep accounts safe.

use super::owner::Owner;
use super::table::{Call, Others, SLUG};
use crate::stage::{Authenticator, PASSWORD, secure, text};
use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};

/// Enough of a picture.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

impl Owner {
    /// Second factors, logins.
    pub(super) async fn securing(&mut self, operation: &str) -> Result<Option<Call>> {
        use Others::{Holder, Refused, Themselves, Unproved};
        let (_, path) = operation.split_once(' ').context("no path")?;
        let spare = async || self.spare_user().await;
        let sessions = "/api/v1/auth/sessions";
        Ok(Some(match operation {
            "post /api/v1/auth/2fa/setup" => {
                Call::new(&spare().await?, path, Themselves).body(json!({ "password": PASSWORD }))
            }
            "get /api/v1/auth/sessions" | "delete /api/v1/auth/sessions" => {
                Call::new(&spare().await?, path, Themselves)
            }
            "delete /api/v1/auth/sessions/{id}" => {
                let user = spare().await?;
                let found = user.get(sessions).await?;
                let id = text(found.pointer("/data/0").context("no login")?, "id")?;
                Call::new(&user, path.replace("{id}", &id), Refused)
            }
            "post /api/v1/auth/2fa/enable" => {
                let user = spare().await?;
                let password = json!({ "password": PASSWORD });
                let setup = user.post("/api/v1/auth/2fa/setup", password).await?;
                let code = Authenticator::scan(&setup.expect(200)?)?.code()?;
                Call::new(&user, path, Unproved).body(json!({ "code": code }))
            }
            "post /api/v1/auth/2fa/disable" => {
                let user = spare().await?;
                let code = secure(&user).await?.0.code()?;
                let body = json!({ "password": PASSWORD, "code": code });
                Call::new(&user, path, Unproved).body(body)
            }
            "post /api/v1/auth/2fa/recovery-codes" => {
                let user = spare().await?;
                let code = secure(&user).await?.0.code()?;
                Call::new(&user, path, Unproved).body(json!({ "code": code }))
            }
            "delete /api/v1/users/{id}/2fa" => {
                let user = spare().await?;
                secure(&user).await?;
                let path = path.replace("{id}", &user.id);
                Call::new(&self.tenant.admin, path, Refused)
            }
            "post /api/v1/users/{id}/password-reset-link" => {
                let path = path.replace("{id}", &self.ana.id);
                Call::new(&self.tenant.admin, path, Refused)
            }
            "post /api/v1/auth/links/show" => {
                let body = json!({ "token": self.link().await? });
                Call::new(&self.ana, path, Holder).body(body)
            }
            "post /api/v1/auth/links/use" => {
                let body = json!({ "token": self.link().await?, "password": PASSWORD });
                Call::new(&self.ana, path, Holder).body(body)
            }
            "post /api/v1/auth/2fa/verify" => {
                let user = spare().await?;
                let (_, codes) = secure(&user).await?;
                let email = format!("{}@example.com", user.name);
                let login = json!({ "email": email, "password": PASSWORD });
                let slug = [(SLUG, self.tenant.slug.as_str())];
                let path_of_login = "/api/v1/auth/login";
                let api = &self.tenant.api;
                let owed = api.call(Method::POST, path_of_login, &slug, Some(&login));
                let owed = owed.await?.body;
                let details = owed.get("details").context("no details")?;
                let challenge = text(details, "challenge")?;
                let code = codes.first().context("no codes")?;
                let body = json!({ "challenge": challenge, "recovery_code": code });
                Call::new(&user, path, Holder).body(body)
            }
            _ => return self.describing(operation).await,
        }))
    }

    /// Profiles.
    async fn describing(&self, operation: &str) -> Result<Option<Call>> {
        use Others::{Refused, Theirs, Themselves};
        let (_, path) = operation.split_once(' ').context("no path")?;
        let spare = async || self.spare_user().await;
        Ok(Some(match operation {
            "get /api/v1/tenants/{id}/usage" => {
                let path = path.replace("{id}", &self.tenant.id);
                Call::new(&self.tenant.admin, path, Refused)
            }
            "post /api/v1/channels/check" => {
                let line = &self.tenant.line;
                Call::new(&self.tenant.admin, path, Theirs).body(json!({
                    "phone_number_id": line.phone_number_id,
                    "waba_id": line.waba_id,
                    "access_token": line.access_token,
                }))
            }
            "put /api/v1/bot/config/{key}" => {
                let path = path.replace("{key}", "max_misses");
                Call::new(&self.tenant.admin, path, Theirs).body(json!({ "value": 3 }))
            }
            "get /api/v1/bot/config" => {
                // By a word of the owner's own.
                let word = "/api/v1/bot/config/handoff_keywords";
                let ours = json!({ "value": [self.tenant.slug] });
                self.tenant.admin.put(word, ours).await?.expect(200)?;
                Call::new(&self.tenant.admin, path, Theirs)
            }
            "post /api/v1/bot/flows/{id}/publish" => {
                let path = path.replace("{id}", &self.flow);
                Call::new(&self.tenant.admin, path, Refused)
            }
            "get /api/v1/audit/events" => Call::new(&self.tenant.admin, path, Theirs),
            "get /api/v1/me" => Call::new(&self.tenant.admin, path, Theirs),
            "patch /api/v1/me" => Call::new(&spare().await?, path, Themselves)
                .body(json!({ "full_name": "Outro Nome", "preferences": { "sound": false } })),
            "put /api/v1/me/avatar" => Call::new(&spare().await?, path, Themselves).bytes(PNG),
            "delete /api/v1/me/avatar" => Call::new(&spare().await?, path, Themselves),
            "get /api/v1/users/{id}/avatar" => {
                let user = spare().await?;
                let own = "/api/v1/me/avatar";
                let put = user.upload(Method::PUT, own, &[], PNG.to_vec());
                put.await?.expect(200)?;
                Call::new(&self.ana, path.replace("{id}", &user.id), Refused)
            }
            _ => return Ok(None),
        }))
    }

    /// The token of a link to choose a password by.
    async fn link(&self) -> Result<String> {
        let user = self.spare_user().await?;
        let path = format!("/api/v1/users/{}/password-reset-link", user.id);
        let made = self.tenant.admin.post(&path, Value::Null).await?;
        let url = text(&made.expect(201)?, "url")?;
        let (_, token) = url.split_once('#').context("no token")?;
        Ok(token.to_owned())
    }
}
