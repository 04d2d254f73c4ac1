//! What staff knows of a customer.

use super::{CustomerDetail, attributes, change, detail};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::audit::{Action, note_done};
use crate::http::extract::{Body, Id, Source};
use crate::http::rules;
use actix_web::{HttpResponse, patch, web};
use garde::Validate;
use papo_domain::customer::{ATTRIBUTES_MAX, AttributeKind};
use papo_domain::ports::{CustomerChange, CustomerFields};
use papo_domain::{CustomerId, Permission};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What changes; what is left out stays, `null` takes a value away.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateCustomer {
    #[garde(inner(inner(custom(rules::label))))]
    #[serde(default, deserialize_with = "crate::http::present")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    #[garde(inner(inner(custom(rules::email))))]
    #[serde(default, deserialize_with = "crate::http::present")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    /// Up to 4,096 characters.
    #[garde(inner(inner(custom(rules::note))))]
    #[serde(default, deserialize_with = "crate::http::present")]
    #[schema(value_type = Option<String>)]
    notes: Option<Option<String>>,
    /// Values by the keys of the tenant's attributes; `null` takes one away.
    #[garde(length(max = ATTRIBUTES_MAX))]
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    attributes: BTreeMap<String, Option<Value>>,
}

/// Changes what is known of a customer.
#[utoipa::path(
    tag = "customers",
    params(("id" = uuid::Uuid, Path)),
    request_body = UpdateCustomer,
    responses(
        (status = 200, description = "The customer as they are now", body = CustomerDetail),
        (status = 404, description = "No such customer for the caller", body = ErrorBody),
        (status = 409, description = "The record is part of another one", body = ErrorBody),
        (status = 422, description = "Invalid, or no such attribute", body = ErrorBody),
    )
)]
#[patch("/customers/{id}")]
pub(crate) async fn update_customer(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<CustomerId>,
    body: Body<UpdateCustomer>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let tenant = user.tenant()?;
    let wanted = body.value;
    check(&wanted.attributes, &attributes(&app, tenant).await?)?;
    app.database
        .find_customer(tenant, &user.sight(), id)
        .await?;
    let trimmed = |value: Option<String>| value.map(|value| value.trim().to_owned());
    let fields = CustomerFields {
        name: wanted.name.map(trimmed),
        email: wanted.email,
        notes: wanted.notes.map(trimmed),
        attributes: wanted.attributes,
    };
    let named = named(&fields);
    let edit = CustomerChange::Edit {
        customer: id,
        fields,
    };
    change(&app, tenant, edit).await?;
    let entry = source.tells(&user, Action::CustomerUpdated);
    let entry = entry
        .about("customer", id)
        .after(json!({ "fields": named }));
    note_done(&app, tenant, entry).await;
    Ok(HttpResponse::Ok().json(detail(&app, &user, id).await?))
}

/// Which fields change. Not to what: it is the customer's, and must be gone when they are erased.
fn named(fields: &CustomerFields) -> Vec<String> {
    let own = [
        ("name", fields.name.is_some()),
        ("email", fields.email.is_some()),
        ("notes", fields.notes.is_some()),
    ];
    let own = own
        .into_iter()
        .filter_map(|(name, set)| set.then_some(name));
    let keys = fields.attributes.keys();
    own.map(str::to_owned)
        .chain(keys.map(|key| format!("attributes.{key}")))
        .collect()
}

/// Every value is one of its attribute. What is no attribute any more can be taken away.
fn check(
    values: &BTreeMap<String, Option<Value>>,
    known: &BTreeMap<String, AttributeKind>,
) -> Result<(), ApiError> {
    let fault = |(key, value): (&String, &Option<Value>)| {
        let value = value.as_ref()?;
        let checked = match known.get(key) {
            Some(kind) => kind.check(value),
            None => Err("is no attribute"),
        };
        let problem = checked.err()?;
        Some(FieldFault::new(format!("attributes.{key}"), problem))
    };
    let faults: Vec<FieldFault> = values.iter().filter_map(fault).collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(ApiError::Invalid(faults))
    }
}
