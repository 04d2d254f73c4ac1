//! What the lanes rely on: statements prepared once, pipelines in their order even where nothing
//! is prepared yet, refusals told apart, and a connection that is gone known as such.

use super::{Link, Opener};
use crate::engine::fault::Fault;
use crate::engine::statement::{Params, Row};
use crate::session::SessionLimits;
use papo_test_support::database::TestDatabase;
use std::time::Duration;
use tokio::runtime::Handle;

const TRANSACTION: &str = "SELECT txid_current(), $1::bigint";

async fn open(db: &TestDatabase) -> Link {
    let limits = SessionLimits {
        lock: Duration::from_millis(50),
        ..SessionLimits::default()
    };
    let opener = Opener::new(&db.engine_url().into(), limits, Handle::current()).unwrap();
    opener.open().await.unwrap()
}

async fn number(link: &Link, sql: &'static str) -> i64 {
    let rows = link.query(sql, &[]).await.unwrap();
    rows[0].try_get(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_keeps_its_order() {
    let db = TestDatabase::create().await.unwrap();
    let link = open(&db).await;
    // In the first round each statement is prepared on the way.
    for round in 0..3_i64 {
        let params: Params<'_> = &[&round];
        let (_, first, second, (), after) = tokio::try_join!(
            biased;
            link.control("BEGIN"),
            link.query(TRANSACTION, params),
            link.query("SELECT txid_current()", &[]),
            link.control("COMMIT"),
            link.query(TRANSACTION, params),
        )
        .unwrap();
        let id = |rows: &[Row]| rows[0].try_get::<i64>(0).unwrap();
        assert_eq!(id(&first), id(&second), "one transaction");
        assert_ne!(id(&first), id(&after), "after the COMMIT");
        assert_eq!(first[0].try_get::<i64>(1).unwrap(), round);
    }
    let prepared =
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT txid%$1%'";
    assert_eq!(number(&link, prepared).await, 1, "prepared once");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_apart() {
    let db = TestDatabase::create().await.unwrap();
    let (link, rival) = (open(&db).await, open(&db).await);
    rival.control("BEGIN").await.unwrap();
    let lock: &str = "SELECT pg_advisory_xact_lock($1)";
    rival.query(lock, &[&1_i64]).await.unwrap();
    let waited = link.query(lock, &[&1_i64]).await;
    let Err(Fault::Contention(why)) = waited.map(|_| ()) else {
        panic!("a lock that was not given is contention");
    };
    assert!(why.starts_with("55P03"), "{why}");

    let json = "SELECT $1::text::jsonb::text";
    for (bad, code) in [(r#""\u0000""#, "22P05"), ("{", "22P02")] {
        let refused = link.query(json, &[&bad]).await;
        let Err(Fault::Data(why)) = refused.map(|_| ()) else {
            panic!("{bad} is data");
        };
        assert!(why.starts_with(code), "{why}");
    }
    let kept = link.query(json, &[&"{}"]).await.unwrap();
    assert_eq!(kept[0].try_get::<String>(0).unwrap(), "{}");

    // Nothing of an item's: the program or the server is at fault.
    let foreign = link.execute("DELETE FROM users WHERE $1", &[&true]).await;
    let Err(Fault::Lost(why)) = foreign else {
        panic!("{foreign:?}");
    };
    assert!(why.starts_with("42501"), "{why}");

    // The first of a transaction's failures is the one that is told.
    let (bad, good): (Params<'_>, Params<'_>) = (&[&"{"], &[&1_i64]);
    let failed = tokio::try_join!(
        biased;
        link.control("BEGIN"),
        link.query(json, bad),
        link.query(TRANSACTION, good),
        link.control("COMMIT"),
    );
    assert!(matches!(failed, Err(Fault::Data(_))));
    link.control("ROLLBACK").await.unwrap();
    link.query(TRANSACTION, &[&1_i64]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn values_come_back_as_they_went() {
    let db = TestDatabase::create().await.unwrap();
    let link = open(&db).await;
    let ids = vec![Some(uuid::Uuid::from_u128(7)), None];
    let bytes: Vec<&[u8]> = vec![b"", b"\0\xff"];
    let none: Vec<i16> = Vec::new();
    let at = chrono::DateTime::from_timestamp_micros(-1_000_001).unwrap();
    let rows = link
        .query(
            "SELECT $1::uuid[], ($2::bytea[])[2], cardinality($3::smallint[]), $4::timestamptz,
                    $5::text, $6::float8",
            &[&ids, &bytes, &none, &at, &None::<&str>, &0.25_f64],
        )
        .await
        .unwrap();
    let row = &rows[0];
    assert_eq!(row.try_get::<Vec<Option<uuid::Uuid>>>(0).unwrap(), ids);
    assert_eq!(row.try_get::<Vec<u8>>(1).unwrap(), b"\0\xff");
    assert_eq!(row.try_get::<i32>(2).unwrap(), 0);
    assert_eq!(row.try_get::<papo_domain::Timestamp>(3).unwrap(), at);
    assert_eq!(row.try_get::<Option<String>>(4).unwrap(), None);
    assert!((row.try_get::<f64>(5).unwrap() - 0.25).abs() < f64::EPSILON);
    // Neither another width, nor a NULL, nor a column that is not there.
    assert!(matches!(row.try_get::<i64>(2), Err(Fault::Corrupt(_))));
    assert!(matches!(row.try_get::<String>(4), Err(Fault::Corrupt(_))));
    assert!(matches!(row.try_get::<i32>(6), Err(Fault::Corrupt(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_gone_is_closed() {
    let db = TestDatabase::create().await.unwrap();
    let link = open(&db).await;
    assert!(!link.is_closed());
    let own = i32::try_from(number(&link, "SELECT pg_backend_pid()::bigint").await).unwrap();
    let admin = db.admin().await.unwrap();
    let cut = "SELECT pg_terminate_backend($1, 5000)";
    assert!(
        admin
            .query_one(cut, &[&own])
            .await
            .unwrap()
            .get::<_, bool>(0)
    );
    // Whatever of the end was read first.
    let asked = link.query(TRANSACTION, &[&1_i64]).await;
    assert!(matches!(asked, Err(Fault::Lost(_))));
    let closing = async {
        while !link.is_closed() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), closing)
        .await
        .unwrap();
}
