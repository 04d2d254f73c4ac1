//! Several messages in a row, answered together.

use crate::process::ProcessApp;
use crate::stage::{is, number};
use anyhow::{Context, Result, ensure};
use papo_domain::conversation::{DeadlineKind, decode, encode};
use papo_emulator::Inbound;
use serde_json::{Value, json};

/// The default flow's first words.
const MENU: &str = "Como podemos ajudar";

/// The quiet period of a burst is over, as far as the only conversation is concerned. The server
/// must not be running.
async fn quiet_is_over(app: &ProcessApp) -> Result<()> {
    let snapshot = "SELECT payload FROM conversation_state";
    let mut state = decode(app.rows.query_one(snapshot, &[]).await?.get(0))?;
    let since = state.turn.context("no burst waits")?.since;
    for deadline in &mut state.deadlines {
        if deadline.kind == DeadlineKind::BotTurn {
            deadline.at = since;
        }
    }
    let write = "UPDATE conversation_state SET payload = $1, wake_at = now()";
    let written = app.rows.execute(write, &[&encode(&state)?]).await?;
    ensure!(written == 1, "{written} conversations");
    Ok(())
}

/// What a customer sends in a row after the first message is answered together, not one by one:
/// two answers that are not understood would have called a person. A burst that waits for its
/// end outlives the server.
#[actix_web::test]
async fn a_burst_has_one_answer() -> Result<()> {
    let mut app = ProcessApp::start().await?;
    let tenant = app.tenant().await?;
    let policy = json!({ "coalesce_quiet_ms": 60_000, "coalesce_max_ms": 60_000 });
    tenant
        .admin
        .put("/api/v1/tenants/current/policy", policy)
        .await?
        .expect(200)?;
    let mut phone = tenant.customer(1)?;
    let line = &tenant.line.phone_number_id;
    let burst = ["Oi", "tudo bem?", "choveu muito", "mas passou"];
    let burst = burst.map(|words| (line.clone(), phone.wa_id.clone(), Inbound::text(words)));
    app.emulator.send_together(burst.into())?;
    phone.receives_words(MENU).await?;
    let whole = |c: &Value| number(c, "last_seq").is_ok_and(|seq| seq == 5);
    tenant.conversation(&phone.wa_id, whole).await?;
    app.settled().await?;
    assert_eq!(phone.received()?.len(), 1, "answered before its end");

    app.server.kill()?;
    quiet_is_over(&app).await?;
    app.server.start().await?;
    phone.receives_words("não entendi").await?;
    app.settled().await?;
    assert_eq!(phone.received()?.len(), 2, "the menu and one answer");
    tenant
        .conversation(&phone.wa_id, |c| is(c, "mode", "bot"))
        .await?;
    Ok(())
}
