//! Attendants of another department: what somebody else leads is hidden from them as from strangers.

use super::owner::Owner;
use super::table::Call;
use super::{operations, quick_to_forget};
use crate::app::TestApp;
use crate::stage::text;
use anyhow::{Context, Result, ensure};
use papo_test_support::api::User;
use reqwest::Method;
use serde_json::{Value, json};

/// What the administrator leads.
struct Hidden {
    conversation: String,
    handoff: String,
    customer: String,
}

impl Hidden {
    async fn of(owner: &mut Owner) -> Result<Self> {
        let admin = owner.tenant.admin.clone();
        // What waits without a department waits in everybody's sight.
        let (_, id) = owner.conversation().await?;
        let wish = json!({ "conversation_id": id, "department_id": owner.department });
        let asked = admin.post("/api/v1/handoffs", wish).await?.expect(201)?;
        let handoff = text(&asked, "id")?;
        let assign = format!("/api/v1/handoffs/{handoff}/assign");
        let assigned = admin.post(&assign, Value::Null).await?.expect(200)?;
        let conversation = text(&assigned, "conversation_id")?;
        let path = format!("/api/v1/conversations/{conversation}");
        let shown = admin.get(&path).await?;
        Ok(Self {
            customer: text(shown.get("customer").context("no customer")?, "id")?,
            conversation,
            handoff,
        })
    }

    /// The path of an operation with the hidden thing in it, and else with what `call` has there;
    /// `None` if it names none of them.
    fn path(&self, operation: &str, call: &Call) -> Option<String> {
        let (_, template) = operation.split_once(' ')?;
        let id = [
            ("/api/v1/conversations/{id}", &self.conversation),
            ("/api/v1/handoffs/{id}", &self.handoff),
            ("/api/v1/customers/{id}", &self.customer),
        ]
        .into_iter()
        .find_map(|(start, id)| template.starts_with(start).then_some(id))?;
        let named = call.path.split(['/', '?']);
        let parts = template.split('/').zip(named).map(|(part, named)| {
            if part == "{id}" {
                id
            } else if part.starts_with('{') {
                named
            } else {
                part
            }
        });
        Some(parts.collect::<Vec<&str>>().join("/"))
    }
}

/// An attendant who works elsewhere.
async fn elsewhere(owner: &Owner) -> Result<User> {
    let admin = &owner.tenant.admin;
    let made = admin.post("/api/v1/departments", json!({ "name": "Outro" }));
    let department = text(&made.await?.expect(201)?, "id")?;
    let bia = owner.tenant.attendant("bia").await?;
    let member = json!({ "departments": [department] });
    let path = format!("/api/v1/users/{}", bia.id);
    admin.patch(&path, member).await?.expect(200)?;
    Ok(bia)
}

#[actix_web::test]
async fn what_a_colleague_leads_is_hidden_from_other_departments() -> Result<()> {
    let app = TestApp::start_with(quick_to_forget).await?;
    let mut owner = Owner::settle_in(app).await?;
    let bia = elsewhere(&owner).await?;
    let hidden = Hidden::of(&mut owner).await?;
    let mut calls = Vec::new();
    for (method, operation) in operations(&owner.tenant.admin).await? {
        let hides = ["conversations", "handoffs", "customers"];
        let hides = hides.map(|what| format!(" /api/v1/{what}/{{id}}"));
        if !hides.iter().any(|start| operation.contains(start)) {
            continue;
        }
        let call = owner.call(&operation).await?;
        let mut call = call.with_context(|| format!("{operation} is not in the table"))?;
        call.path = hidden.path(&operation, &call).context("no path")?;
        calls.push((method, operation, call));
    }
    ensure!(calls.len() > 20, "only {}", calls.len());
    let before = owner.digest().await?;
    let mut faults = Vec::new();
    for (method, operation, call) in calls {
        let answer = call.made_by(&method, &bia).await?;
        let proper = match (method == Method::GET, answer.status) {
            (_, 404) => true,
            // What the role does not do, whatever it is done to.
            (reads, status) => !reads && status == 403,
        };
        if !proper {
            faults.push(format!("{operation}: {} {}", answer.status, answer.text));
        }
    }
    for list in [
        "conversations?q=oi",
        "conversations",
        "customers",
        "handoffs/pending",
        "search/messages?q=oi",
        "notifications",
    ] {
        let shown = bia.get(&format!("/api/v1/{list}")).await?.to_string();
        for id in [&hidden.conversation, &hidden.handoff, &hidden.customer] {
            if shown.contains(id) {
                faults.push(format!("{list} shows {id}"));
            }
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(owner.digest().await?, before);
    owner.app.stop().await;
    Ok(())
}
