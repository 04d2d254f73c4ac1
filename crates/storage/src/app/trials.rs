//! Flows that one customer has before all others do, for a while.

use crate::schema::{bot_flows, bot_trials, customer_aliases};
use crate::{Database, DbError};
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, dsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::ports::Alias;
use papo_domain::{CustomerId, TenantId, Timestamp, UserId};
use uuid::Uuid;

/// The most trials of a tenant at once: each is in the tenant's memory with its flow.
pub const TRIALS_MAX: i64 = 20;

/// A trial as it shall be.
#[derive(Clone, Copy, Debug)]
pub struct NewTrial {
    pub flow: Uuid,
    /// Takes the place of another trial of this customer.
    pub customer: CustomerId,
    pub by: UserId,
    pub minutes: u32,
}

/// A trial that is running.
#[derive(Clone, Debug, QueryableByName)]
pub struct TrialRecord {
    #[diesel(sql_type = SqlUuid)]
    pub flow_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub customer_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub customer_name: Option<String>,
    /// As the provider spells it; `None` once it is erased.
    #[diesel(sql_type = Nullable<Text>)]
    pub phone: Option<String>,
    #[diesel(sql_type = SqlUuid)]
    pub started_by: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub since: Timestamp,
    #[diesel(sql_type = Timestamptz)]
    pub until: Timestamp,
}

const RUNNING: &str = "
SELECT b.flow_id, b.customer_id, c.name AS customer_name,
       (SELECT min(a.value) FROM customer_aliases a
        WHERE a.tenant_id = b.tenant_id AND a.customer_id = b.customer_id AND a.kind = 'wa_id') AS phone,
       b.started_by, b.since, b.until
FROM bot_trials b JOIN customers c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id
WHERE b.tenant_id = $1 AND b.until > now()
ORDER BY b.since, b.customer_id";

/// Begins anew where there is one already. Those that have long been over go on the way.
const BEGIN: &str = "
WITH gone AS (
    DELETE FROM bot_trials WHERE tenant_id = $1 AND customer_id <> $2
        AND until < now() - interval '1 day'
)
INSERT INTO bot_trials (tenant_id, customer_id, flow_id, started_by, until)
VALUES ($1, $2, $3, $4, now() + make_interval(mins => $5))
ON CONFLICT (tenant_id, customer_id) DO UPDATE
SET flow_id = excluded.flow_id, started_by = excluded.started_by, since = excluded.since,
    until = excluded.until";

async fn running(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
) -> Result<Vec<TrialRecord>, DbError> {
    let query = diesel::sql_query(RUNNING).bind::<SqlUuid, _>(tenant.0);
    Ok(query.load(conn).await?)
}

impl Database {
    /// Whose name that is, if the tenant knows it.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn customer_known_as(
        &self,
        tenant: TenantId,
        alias: &Alias,
    ) -> Result<Option<CustomerId>, DbError> {
        let key = (tenant.0, alias.kind.name(), alias.key());
        self.scoped(tenant, async |conn| {
            let found: Option<Uuid> = customer_aliases::table
                .find(key)
                .select(customer_aliases::customer_id)
                .first(conn)
                .await
                .optional()?;
            Ok(found.map(CustomerId))
        })
        .await
    }

    /// Begins a trial; `None` if there are [`TRIALS_MAX`] already.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if there is no such flow; and others.
    pub async fn begin_trial(
        &self,
        tenant: TenantId,
        new: &NewTrial,
    ) -> Result<Option<TrialRecord>, DbError> {
        let minutes = i32::try_from(new.minutes).unwrap_or(i32::MAX);
        self.scoped(tenant, async |conn| {
            bot_flows::table
                .find((tenant.0, new.flow))
                .select(bot_flows::id)
                .first::<Uuid>(conn)
                .await?;
            let others = running(conn, tenant).await?;
            let others = others.iter().filter(|t| t.customer_id != new.customer.0);
            if i64::try_from(others.count()).unwrap_or(i64::MAX) >= TRIALS_MAX {
                return Ok(None);
            }
            diesel::sql_query(BEGIN)
                .bind::<SqlUuid, _>(tenant.0)
                .bind::<SqlUuid, _>(new.customer.0)
                .bind::<SqlUuid, _>(new.flow)
                .bind::<SqlUuid, _>(new.by.0)
                .bind::<Integer, _>(minutes)
                .execute(conn)
                .await?;
            let ours = running(conn, tenant).await?;
            let ours = ours.into_iter().find(|t| t.customer_id == new.customer.0);
            ours.map(Some).ok_or(DbError::NotFound)
        })
        .await
    }

    /// Ends the trials of a flow.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if there is no such flow; and others.
    pub async fn end_trials(&self, tenant: TenantId, flow: Uuid) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            bot_flows::table
                .find((tenant.0, flow))
                .select(bot_flows::id)
                .first::<Uuid>(conn)
                .await?;
            let its = bot_trials::table
                .filter(bot_trials::tenant_id.eq(tenant.0))
                .filter(bot_trials::flow_id.eq(flow))
                .filter(bot_trials::until.gt(dsl::now));
            diesel::update(its)
                .set(bot_trials::until.eq(dsl::now))
                .execute(conn)
                .await?;
            Ok(())
        })
        .await
    }

    /// The trials that are running, the oldest first.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_trials(&self, tenant: TenantId) -> Result<Vec<TrialRecord>, DbError> {
        self.scoped(tenant, async |conn| running(conn, tenant).await)
            .await
    }
}
