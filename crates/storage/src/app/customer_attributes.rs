//! What a tenant wants to know of its customers.

use crate::schema::customer_attributes;
use crate::{Database, DbError};
use diesel::prelude::{
    AsChangeset, ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use papo_domain::TenantId;
use papo_domain::customer::{ATTRIBUTES_MAX, AttributeKind};
use serde_json::{Value, json};
use std::io;

/// An attribute of customers.
#[derive(Clone, Debug)]
pub struct CustomerAttribute {
    pub key: String,
    pub label: String,
    pub kind: AttributeKind,
    /// Order in forms.
    pub position: i32,
}

/// What may change about an attribute; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct AttributeChange {
    pub label: Option<String>,
    pub choices: Option<Vec<String>>,
    pub position: Option<i32>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = customer_attributes, check_for_backend(diesel::pg::Pg))]
struct Row {
    key: String,
    label: String,
    kind: String,
    choices: Value,
    position: i32,
}

#[derive(AsChangeset)]
#[diesel(table_name = customer_attributes)]
struct Changes<'a> {
    label: Option<&'a str>,
    choices: Option<Value>,
    position: Option<i32>,
}

impl TryFrom<Row> for CustomerAttribute {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let choices = serde_json::from_value(row.choices)
            .map_err(|e| DbError::corrupt("customer_attributes.choices", e))?;
        let kind = AttributeKind::of(&row.kind, choices);
        let strange = || io::Error::other("unknown kind");
        Ok(Self {
            kind: kind.ok_or_else(|| DbError::corrupt("customer_attributes.kind", strange()))?,
            key: row.key,
            label: row.label,
            position: row.position,
        })
    }
}

impl Database {
    /// All attributes, in their order. There are at most [`ATTRIBUTES_MAX`].
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_customer_attributes(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<CustomerAttribute>, DbError> {
        self.scoped(tenant, async |conn| {
            let rows: Vec<Row> = customer_attributes::table
                .filter(customer_attributes::tenant_id.eq(tenant.0))
                .order((
                    customer_attributes::position.asc(),
                    customer_attributes::key.asc(),
                ))
                .limit(i64::try_from(ATTRIBUTES_MAX).unwrap_or(i64::MAX))
                .select(Row::as_select())
                .load(conn)
                .await?;
            rows.into_iter().map(TryInto::try_into).collect()
        })
        .await
    }

    /// Creates an attribute. A key that is taken violates `customer_attributes_pkey`.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn create_customer_attribute(
        &self,
        tenant: TenantId,
        new: &CustomerAttribute,
    ) -> Result<CustomerAttribute, DbError> {
        self.scoped(tenant, async |conn| {
            let row: Row = diesel::insert_into(customer_attributes::table)
                .values((
                    customer_attributes::tenant_id.eq(tenant.0),
                    customer_attributes::key.eq(&new.key),
                    customer_attributes::label.eq(&new.label),
                    customer_attributes::kind.eq(new.kind.name()),
                    customer_attributes::choices.eq(json!(new.kind.choices())),
                    customer_attributes::position.eq(new.position),
                ))
                .returning(Row::as_select())
                .get_result(conn)
                .await?;
            row.try_into()
        })
        .await
    }

    /// Changes an attribute; `choices` are for those that have some.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn update_customer_attribute(
        &self,
        tenant: TenantId,
        key: &str,
        change: &AttributeChange,
    ) -> Result<CustomerAttribute, DbError> {
        let changes = Changes {
            label: change.label.as_deref(),
            choices: change.choices.as_ref().map(|choices| json!(choices)),
            position: change.position,
        };
        let empty =
            changes.label.is_none() && changes.choices.is_none() && changes.position.is_none();
        self.scoped(tenant, async |conn| {
            let row: Row = if empty {
                customer_attributes::table
                    .find((tenant.0, key))
                    .select(Row::as_select())
                    .first(conn)
                    .await?
            } else {
                diesel::update(customer_attributes::table.find((tenant.0, key)))
                    .set(changes)
                    .returning(Row::as_select())
                    .get_result(conn)
                    .await?
            };
            row.try_into()
        })
        .await
    }

    /// Deletes an attribute. Values that customers have stay with them, and are shown no more.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn delete_customer_attribute(
        &self,
        tenant: TenantId,
        key: &str,
    ) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            let gone = diesel::delete(customer_attributes::table.find((tenant.0, key)))
                .execute(conn)
                .await?;
            if gone == 0 {
                return Err(DbError::NotFound);
            }
            Ok(())
        })
        .await
    }
}
