//! Labels, and which ones a conversation has. Giving and taking them is the engine's.

use super::plain::{lower, unaccent};
use crate::schema::{conversation_labels, labels};
use crate::{Database, DbError};
use diesel::prelude::{
    AsChangeset, ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable,
    SelectableHelper,
};
use diesel_async::RunQueryDsl;
use papo_domain::{ConversationId, LabelId, TenantId, Timestamp};
use uuid::Uuid;

/// A label.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = labels, check_for_backend(diesel::pg::Pg))]
pub struct Label {
    pub id: Uuid,
    pub name: String,
    /// `#` and six hexadecimal digits, lower case.
    pub colour: String,
    pub created_at: Timestamp,
}

/// What may change about a label; `None` leaves it.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = labels)]
pub struct LabelChange {
    pub name: Option<String>,
    pub colour: Option<String>,
}

impl Database {
    /// All labels by name. There are few.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_labels(&self, tenant: TenantId) -> Result<Vec<Label>, DbError> {
        self.scoped(tenant, async |conn| {
            Ok(labels::table
                .filter(labels::tenant_id.eq(tenant.0))
                .order((lower(unaccent(labels::name)).asc(), labels::id.asc()))
                .limit(1_000)
                .select(Label::as_select())
                .load(conn)
                .await?)
        })
        .await
    }

    /// Creates a label. A name that is taken violates `labels_name_unique`.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn create_label(
        &self,
        tenant: TenantId,
        id: LabelId,
        name: &str,
        colour: &str,
    ) -> Result<Label, DbError> {
        self.scoped(tenant, async |conn| {
            Ok(diesel::insert_into(labels::table)
                .values((
                    labels::tenant_id.eq(tenant.0),
                    labels::id.eq(id.0),
                    labels::name.eq(name),
                    labels::colour.eq(colour),
                ))
                .returning(Label::as_select())
                .get_result(conn)
                .await?)
        })
        .await
    }

    /// Changes a label.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn update_label(
        &self,
        tenant: TenantId,
        id: LabelId,
        change: &LabelChange,
    ) -> Result<Label, DbError> {
        let row = labels::table.find((tenant.0, id.0));
        self.scoped(tenant, async |conn| {
            Ok(if change.name.is_none() && change.colour.is_none() {
                row.select(Label::as_select()).first(conn).await?
            } else {
                diesel::update(row)
                    .set(change)
                    .returning(Label::as_select())
                    .get_result(conn)
                    .await?
            })
        })
        .await
    }

    /// Deletes a label, also from every conversation.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn delete_label(&self, tenant: TenantId, id: LabelId) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            let deleted: Option<Uuid> = diesel::delete(labels::table.find((tenant.0, id.0)))
                .returning(labels::id)
                .get_result(conn)
                .await
                .optional()?;
            deleted.map(drop).ok_or(DbError::NotFound)
        })
        .await
    }

    /// The labels of a conversation. The caller has checked that it may be seen.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn labels_of(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
    ) -> Result<Vec<LabelId>, DbError> {
        self.scoped(tenant, async |conn| {
            let ids: Vec<Uuid> = conversation_labels::table
                .filter(conversation_labels::tenant_id.eq(tenant.0))
                .filter(conversation_labels::conversation_id.eq(conversation.0))
                .select(conversation_labels::label_id)
                .load(conn)
                .await?;
            Ok(ids.into_iter().map(LabelId).collect())
        })
        .await
    }
}
