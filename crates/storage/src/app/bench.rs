//! Rows for load tests, made set-based and any number of times. Two roles are needed: people and
//! channels are the HTTP side's to write, conversations the engine's.

use crate::{Database, DbError};
use diesel::sql_types::{Array, Binary, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use papo_domain::{ConversationId, CustomerId, MessageId, Role, TenantId, Timestamp, UserId};
use uuid::Uuid;

/// Someone who serves in a load test, with a login that is already open.
#[derive(Clone, Debug)]
pub struct BenchAttendant {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Family and token of the login.
    pub session: Uuid,
}

/// A conversation of a load test.
#[derive(Clone, Debug)]
pub struct BenchConversation {
    pub id: ConversationId,
    pub customer: CustomerId,
    pub name: String,
    pub phone: String,
    /// The key of the phone number as an alias.
    pub key: String,
    pub attendant: UserId,
    /// Its only message.
    pub message: MessageId,
    pub text: String,
    /// The snapshot.
    pub payload: String,
    pub epoch: i64,
}

impl Database {
    /// Creates attendants where they are missing, and keeps their logins open for `days`.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn bench_attendants(
        &self,
        tenant: TenantId,
        attendants: &[BenchAttendant],
        password_hash: &str,
        days: i32,
    ) -> Result<(), DbError> {
        let ids: Vec<Uuid> = attendants.iter().map(|a| a.id.0).collect();
        let emails: Vec<&str> = attendants.iter().map(|a| a.email.as_str()).collect();
        let names: Vec<&str> = attendants.iter().map(|a| a.name.as_str()).collect();
        let roles: Vec<&str> = attendants.iter().map(|a| a.role.name()).collect();
        let sessions: Vec<Uuid> = attendants.iter().map(|a| a.session).collect();
        self.scoped(tenant, async |conn| {
            diesel::sql_query(
                "INSERT INTO users (tenant_id, id, email, full_name, role, password_hash)
                 SELECT $1, u.id, u.email, u.name, u.role, $6
                 FROM unnest($2, $3, $4, $5) AS u(id, email, name, role)
                 ON CONFLICT DO NOTHING",
            )
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<Array<SqlUuid>, _>(&ids)
            .bind::<Array<Text>, _>(emails)
            .bind::<Array<Text>, _>(names)
            .bind::<Array<Text>, _>(roles)
            .bind::<Text, _>(password_hash)
            .execute(conn)
            .await?;
            // A digest that no token has: the login cannot be renewed, only used.
            diesel::sql_query(
                "INSERT INTO refresh_tokens (tenant_id, id, family, user_id, token_hash, expires_at)
                 SELECT $1, u.session, u.session, u.id, $4, now() + $5 * interval '1 day'
                 FROM unnest($2, $3) AS u(id, session)
                 ON CONFLICT (tenant_id, id)
                 DO UPDATE SET expires_at = excluded.expires_at, revoked_at = NULL",
            )
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<Array<SqlUuid>, _>(sessions)
            .bind::<Binary, _>(&b"bench"[..])
            .bind::<diesel::sql_types::Integer, _>(days)
            .execute(conn)
            .await?;
            Ok(())
        })
        .await
    }

    /// Creates conversations where they are missing: assigned, with one message of the customer
    /// at `at`. Only a pool of the engine's role may do this, and only while no engine serves
    /// the tenant.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn bench_conversations(
        &self,
        tenant: TenantId,
        channel: Uuid,
        conversations: &[BenchConversation],
        at: Timestamp,
    ) -> Result<(), DbError> {
        let ids: Vec<Uuid> = conversations.iter().map(|c| c.id.0).collect();
        let customers: Vec<Uuid> = conversations.iter().map(|c| c.customer.0).collect();
        let names: Vec<&str> = conversations.iter().map(|c| c.name.as_str()).collect();
        let phones: Vec<&str> = conversations.iter().map(|c| c.phone.as_str()).collect();
        let keys: Vec<&str> = conversations.iter().map(|c| c.key.as_str()).collect();
        let attendants: Vec<Uuid> = conversations.iter().map(|c| c.attendant.0).collect();
        let messages: Vec<Uuid> = conversations.iter().map(|c| c.message.0).collect();
        let texts: Vec<&str> = conversations.iter().map(|c| c.text.as_str()).collect();
        let payloads: Vec<&str> = conversations.iter().map(|c| c.payload.as_str()).collect();
        let epochs: Vec<i64> = conversations.iter().map(|c| c.epoch).collect();
        self.scoped(tenant, async |conn| {
            diesel::sql_query(include_str!("sql/bench_conversations.sql"))
                .bind::<SqlUuid, _>(tenant.0)
                .bind::<SqlUuid, _>(channel)
                .bind::<Timestamptz, _>(at)
                .bind::<Array<SqlUuid>, _>(ids)
                .bind::<Array<SqlUuid>, _>(customers)
                .bind::<Array<Text>, _>(names)
                .bind::<Array<Text>, _>(phones)
                .bind::<Array<Text>, _>(keys)
                .bind::<Array<SqlUuid>, _>(attendants)
                .bind::<Array<SqlUuid>, _>(messages)
                .bind::<Array<Text>, _>(texts)
                .bind::<Array<Text>, _>(payloads)
                .bind::<Array<diesel::sql_types::BigInt>, _>(epochs)
                .execute(conn)
                .await?;
            Ok(())
        })
        .await
    }
}
