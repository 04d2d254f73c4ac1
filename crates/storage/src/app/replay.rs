//! What is needed to tell whether a conversation's history and its snapshot agree.

use crate::schema::{conversation_state, events};
use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use papo_domain::conversation::{Event, State, decode};
use papo_domain::ports::EventBody;
use papo_domain::{ConversationId, TenantId};
use serde_json::Value;
use uuid::Uuid;

/// A conversation's history and its snapshot, as of one moment.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Every retained fact of the conversation with the version it made, oldest first.
    pub events: Vec<(u64, Event)>,
    /// The snapshot's version.
    pub version: u64,
    pub state: State,
}

#[derive(QueryableByName)]
struct Owner {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
}

impl Database {
    /// Whose a conversation is. Only a pool of the engine's role sees every tenant's; it looks
    /// through all of them, so this is for a person who waits.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn tenant_of(&self, conversation: ConversationId) -> Result<TenantId, DbError> {
        let mut conn = self.connection().await?;
        let sql = "SELECT tenant_id FROM conversation_state WHERE conversation_id = $1 LIMIT 1";
        let found: Owner = diesel::sql_query(sql)
            .bind::<SqlUuid, _>(conversation.0)
            .get_result(&mut *conn)
            .await?;
        Ok(TenantId(found.tenant_id))
    }

    /// Reads history and snapshot in one transaction.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn replay(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
    ) -> Result<Replay, DbError> {
        self.scoped(tenant, async |conn| {
            // Both statements must mean the same moment.
            diesel::sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                .execute(conn)
                .await?;
            let (version, payload): (i64, String) = conversation_state::table
                .find((tenant.0, conversation.0))
                .select((conversation_state::version, conversation_state::payload))
                .first(conn)
                .await?;
            let rows: Vec<(Option<i64>, Value)> = events::table
                .filter(events::tenant_id.eq(tenant.0))
                .filter(events::conversation_id.eq(conversation.0))
                .order(events::seq.asc())
                .select((events::version, events::refs))
                .load(conn)
                .await?;
            let state =
                decode(&payload).map_err(|e| DbError::corrupt("conversation_state.payload", e))?;
            let mut facts = Vec::new();
            for (version, refs) in rows {
                let body: EventBody =
                    serde_json::from_value(refs).map_err(|e| DbError::corrupt("events.refs", e))?;
                if let EventBody::Conversation { event } = body {
                    facts.push((unsigned(version.unwrap_or_default()), event));
                }
            }
            Ok(Replay {
                events: facts,
                version: unsigned(version),
                state,
            })
        })
        .await
    }
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}
