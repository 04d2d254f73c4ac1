//! A statement with its parameters as diesel sees it, and the rows that answer it. Statements are
//! the constants of the lanes, written for arrays; nothing of them is known here.
//!
//! diesel's own `sql_query` marks itself as not to be cached, so that each call would be planned
//! anew. A [`Call`] does not: a connection prepares each text once, for its parameters' types.

use crate::engine::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::deserialize::FromSql;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::row::Row as _;
use diesel::serialize::ToSql;
use diesel::sql_types::{self as sql, HasSqlType, Nullable, SqlType, is_nullable};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection};
use std::borrow::Cow;
use uuid::Uuid;

/// Parameters of a statement, `$1` first.
pub(crate) type Params<'a> = &'a [&'a (dyn Param + Sync)];

/// A statement about to be sent.
pub(crate) struct Call<'a> {
    pub(crate) sql: &'static str,
    pub(crate) params: Params<'a>,
}

impl QueryFragment<Pg> for Call<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.sql);
        self.params
            .iter()
            .try_for_each(|param| param.bind(&mut out))
    }
}

/// One Rust type for all statements: the cache tells them apart by their text.
impl QueryId for Call<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Call<'_> {
    type SqlType = sql::Untyped;
}

/// A value that can be a parameter.
pub(crate) trait Param {
    /// Adds it to a call; its `$n` already stands in the text.
    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

impl<T> Param for T
where
    T: Column + ToSql<T::Sql, Pg>,
    Pg: HasSqlType<T::Sql>,
{
    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param_value_only::<T::Sql, T>(self)
    }
}

/// The one type of PostgreSQL that a Rust type stands for.
pub(crate) trait Column {
    type Sql: 'static;
}

macro_rules! columns {
    ($($rust:ty => $sql:ty),* $(,)?) => {
        $(impl Column for $rust {
            type Sql = $sql;
        })*
    };
}

columns! {
    Uuid => sql::Uuid,
    bool => sql::Bool,
    i16 => sql::SmallInt,
    i32 => sql::Integer,
    i64 => sql::BigInt,
    f64 => sql::Double,
    str => sql::Text,
    String => sql::Text,
    Cow<'_, str> => sql::Text,
    [u8] => sql::Binary,
    Vec<u8> => sql::Binary,
    DateTime<Utc> => sql::Timestamptz,
    NaiveDate => sql::Date,
}

impl<T: Column + ?Sized> Column for &T {
    type Sql = T::Sql;
}

impl<T: Column> Column for Option<T>
where
    T::Sql: SqlType<IsNull = is_nullable::NotNull>,
{
    type Sql = Nullable<T::Sql>;
}

impl<T: Column> Column for Vec<T> {
    type Sql = sql::Array<T::Sql>;
}

impl<T: Column> Column for [T] {
    type Sql = sql::Array<T::Sql>;
}

/// A row of an answer. Its columns are known by their place, as the parameters are.
pub(crate) struct Row(<AsyncPgConnection as AsyncConnectionCore>::Row<'static, 'static>);

impl Row {
    pub(crate) fn new(
        row: <AsyncPgConnection as AsyncConnectionCore>::Row<'static, 'static>,
    ) -> Self {
        Self(row)
    }

    /// The value of column `at`, counted from 0.
    pub(crate) fn try_get<T>(&self, at: usize) -> Result<T, Fault>
    where
        T: Column + FromSql<T::Sql, Pg>,
    {
        self.0
            .get_value::<T::Sql, T, usize>(at)
            .map_err(|_may_show_it| Fault::Corrupt(format!("column {at} of an answer")))
    }
}
