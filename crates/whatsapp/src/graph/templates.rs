//! The message templates of a business account, as Graph lists them.

use super::client::{Credentials, GraphApi};
use papo_domain::ports::SendError;
use serde::Deserialize;
use serde_json::Value;

/// Templates asked for at once.
const PAGE: u32 = 50;
/// No page is longer; what is, is read no further and cannot be understood.
const PAGE_BYTES_MAX: usize = 2 * 1024 * 1024;
const FIELDS: &str = "id,name,language,category,status,rejected_reason,components";

/// A template as it is listed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ListedTemplate {
    pub id: String,
    pub name: String,
    pub language: String,
    #[serde(default)]
    pub category: Option<String>,
    /// `APPROVED`, `REJECTED`, `PENDING` and others.
    pub status: String,
    #[serde(default)]
    pub rejected_reason: Option<String>,
    #[serde(default)]
    pub components: Value,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplatePage {
    pub templates: Vec<ListedTemplate>,
    /// Asks for the next page.
    pub next: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    data: Vec<ListedTemplate>,
    #[serde(default)]
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    cursors: Option<Cursors>,
    /// Only there if there is another page.
    #[serde(default)]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    #[serde(default)]
    after: Option<String>,
}

impl GraphApi {
    /// A page of the templates of the account `waba_id`; `after` is the page before's `next`.
    ///
    /// # Errors
    /// What may be done about it. It can always be asked again.
    pub async fn templates(
        &self,
        credentials: &Credentials,
        waba_id: &str,
        after: Option<&str>,
    ) -> Result<TemplatePage, SendError> {
        let limit = PAGE.to_string();
        let mut query = vec![("fields", FIELDS), ("limit", limit.as_str())];
        query.extend(after.map(|after| ("after", after)));
        let path = [waba_id, "message_templates"];
        let body = self
            .fetch(credentials, &path, &query, PAGE_BYTES_MAX)
            .await?;
        let listed: Listed = serde_json::from_slice(&body)
            .map_err(|error| SendError::Ambiguous(format!("templates cannot be read: {error}")))?;
        let next = listed.paging.and_then(|paging| {
            paging.next?;
            paging.cursors?.after
        });
        Ok(TemplatePage {
            templates: listed.data,
            next,
        })
    }
}
