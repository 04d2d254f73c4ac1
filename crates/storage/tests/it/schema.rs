//! `schema.rs` against the catalogue: same tables, same columns in the same order, same types. Only
//! what the database alone reads (`tsvector`) is left out.

use papo_test_support::database::TestDatabase;
use std::collections::BTreeMap;

const WRITTEN: &str = include_str!("../../src/schema.rs");

type Columns = Vec<(String, String)>;

fn written() -> BTreeMap<String, Columns> {
    let mut tables: BTreeMap<String, Columns> = BTreeMap::new();
    let mut table = None;
    for line in WRITTEN.lines().map(str::trim) {
        if let Some((column, kind)) = line.split_once(" -> ") {
            let columns: &mut Columns = tables.get_mut(table.unwrap_or_default()).unwrap();
            columns.push((column.to_owned(), kind.trim_end_matches(',').to_owned()));
        } else if line.ends_with(") {") {
            table = line.split_once(' ').map(|(name, _)| name);
            tables.insert(table.unwrap().to_owned(), Columns::new());
        }
    }
    tables
}

fn diesel_type(sql: &str, nullable: bool) -> String {
    let plain = match sql {
        "uuid" => "Uuid",
        "text" => "Text",
        "timestamp with time zone" => "Timestamptz",
        "boolean" => "Bool",
        "smallint" => "Int2",
        "integer" => "Int4",
        "bigint" => "Int8",
        "date" => "Date",
        "json" => "Json",
        "jsonb" => "Jsonb",
        "bytea" => "Bytea",
        "uuid[]" => "Array<Uuid>",
        "text[]" => "Array<Text>",
        other => other,
    };
    if nullable {
        format!("Nullable<{plain}>")
    } else {
        plain.to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_diesel_schema_is_the_database() {
    let db = TestDatabase::create().await.unwrap();
    let rows = db
        .admin()
        .await
        .unwrap()
        .query(
            "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
             FROM pg_class c
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                               AND a.atttypid <> 'tsvector'::regtype
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
               AND NOT c.relispartition AND c.relname NOT LIKE '\\_\\_diesel%'
             ORDER BY c.relname, a.attnum",
            &[],
        )
        .await
        .unwrap();
    let mut stored: BTreeMap<String, Columns> = BTreeMap::new();
    for row in rows {
        stored
            .entry(row.get(0))
            .or_default()
            .push((row.get(1), diesel_type(row.get(2), row.get(3))));
    }
    assert_eq!(written(), stored);
    for (table, columns) in stored {
        assert!(columns.len() <= 32, "{table} is too wide for diesel");
    }
}
