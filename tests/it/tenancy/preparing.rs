//! What an administrator tries before it serves everybody, or throws away.

use super::owner::Owner;
use super::table::{Call, Others};
use anyhow::{Context, Result};
use serde_json::json;

impl Owner {
    pub(super) async fn preparing(&mut self, operation: &str) -> Result<Option<Call>> {
        use Others::{Refused, Theirs};
        let admin = self.tenant.admin.clone();
        let (_, path) = operation.split_once(' ').context("no path")?;
        let at = |id: &str| Call::new(&admin, path.replace("{id}", id), Refused);
        Ok(Some(match operation {
            "get /api/v1/bot/trials" => {
                self.trial().await?;
                Call::new(&admin, path, Theirs)
            }
            "post /api/v1/bot/flows/{id}/try" => {
                let (phone, _) = self.conversation().await?;
                at(&self.flow).body(json!({ "phone": phone.wa_id }))
            }
            "delete /api/v1/bot/flows/{id}" => at(&self.draft().await?),
            "delete /api/v1/bot/flows/{id}/try" => {
                self.trial().await?;
                at(&self.flow)
            }
            "post /api/v1/channels/{id}/test-message" => {
                let (phone, _) = self.conversation().await?;
                at(&self.tenant.channel).body(json!({ "phone": phone.wa_id, "text": "Teste" }))
            }
            "delete /api/v1/engine/jobs/{id}" => at(&self.dead_job().await?.to_string()),
            "delete /api/v1/engine/dead-letters/{id}" => at(&self.dead_letter().await?.to_string()),
            "post /api/v1/bot/flows/dry-run" => {
                let flow = admin.get("/api/v1/bot/flows/active").await?;
                let said = json!({ "flow": flow.get("flow"), "said": [{ "text": "oi" }] });
                Call::new(&admin, path, Theirs).body(said)
            }
            _ => return Ok(None),
        }))
    }
}
