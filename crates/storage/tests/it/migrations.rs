//! The schema's way up and down.

use papo_storage::BadAddress;
use papo_storage::migrations::{self, MigrationError};
use papo_test_support::database::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_up_down_and_up_again() {
    let db = TestDatabase::create_empty().await.unwrap();
    let owner = db.owner_url().into();
    let admin = db.admin().await.unwrap();
    let relations = async || -> Vec<String> {
        let rows = admin
            .query(
                "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
                   AND c.relname NOT LIKE '\\_\\_diesel%'
                 UNION ALL
                 SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
                   AND p.proname NOT LIKE 'diesel%'
                 ORDER BY 1",
                &[],
            )
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    assert!(migrations::pending(&owner).unwrap());
    let applied = migrations::up(&owner).unwrap();
    assert!(applied.len() >= 19, "{applied:?}");
    assert!(!migrations::pending(&owner).unwrap());
    let before = relations().await;
    assert_eq!(migrations::up(&owner).unwrap(), Vec::<String>::new());

    assert_eq!(migrations::down(&owner).unwrap().len(), applied.len());
    assert_eq!(relations().await, Vec::<String>::new());

    migrations::up(&owner).unwrap();
    assert_eq!(relations().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_not_reached_in_the_open() {
    let elsewhere = "postgres://papo_owner:secret@db.example.com/papo".into();
    let refused = migrations::up(&elsewhere).unwrap_err();
    assert!(matches!(refused, MigrationError::Address(BadAddress::Open)));
    assert!(!format!("{refused} {refused:?}").contains("secret"));
}
