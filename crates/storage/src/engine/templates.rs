//! Accounts that were not asked for their message templates for a day.

use crate::engine::fault::Fault;
use crate::engine::statement::Row;
use crate::engine::store::PgEngineStore;
use papo_domain::TenantId;
use papo_domain::ports::StoreError;

const DUE: &str = "
SELECT DISTINCT c.tenant_id, c.waba_id
FROM unnest($1::smallint[]) AS u(shard)
JOIN tenants t ON t.shard = u.shard
JOIN channels c ON c.tenant_id = t.tenant_id AND c.is_active AND c.driver = 'meta'
               AND c.waba_id IS NOT NULL AND c.access_token_enc IS NOT NULL
LEFT JOIN template_accounts a ON a.tenant_id = c.tenant_id AND a.waba_id = c.waba_id
WHERE a.asked_at IS NULL OR a.asked_at < now() - interval '1 day'";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[DUE];

/// A business account with channels that may ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateAccount {
    pub tenant: TenantId,
    pub waba_id: String,
}

impl PgEngineStore {
    /// Accounts of this node's tenants that were not asked for their templates for a day.
    ///
    /// # Errors
    /// The database is away.
    pub async fn accounts_to_ask(&self) -> Result<Vec<TemplateAccount>, StoreError> {
        let held = self.held_shards();
        let shards: Vec<i16> = held.into_iter().map(|shard| i16::from(shard.0)).collect();
        let rows = self.readers().query(DUE, &[&shards]).await?;
        let account = |row: &Row| {
            Ok(TemplateAccount {
                tenant: TenantId(row.try_get(0)?),
                waba_id: row.try_get(1)?,
            })
        };
        let all: Result<_, Fault> = rows.iter().map(account).collect();
        Ok(all?)
    }
}
