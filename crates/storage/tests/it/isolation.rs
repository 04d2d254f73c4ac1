//! Roles and row-level security: nobody who serves is privileged, and no tenant sees another.

use crate::bench::{Bench, Draft};
use papo_storage::{Database, PoolSettings};
use papo_test_support::database::TestDatabase;
use std::collections::BTreeSet;
use tokio::runtime::Handle;
use tokio_postgres::{Client, NoTls};

async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Tables with a tenant, partitions aside.
const TENANT_TABLES: &str = "
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition AND a.attname = 'tenant_id' ORDER BY 1";

#[tokio::test(flavor = "multi_thread")]
async fn the_serving_roles_are_not_privileged() {
    let db = TestDatabase::create().await.unwrap();
    for url in [db.owner_url(), db.app_url(), db.engine_url()] {
        let client = client(&url).await;
        let role = client
            .query_one(
                "SELECT rolname::text, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb
                 FROM pg_roles WHERE rolname = current_user",
                &[],
            )
            .await
            .unwrap();
        for attribute in 1..5 {
            assert!(!role.get::<_, bool>(attribute), "{role:?}");
        }
        let owned: i64 = client
            .query_one(
                "SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
                 AND pg_get_userbyid(c.relowner) = current_user",
                &[],
            )
            .await
            .unwrap()
            .get(0);
        let name: String = role.get(0);
        assert_eq!(
            owned > 0,
            name == "papo_owner",
            "{name} owns {owned} relations"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_with_a_tenant_forces_row_security() {
    let bench = Bench::new().await;
    let tables: BTreeSet<String> = bench.column(TENANT_TABLES, &[]).await.into_iter().collect();
    assert!(tables.len() >= 20, "{tables:?}");
    for table in &tables {
        let forced: bool = bench
            .one(
                "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = $1::text::regclass",
                &[table],
            )
            .await;
        assert!(forced, "{table} does not force row-level security");
        // Every primary key of such a table begins with the tenant.
        let leads: Option<bool> = bench
            .admin
            .query_opt(
                "SELECT a.attname = 'tenant_id' FROM pg_index i
                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                 WHERE i.indrelid = $1::text::regclass AND i.indisprimary",
                &[table],
            )
            .await
            .unwrap()
            .map(|row| row.get(0));
        assert_ne!(leads, Some(false), "{table}");
    }
    // Partitions are reached through their parents only.
    let reachable: Vec<String> = bench
        .column(
            "SELECT c.relname::text FROM pg_class c, unnest(ARRAY['papo_app', 'papo_engine']) AS r(role)
             WHERE c.relnamespace = 'public'::regnamespace AND c.relispartition AND c.relkind = 'r'
               AND has_table_privilege(r.role, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')",
            &[],
        )
        .await;
    assert_eq!(reachable, Vec::<String>::new());
}

/// Rows of two tenants in every table, and what each scope sees of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_scope_shows_one_tenant_and_no_scope_shows_nothing() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    for tenant in [&one, &two] {
        let conversation = bench.conversation(tenant, "5511999990001").await;
        let draft = Draft::first(tenant, conversation).bot(tenant, "oi");
        bench.commit(tenant, draft).await.unwrap();
        fill(&bench, tenant.id.0, conversation.0).await;
    }
    let app = client(&bench.db.app_url()).await;
    let tables: Vec<String> = bench.column(TENANT_TABLES, &[]).await;
    for table in &tables {
        let all: Vec<uuid::Uuid> = bench
            .column(&format!("SELECT DISTINCT tenant_id FROM {table}"), &[])
            .await;
        assert!(
            all.contains(&one.id.0) && all.contains(&two.id.0),
            "{table} has no rows of both tenants: extend fill()"
        );
        let Some(outside) = seen(&app, table, "").await else {
            // Not for HTTP at all, in whatever scope.
            continue;
        };
        assert!(outside.is_empty(), "{table} outside of a scope");
        let scope = format!("SET LOCAL app.tenant_id = '{}'", one.id);
        assert_eq!(
            seen(&app, table, &scope).await,
            Some(vec![one.id.0]),
            "{table} in the first tenant's scope"
        );
        write_into(&app, table, &scope, two.id.0).await;
    }
}

/// The tenants whose rows a session sees; `None` if it may not read the table at all.
async fn seen(app: &Client, table: &str, scope: &str) -> Option<Vec<uuid::Uuid>> {
    app.batch_execute(&format!("BEGIN; {scope}")).await.unwrap();
    let rows = app
        .query(&format!("SELECT DISTINCT tenant_id FROM {table}"), &[])
        .await;
    app.batch_execute("ROLLBACK").await.unwrap();
    // A table that HTTP has no business with shows nothing in any scope.
    match rows {
        Ok(rows) => Some(rows.iter().map(|row| row.get(0)).collect()),
        Err(error) => {
            assert_eq!(
                error.code(),
                Some(&tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE)
            );
            None
        }
    }
}

/// A scope cannot move its rows to another tenant, whatever it may update.
async fn write_into(app: &Client, table: &str, scope: &str, other: uuid::Uuid) {
    app.batch_execute(&format!("BEGIN; {scope}")).await.unwrap();
    let moved = app
        .execute(&format!("UPDATE {table} SET tenant_id = $1"), &[&other])
        .await;
    app.batch_execute("ROLLBACK").await.unwrap();
    let code = moved.unwrap_err().code().cloned();
    assert_eq!(
        code,
        Some(tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE),
        "{table}"
    );
}

/// A row in each table that a commit does not write.
async fn fill(bench: &Bench, tenant: uuid::Uuid, conversation: uuid::Uuid) {
    let rows = format!(
        "INSERT INTO users (tenant_id, id, email, password_hash, full_name, role)
             VALUES ('{tenant}', '{tenant}', 'ana@example.com', '', 'Ana', 'attendant');
         INSERT INTO departments (tenant_id, id, name) VALUES ('{tenant}', '{tenant}', 'Vendas');
         INSERT INTO user_departments VALUES ('{tenant}', '{tenant}', '{tenant}');
         INSERT INTO canned_replies (tenant_id, id, shortcut, title, text, words)
             VALUES ('{tenant}', '{tenant}', 'oi', 'Oi', 'Oi', 'oi');
         INSERT INTO attendants (tenant_id, user_id) VALUES ('{tenant}', '{tenant}');
         INSERT INTO bot_flows (tenant_id, id, name, definition) VALUES ('{tenant}', '{tenant}', 'f', '{{}}');
         INSERT INTO second_factors (tenant_id, user_id, secret_enc) VALUES ('{tenant}', '{tenant}', '');
         INSERT INTO audit_events (tenant_id, category, action, request_id)
             VALUES ('{tenant}', 'authentication', 'login', '');
         INSERT INTO avatars VALUES ('{tenant}', '{tenant}', 'image/png', '', '');
         INSERT INTO account_links (tenant_id, user_id, kind, token_hash, expires_at)
             VALUES ('{tenant}', '{tenant}', 'invitation', '', now());
         INSERT INTO recovery_codes VALUES ('{tenant}', '{tenant}', '');
         INSERT INTO refresh_tokens (tenant_id, id, family, user_id, token_hash, expires_at)
             VALUES ('{tenant}', '{tenant}', '{tenant}', '{tenant}', '', now());
         INSERT INTO idempotency_keys (tenant_id, user_id, key, request, answer)
             VALUES ('{tenant}', '{tenant}', 'k', '', '{{}}');
         INSERT INTO inbox (tenant_id, channel_id, external_id) VALUES ('{tenant}', '{tenant}', 'x');
         INSERT INTO inbox_keys (tenant_id, channel_id, external_id) VALUES ('{tenant}', '{tenant}', 'x');
         INSERT INTO handoffs (tenant_id, id, conversation_id, priority, reason, requested_by, requested_at)
             VALUES ('{tenant}', '{tenant}', '{conversation}', 'low', 'staff', 'user', now());
         INSERT INTO labels (tenant_id, id, name, colour) VALUES ('{tenant}', '{tenant}', 'Venda', '#e03131');
         INSERT INTO conversation_labels VALUES ('{tenant}', '{conversation}', '{tenant}');
         INSERT INTO ratings (tenant_id, conversation_id, session, score, rated_by, at)
             VALUES ('{tenant}', '{conversation}', 1, 5, 'customer', now());
         INSERT INTO conversation_transfers (tenant_id, conversation_id, kind, by_kind, at)
             VALUES ('{tenant}', '{conversation}', 'takeover', 'user', now());
         INSERT INTO engine_incidents (tenant_id, actor_kind, kind) VALUES ('{tenant}', 'tenant', 'restart');
         INSERT INTO customer_attributes (tenant_id, key, label, kind) VALUES ('{tenant}', 'k', 'K', 'text');
         INSERT INTO customer_merges (tenant_id, id, source_id, target_id, by_user_id, conversations, filled)
             SELECT tenant_id, id, id, id, id, '{{}}', '{{}}' FROM customers WHERE tenant_id = '{tenant}';
         INSERT INTO bot_trials (tenant_id, customer_id, flow_id, started_by, until)
             SELECT tenant_id, id, '{tenant}', '{tenant}', now() FROM customers WHERE tenant_id = '{tenant}';
         INSERT INTO jobs (tenant_id, kind, key, payload) VALUES ('{tenant}', 'k', 'k', '{{}}');
         INSERT INTO stream_cursors (tenant_id, follower) VALUES ('{tenant}', 'f');
         INSERT INTO service_sessions (tenant_id, conversation_id, session, channel_id, opened_at, transfers,
                                       inbound, bot, staff, stretches)
             VALUES ('{tenant}', '{conversation}', 1, '{tenant}', now(), 0, 0, 0, 0, 0);
         INSERT INTO attendance_stretches (tenant_id, conversation_id, session, number, channel_id, began_at, sent)
             VALUES ('{tenant}', '{conversation}', 1, 1, '{tenant}', now(), 0);
         INSERT INTO attendance_days VALUES ('{tenant}', 'whole', current_date, '{tenant}', '{{}}');
         INSERT INTO search_counters (tenant_id) VALUES ('{tenant}');
         INSERT INTO message_search (tenant_id, block, id, conversation_id, seq, kind, sender, sent_at, document)
             VALUES ('{tenant}', 0, 1, '{conversation}', 1, 'text', 'bot', now(), '');
         INSERT INTO notifications (tenant_id, user_id, id, kind, conversation_id)
             VALUES ('{tenant}', '{tenant}', '{tenant}', 'mention', '{conversation}');
         INSERT INTO media (tenant_id, id, direction, kind, state)
             VALUES ('{tenant}', '{tenant}', 'outbound', 'image', 'stored');
         INSERT INTO message_templates (tenant_id, waba_id, name, language, id, status, components)
             VALUES ('{tenant}', 'w', 't', 'pt_BR', '1', 'APPROVED', '[]');
         INSERT INTO scheduled_messages (tenant_id, id, conversation_id, author_id, send_at)
             VALUES ('{tenant}', '{tenant}', '{conversation}', '{tenant}', now());
         INSERT INTO template_accounts (tenant_id, waba_id) VALUES ('{tenant}', 'w');
         INSERT INTO event_heads VALUES ('{tenant}', 1);"
    );
    bench.admin.batch_execute(&rows).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_scope_opens_the_list_of_tenants_and_nothing_else() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    bench.conversation(&one, "5511999990001").await;
    let app = client(&bench.db.app_url()).await;
    let scope = "SET LOCAL app.tenant_id = '00000000-0000-0000-0000-000000000000'";
    let tenants = seen(&app, "tenants", scope).await.unwrap();
    assert_eq!(tenants.len(), 2);
    for table in ["conversations", "channels", "customers", "users"] {
        assert_eq!(seen(&app, table, scope).await, Some(vec![]), "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_ends_with_its_transaction() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let settings = PoolSettings {
        size: 1,
        ..PoolSettings::default()
    };
    let database = Database::new(&bench.db.app_url().into(), settings, Handle::current()).unwrap();
    let count = async |conn: &mut diesel_async::AsyncPgConnection| {
        use diesel::QueryDsl;
        use diesel_async::RunQueryDsl;
        use papo_storage::schema::channels;
        Ok(channels::table.count().get_result::<i64>(conn).await?)
    };
    assert_eq!(database.scoped(one.id, count).await.unwrap(), 1);
    // The transaction ends under the work's feet, and the scope with it.
    let after = async |conn: &mut diesel_async::AsyncPgConnection| {
        use diesel::QueryDsl;
        use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
        use papo_storage::schema::channels;
        conn.batch_execute("COMMIT").await?;
        let seen = channels::table.count().get_result::<i64>(conn).await?;
        conn.batch_execute("BEGIN").await?;
        Ok(seen)
    };
    assert_eq!(database.scoped(one.id, after).await.unwrap(), 0);
    // The same connection, and no tenant.
    let found = database
        .find_channels(&["pn-one".to_owned()], &[])
        .await
        .unwrap();
    assert_eq!(found[0].tenant_id, one.id.0);
    let nobody = papo_domain::TenantId(uuid::Uuid::now_v7());
    assert_eq!(database.scoped(nobody, count).await.unwrap(), 0);
    let tenant = database.find_tenant("one").await.unwrap().unwrap();
    assert_eq!(tenant.tenant_id, one.id.0);
    assert!(database.find_tenant("none").await.unwrap().is_none());
}
