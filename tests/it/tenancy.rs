//! Tenants cannot see each other: every operation of the API succeeds for its owner and fails for
//! everybody else's administrator, with the same ids and the same body. An operation that the
//! table does not know fails the sweep, and so does one that it cannot make succeed.

mod colleague;
mod forged;
mod naming;
mod owner;
mod preparing;
mod securing;
mod table;

use crate::app::TestApp;
use crate::stage::Tenant;
use anyhow::{Context, Result, ensure};
use owner::Owner;
use papo::config::Config;
use papo_test_support::api::{Answer, User};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use table::{Call, Others};

fn quick_to_forget(config: &mut Config) {
    config.engine.passivate_after = Duration::from_millis(100);
}

/// The operations of the document, as `method path`.
async fn operations(user: &User) -> Result<Vec<(Method, String)>> {
    let document = user.get("/openapi.json").await?;
    let mut operations = Vec::new();
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.context("no paths")? {
        for method in item.as_object().context("no item")?.keys() {
            let verb = method.to_uppercase().parse()?;
            operations.push((verb, format!("{method} {path}")));
        }
    }
    Ok(operations)
}

#[actix_web::test]
async fn no_operation_reaches_into_another_tenant() -> Result<()> {
    let app = TestApp::start_with(quick_to_forget).await?;
    // The document's example is the first tenant's number, which therefore is not the owner's.
    let stranger = app.tenant().await?;
    let mut owner = Owner::settle_in(app).await?;
    let operations = operations(&owner.tenant.admin).await?;
    ensure!(operations.len() > 50, "only {}", operations.len());
    let mut faults = Vec::new();
    for (method, operation) in operations {
        if let Err(fault) = sweep(&mut owner, &stranger, &method, &operation).await {
            faults.push(format!("{operation}: {fault:#}"));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    owner.app.stop().await;
    Ok(())
}

async fn sweep(
    owner: &mut Owner,
    stranger: &Tenant,
    method: &Method,
    operation: &str,
) -> Result<()> {
    let call = owner.call(operation).await?;
    let call = call.context("it is not in the table")?;
    // While it can still succeed, and once more when it has.
    kept_out(owner, stranger, method, operation, &call).await?;
    let answer = call.made_by(method, &call.user).await?;
    ensure!(
        succeeded(&answer),
        "it does not succeed for its owner: {} {}",
        answer.status,
        answer.text
    );
    let shown = mark_in(&answer, &call, &owner.marks().await?).is_some();
    ensure!(
        shown || call.others != Others::Theirs || method != Method::GET,
        "it shows nothing that could leak: {}",
        answer.text
    );
    kept_out(owner, stranger, method, operation, &call).await
}

fn succeeded(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

/// The same call by others: they get no further than they should, are shown nothing of the
/// owner's, and the owner's rows stay as they are.
async fn kept_out(
    owner: &Owner,
    stranger: &Tenant,
    method: &Method,
    operation: &str,
    call: &Call,
) -> Result<()> {
    let marks = owner.marks().await?;
    let before = owner.digest().await?;
    for (who, answer) in others(owner, stranger, method, operation, call).await? {
        let proper = match (call.others, who) {
            (Others::Holder, _) => matches!(answer.status, 401 | 403 | 404),
            (Others::Anybody, _) => succeeded(&answer),
            (_, Who::Nobody) => answer.status == 401,
            (Others::Unproved, _) => matches!(answer.status, 409 | 422),
            (Others::Refused, _) => matches!(answer.status, 403 | 404),
            (Others::Theirs | Others::Themselves, _) => succeeded(&answer),
            (Others::Counts, _) => {
                let own = call.made_by(method, &call.user).await?;
                succeeded(&answer) && answer.text != own.text
            }
        };
        let (status, text) = (answer.status, &answer.text);
        ensure!(proper, "{who:?} was answered {status}: {text}");
        let leaked = mark_in(&answer, call, &marks);
        ensure!(leaked.is_none(), "{leaked:?} leaked to {who:?}: {text}");
    }
    if call.others == Others::Anybody {
        return Ok(());
    }
    let after = owner.digest().await?;
    let changed: Vec<&String> = before
        .keys()
        .filter(|table| after.get(*table) != before.get(*table))
        .collect();
    ensure!(changed.is_empty(), "a stranger changed {changed:?}");
    Ok(())
}

#[derive(Clone, Copy, Debug)]
enum Who {
    Stranger,
    Nobody,
}

/// What others are told: another tenant's administrator, the same one naming the owner's tenant,
/// and nobody; or whoever holds a secret that is not the owner's.
async fn others(
    owner: &Owner,
    stranger: &Tenant,
    method: &Method,
    operation: &str,
    call: &Call,
) -> Result<Vec<(Who, Answer)>> {
    let api = &owner.tenant.api;
    let mut answers = Vec::new();
    let callers = match call.others {
        Others::Holder => {
            for forged in owner.forged(operation, call, stranger).await? {
                let answer = forged.made_by_nobody(method, api).await?;
                answers.push((Who::Stranger, answer));
            }
            return Ok(answers);
        }
        Others::Themselves | Others::Unproved => vec![stranger.attendant(&owner::name()).await?],
        Others::Anybody | Others::Refused | Others::Theirs | Others::Counts => vec![
            stranger.admin.clone(),
            stranger.admin.acting_for(&owner.tenant.slug),
        ],
    };
    for caller in &callers {
        answers.push((Who::Stranger, call.made_by(method, caller).await?));
    }
    answers.push((Who::Nobody, call.made_by_nobody(method, api).await?));
    Ok(answers)
}

/// By what an answer shows something of the owner's that was not in the question.
fn mark_in<'a>(answer: &Answer, call: &Call, marks: &'a BTreeSet<String>) -> Option<&'a String> {
    let said = call.body.as_ref().map(Value::to_string).unwrap_or_default();
    let mut shown = marks.iter().filter(|mark| answer.text.contains(*mark));
    shown.find(|mark| !said.contains(*mark))
}
