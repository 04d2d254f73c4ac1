//! Message templates as the provider listed them last.

use super::jobs::add_job;
use crate::schema::{channels, message_templates, template_accounts};
use crate::{Database, DbError};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel::sql_types::Uuid as SqlUuid;
use diesel::{dsl, upsert};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::template::reading;
use papo_domain::{ChannelId, TenantId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// Of which templates messages can be made.
const APPROVED: &str = "APPROVED";

/// The most channels of an account that are tried.
const ASKED_MAX: i64 = 20;

/// A template.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = message_templates, check_for_backend(diesel::pg::Pg))]
pub struct TemplateRecord {
    pub waba_id: String,
    pub name: String,
    pub language: String,
    /// The provider's.
    pub id: String,
    pub category: Option<String>,
    /// As the provider says it; `APPROVED` ones can be sent.
    pub status: String,
    /// Why it was rejected.
    pub reason: Option<String>,
    pub components: Value,
    pub synced_at: Timestamp,
}

/// A template as it was listed.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = message_templates)]
pub struct ListedRow {
    pub tenant_id: uuid::Uuid,
    pub waba_id: String,
    pub name: String,
    pub language: String,
    pub id: String,
    pub category: Option<String>,
    pub status: String,
    pub reason: Option<String>,
    pub components: Value,
}

/// Which templates.
#[derive(Clone, Debug, Default)]
pub struct TemplateFilter {
    /// Those of this channel's account.
    pub channel: Option<ChannelId>,
    pub status: Option<String>,
    /// Part of the name.
    pub text: Option<String>,
}

impl Database {
    /// Templates by name, language and account; `after` is the last of the page before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_templates(
        &self,
        tenant: TenantId,
        filter: &TemplateFilter,
        after: Option<(String, String, String)>,
        limit: i64,
    ) -> Result<Vec<TemplateRecord>, DbError> {
        use message_templates::{language, name, status, tenant_id, waba_id};
        let mut query = message_templates::table
            .filter(tenant_id.eq(tenant.0))
            .order((name.asc(), language.asc(), waba_id.asc()))
            .limit(limit)
            .select(TemplateRecord::as_select())
            .into_boxed();
        if let Some(channel) = filter.channel {
            let account = channels::table
                .filter(channels::tenant_id.eq(tenant.0))
                .filter(channels::id.eq(channel.0))
                .filter(channels::waba_id.is_not_null())
                .select(channels::waba_id.assume_not_null());
            query = query.filter(waba_id.eq_any(account));
        }
        if let Some(word) = &filter.status {
            query = query.filter(status.eq(word.clone()));
        }
        if let Some(text) = &filter.text {
            use diesel::PgTextExpressionMethods as _;
            query = query.filter(name.ilike(super::pattern::contains(text)));
        }
        if let Some((last, tongue, account)) = after {
            let same = name.eq(last.clone());
            let later = language
                .gt(tongue.clone())
                .or(language.eq(tongue).and(waba_id.gt(account)));
            query = query.filter(name.gt(last).or(same.and(later)));
        }
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }

    /// The template of a channel's account.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn find_template(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        name: &str,
        language: &str,
    ) -> Result<TemplateRecord, DbError> {
        let account = channels::table.on(channels::tenant_id
            .eq(message_templates::tenant_id)
            .and(channels::waba_id.eq(message_templates::waba_id.nullable())));
        self.scoped(tenant, async |conn| {
            Ok(message_templates::table
                .inner_join(account)
                .filter(message_templates::tenant_id.eq(tenant.0))
                .filter(channels::id.eq(channel.0))
                .filter(message_templates::name.eq(name))
                .filter(message_templates::language.eq(language))
                .select(TemplateRecord::as_select())
                .first(conn)
                .await?)
        })
        .await
    }

    /// The templates of this name and language, of whatever accounts the tenant has.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn templates_named(
        &self,
        tenant: TenantId,
        name: &str,
        language: &str,
    ) -> Result<Vec<TemplateRecord>, DbError> {
        use message_templates as t;
        self.scoped(tenant, async |conn| {
            Ok(t::table
                .filter(t::tenant_id.eq(tenant.0))
                .filter(t::name.eq(name))
                .filter(t::language.eq(language))
                .select(TemplateRecord::as_select())
                .load(conn)
                .await?)
        })
        .await
    }

    /// How many templates can be sent through a channel.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn templates_available(
        &self,
        tenant: TenantId,
        channel: ChannelId,
    ) -> Result<i64, DbError> {
        let account = channels::table.on(channels::tenant_id
            .eq(message_templates::tenant_id)
            .and(channels::waba_id.eq(message_templates::waba_id.nullable())));
        self.scoped(tenant, async |conn| {
            Ok(message_templates::table
                .inner_join(account)
                .filter(message_templates::tenant_id.eq(tenant.0))
                .filter(channels::id.eq(channel.0))
                .filter(message_templates::status.eq(APPROVED))
                .count()
                .get_result(conn)
                .await?)
        })
        .await
    }

    /// Keeps all templates of an account as they were listed; what was not listed is gone.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn keep_templates(
        &self,
        tenant: TenantId,
        waba_id: &str,
        listed: &[ListedRow],
    ) -> Result<(), DbError> {
        use message_templates as t;
        self.scoped(tenant, async |conn| {
            for template in listed {
                diesel::insert_into(t::table)
                    .values(template)
                    .on_conflict((t::tenant_id, t::waba_id, t::name, t::language))
                    .do_update()
                    .set((
                        t::id.eq(upsert::excluded(t::id)),
                        t::category.eq(upsert::excluded(t::category)),
                        t::status.eq(upsert::excluded(t::status)),
                        t::reason.eq(upsert::excluded(t::reason)),
                        t::components.eq(upsert::excluded(t::components)),
                        t::synced_at.eq(dsl::now),
                    ))
                    .execute(conn)
                    .await?;
            }
            // The transaction's time is the same for all of them.
            diesel::delete(
                t::table
                    .filter(t::tenant_id.eq(tenant.0))
                    .filter(t::waba_id.eq(waba_id))
                    .filter(t::synced_at.lt(dsl::now)),
            )
            .execute(conn)
            .await?;
            diesel::insert_into(template_accounts::table)
                .values((
                    template_accounts::tenant_id.eq(tenant.0),
                    template_accounts::waba_id.eq(waba_id),
                    template_accounts::synced_at.eq(dsl::now),
                ))
                .on_conflict((template_accounts::tenant_id, template_accounts::waba_id))
                .do_update()
                .set(template_accounts::synced_at.eq(dsl::now))
                .execute(conn)
                .await?;
            // It may have lost its last channel while it was read.
            forget_strays(conn, tenant).await
        })
        .await
    }

    /// Channels that may ask for the templates of an account, the oldest first. Asking counts from
    /// now on, whatever comes of it.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn ask_account(
        &self,
        tenant: TenantId,
        waba_id: &str,
    ) -> Result<Vec<ChannelId>, DbError> {
        use template_accounts as a;
        self.scoped(tenant, async |conn| {
            diesel::insert_into(a::table)
                .values((
                    a::tenant_id.eq(tenant.0),
                    a::waba_id.eq(waba_id),
                    a::asked_at.eq(dsl::now),
                ))
                .on_conflict((a::tenant_id, a::waba_id))
                .do_update()
                .set(a::asked_at.eq(dsl::now))
                .execute(conn)
                .await?;
            let ids: Vec<Uuid> = channels::table
                .filter(channels::tenant_id.eq(tenant.0))
                .filter(channels::waba_id.eq(waba_id))
                .filter(channels::is_active)
                .filter(channels::access_token_enc.is_not_null())
                .order(channels::id)
                .limit(ASKED_MAX)
                .select(channels::id)
                .load(conn)
                .await?;
            Ok(ids.into_iter().map(ChannelId).collect())
        })
        .await
    }

    /// Has the templates of a channel's account read anew, if it has one.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn read_templates(
        &self,
        tenant: TenantId,
        channel: ChannelId,
    ) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            let account: Option<Option<String>> = channels::table
                .find((tenant.0, channel.0))
                .select(channels::waba_id)
                .first(conn)
                .await
                .optional()?;
            match account.flatten() {
                Some(waba_id) => add_job(conn, tenant, &reading::of(&waba_id)).await,
                None => Ok(()),
            }
        })
        .await
    }
}

/// Nothing can be sent of the templates of an account that no channel has.
pub(super) async fn forget_strays(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
) -> Result<(), DbError> {
    for table in ["message_templates", "template_accounts"] {
        diesel::sql_query(format!(
            "DELETE FROM {table} t WHERE t.tenant_id = $1 AND NOT EXISTS (
                 SELECT FROM channels c WHERE c.tenant_id = t.tenant_id AND c.waba_id = t.waba_id
                                          AND c.phone_number_id IS NOT NULL)"
        ))
        .bind::<SqlUuid, _>(tenant.0)
        .execute(conn)
        .await?;
    }
    Ok(())
}

impl TemplateRecord {
    /// Whether messages can be made of it.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.status == APPROVED
    }
}
