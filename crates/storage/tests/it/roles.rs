//! Setting the cluster up. Roles are everybody's: what is changed here is changed inside of a
//! transaction that is taken back.

use papo_storage::roles::{self, Passwords};
use papo_test_support::database::TestDatabase;
use tokio_postgres::{Client, Config, NoTls};

const ALL: [&str; 3] = [roles::OWNER, roles::APP, roles::ENGINE];

/// A new login that may create roles and databases and is no superuser, as on a hosted database.
async fn hire(db: &TestDatabase, superuser: &Client) -> (String, Client) {
    let name = format!("papo_test_{}", uuid::Uuid::new_v4().simple());
    let mut sql = format!("CREATE ROLE {name} LOGIN CREATEROLE CREATEDB;");
    let version = superuser.query_one("SELECT current_setting('server_version_num')::int", &[]);
    // Since then nobody administers the roles that somebody else made.
    if version.await.unwrap().get::<_, i32>(0) >= 160_000 {
        for role in ALL {
            sql += &format!("GRANT {role} TO {name} WITH ADMIN TRUE, SET FALSE, INHERIT FALSE;");
        }
    }
    superuser.batch_execute(&sql).await.unwrap();
    let mut address: Config = db.admin_url().parse().unwrap();
    let (client, connection) = address.user(&name).connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    (name, client)
}

async fn dismiss(superuser: &Client, name: &str) {
    let sql = format!("DROP OWNED BY {name}; DROP ROLE {name}");
    superuser.batch_execute(&sql).await.unwrap();
}

async fn right_roles(client: &Client) -> i64 {
    let sql = "SELECT count(*) FROM pg_roles WHERE rolname = ANY($1) AND rolcanlogin AND NOT (
                   rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication)";
    let names: &[&str] = &ALL;
    client.query_one(sql, &[&names]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_need_not_be_a_superuser() {
    let db = TestDatabase::create_empty().await.unwrap();
    let superuser = db.admin().await.unwrap();
    let (name, admin) = hire(&db, &superuser).await;

    // Nothing is missing.
    roles::ensure(&admin, None).await.unwrap();

    // One is.
    let away = format!("BEGIN; ALTER ROLE {} RENAME TO {name}_away", roles::APP);
    admin.batch_execute(&away).await.unwrap();
    roles::ensure(&admin, None).await.unwrap();
    assert_eq!(right_roles(&admin).await, 3);
    admin.batch_execute("ROLLBACK").await.unwrap();

    let database = format!("{name}_db");
    for _ in 0..2 {
        roles::ensure_database(&admin, &database).await.unwrap();
    }
    let owner = "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = $1";
    let owner = admin.query_one(owner, &[&database]).await.unwrap();
    assert_eq!(owner.get::<_, String>(0), roles::OWNER);
    let refused = admin
        .batch_execute(&format!("SET ROLE {}", roles::OWNER))
        .await;
    assert!(refused.is_err(), "still a member of the owner");

    drop(admin);
    superuser
        .batch_execute(&format!("DROP DATABASE {database} WITH (FORCE)"))
        .await
        .unwrap();
    dismiss(&superuser, &name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_are_corrected_and_passwords_only_when_asked() {
    let db = TestDatabase::create_empty().await.unwrap();
    let superuser = db.admin().await.unwrap();
    let secrets = async || -> Vec<Option<String>> {
        let sql = "SELECT rolpassword FROM pg_authid WHERE rolname = ANY($1) ORDER BY rolname";
        let names: &[&str] = &ALL;
        let rows = superuser.query(sql, &[&names]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let passwords = Passwords {
        owner: "one".into(),
        app: "two".into(),
        engine: "three".into(),
    };
    let wrong = format!(
        "BEGIN; ALTER ROLE {} NOLOGIN; ALTER ROLE {} CREATEDB BYPASSRLS; ALTER ROLE {} SUPERUSER",
        roles::OWNER,
        roles::APP,
        roles::ENGINE
    );
    superuser.batch_execute(&wrong).await.unwrap();
    assert_eq!(right_roles(&superuser).await, 0);
    let before = secrets().await;
    roles::ensure(&superuser, Some(&passwords)).await.unwrap();
    assert_eq!(right_roles(&superuser).await, 3);
    assert_eq!(secrets().await, before, "somebody else's passwords");

    roles::set_passwords(&superuser, &passwords).await.unwrap();
    let after = secrets().await;
    assert!(after.iter().all(Option::is_some));
    assert!(after.iter().zip(&before).all(|(new, old)| new != old));
    superuser.batch_execute("ROLLBACK").await.unwrap();
}
