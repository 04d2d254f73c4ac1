//! Deliveries that WhatsApp never made, or never like this: the right status, nothing wrong
//! stored, and nobody else's delivery harmed.

use crate::app::TestApp;
use crate::stage::{Tenant, text};
use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use papo_test_support::api::Api;
use papo_test_support::webhook::{Receipt, deliver, deliver_signed, envelope, signature};
use serde_json::{Value, json};

const FROM: &str = "5511900000001";
const AT: i64 = 1_767_225_600;

/// Everything that webhooks may have left behind.
async fn stored(app: &TestApp) -> Result<i64> {
    let all = "SELECT (SELECT count(*) FROM inbox_keys) + (SELECT count(*) FROM inbox_unrouted)
                    + (SELECT count(*) FROM webhook_deliveries) + (SELECT count(*) FROM messages)";
    app.count(all, &[]).await
}

async fn signed(api: &Api, tenant: &Tenant, body: Vec<u8>) -> Result<Receipt> {
    let signature = signature(&tenant.line.app_secret, &body);
    deliver(api, body, Some(&signature)).await
}

#[actix_web::test]
async fn what_nobody_signed_is_refused_and_not_stored() -> Result<()> {
    let app = TestApp::start().await?;
    let (ours, theirs) = (app.tenant().await?, app.tenant().await?);
    let body = ours
        .line
        .text(FROM, "wamid.forged", AT, "Oi")
        .to_string()
        .into_bytes();
    let right = signature(&ours.line.app_secret, &body);
    let (_, digest) = right.split_once('=').context("no digest")?;

    let forged = [
        None,
        Some(String::new()),
        Some("sha256=".to_owned()),
        Some(digest.to_owned()),
        Some(format!("sha1={digest}")),
        Some(right[..right.len() - 2].to_owned()),
        Some(format!("{right}00")),
        Some(signature("guessed-secret", &body)),
        Some(signature("", &body)),
        Some(signature(&theirs.line.app_secret, &body)),
    ];
    for signature in forged {
        let receipt = deliver(&app.api, body.clone(), signature.as_deref()).await?;
        assert_eq!(receipt.status, 401, "{signature:?}: {}", receipt.text);
    }
    let mut altered = body.clone();
    let at = altered.iter().position(|b| *b == b'O').context("no O")?;
    altered[at] = b'E';
    assert_eq!(deliver(&app.api, altered, Some(&right)).await?.status, 401);
    assert_eq!(stored(&app).await?, 0);

    assert_eq!(deliver(&app.api, body, Some(&right)).await?.status, 200);
    app.stop().await;
    Ok(())
}

/// One secret vouches for its own entries only, whoever's stand beside them and in whatever way.
#[actix_web::test]
async fn one_secret_does_not_vouch_for_the_entries_of_others() -> Result<()> {
    let app = TestApp::start().await?;
    let (ours, theirs) = (app.tenant().await?, app.tenant().await?);
    let entry =
        |tenant: &Tenant, wamid: &str| tenant.line.text(FROM, wamid, AT, "Oi")["entry"][0].clone();
    let (own, foreign) = (entry(&ours, "wamid.a"), entry(&theirs, "wamid.b"));
    let mut account_of_theirs = own.clone();
    account_of_theirs["id"] = theirs.line.waba_id.clone().into();
    let mut number_of_theirs = own.clone();
    number_of_theirs["changes"][0]["value"]["metadata"]["phone_number_id"] =
        theirs.line.phone_number_id.clone().into();
    let mut both_changes = own.clone();
    let changes = both_changes["changes"]
        .as_array_mut()
        .context("no changes")?;
    changes.push(foreign["changes"][0].clone());
    for entries in [
        vec![own.clone(), foreign.clone()],
        vec![foreign.clone(), own.clone()],
        vec![account_of_theirs],
        vec![number_of_theirs],
        vec![both_changes],
    ] {
        let body = envelope(entries);
        for signer in [&ours, &theirs] {
            let receipt = deliver_signed(&app.api, &signer.line.app_secret, &body).await?;
            assert_eq!(receipt.status, 401, "{body}");
        }
    }
    // A key that stands twice shows one owner to the look before and another to the parser.
    let twice = envelope(vec![own]).to_string().replacen(
        "\"metadata\":{",
        &format!(
            "\"metadata\":{{\"phone_number_id\":\"{}\",",
            theirs.line.phone_number_id
        ),
        1,
    );
    let receipt = signed(&app.api, &ours, twice.into_bytes()).await?;
    assert_eq!(receipt.status, 401);
    assert_eq!(stored(&app).await?, 0);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_cannot_be_read_is_refused_and_not_stored() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let whole = tenant
        .line
        .text(FROM, "wamid.whole", AT, "Oi")
        .to_string()
        .into_bytes();
    for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
        let receipt = signed(&app.api, &tenant, whole[..cut].to_vec()).await?;
        assert_eq!(receipt.status, 400, "cut at {cut}");
    }
    let mut latin = whole.clone();
    let at = latin
        .windows(2)
        .position(|pair| pair == b"Oi")
        .context("no Oi")?;
    latin[at] = 0xe7;
    assert_eq!(signed(&app.api, &tenant, latin).await?.status, 400);

    let deep = |levels: usize| {
        let nest = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let nested = String::from_utf8_lossy(&whole).replace("\"Oi\"", &nest);
        nested.into_bytes()
    };
    for levels in [200, 100_000] {
        let receipt = signed(&app.api, &tenant, deep(levels)).await?;
        assert_eq!(receipt.status, 400, "{levels} levels");
    }
    for body in [
        "null",
        "[]",
        "\"\"",
        "{}",
        "{\"entry\":[]}",
        "{\"entry\":7}",
        "NaN",
        "\u{0}",
    ] {
        let receipt = signed(&app.api, &tenant, body.as_bytes().to_vec()).await?;
        assert_eq!(receipt.status, 400, "{body:?}");
    }
    assert_eq!(stored(&app).await?, 0);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn three_megabytes_are_taken_and_one_byte_more_is_not() -> Result<()> {
    const MOST: usize = 3 << 20;
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let mut body = tenant
        .line
        .text(FROM, "wamid.large", AT, "Oi")
        .to_string()
        .into_bytes();
    body.resize(MOST + 1, b' ');
    let receipt = signed(&app.api, &tenant, body.clone()).await?;
    assert_eq!(receipt.status, 413, "{}", receipt.text);
    assert_eq!(stored(&app).await?, 0);
    body.truncate(MOST);
    assert_eq!(signed(&app.api, &tenant, body).await?.status, 200);
    app.stop().await;
    Ok(())
}

/// U+0000 cannot be stored in PostgreSQL's text: it is shown as the replacement character, in
/// words, names and ids alike.
#[actix_web::test]
async fn nul_is_replaced_wherever_it_stands() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let mut body = tenant.line.text(FROM, "wamid.n\u{0}l", AT, "o\u{0}i");
    let value = &mut body["entry"][0]["changes"][0]["value"];
    value["contacts"][0]["profile"]["name"] = "A\u{0}na".into();
    value["messages"][0]["future"] = json!({ "k\u{0}y": ["\u{0}"] });
    let receipt = deliver_signed(&app.api, &tenant.line.app_secret, &body).await?;
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    app.settled().await?;
    let conversation = tenant.conversation(FROM, |_| true).await?;
    assert_eq!(conversation["customer"]["name"], "A\u{FFFD}na");
    let messages = tenant.messages(&text(&conversation, "id")?).await?;
    assert_eq!(messages[0]["text"], "o\u{FFFD}i");
    assert_eq!(messages[0]["external_id"], "wamid.n\u{FFFD}l");
    app.stop().await;
    Ok(())
}

/// A flood of damage does not touch what another tenant receives at the same moment.
#[actix_web::test]
async fn other_tenants_are_unharmed() -> Result<()> {
    let app = TestApp::start().await?;
    let (bad, good) = (app.tenant().await?, app.tenant().await?);
    let whole = bad
        .line
        .text(FROM, "wamid.bad", AT, "Oi")
        .to_string()
        .into_bytes();
    let wrong = (0..60).map(|n| {
        let (api, bad, mut body) = (&app.api, &bad, whole.clone());
        async move {
            let receipt = match n % 3 {
                0 => deliver(api, body, Some("sha256=00")).await?,
                1 => {
                    body.truncate(40 + n);
                    signed(api, bad, body).await?
                }
                _ => {
                    let mut late: Value = serde_json::from_slice(&body)?;
                    // Well signed and well formed, and of values that no column takes.
                    let message = &mut late["entry"][0]["changes"][0]["value"]["messages"][0];
                    message["id"] = format!("wamid.{n}").into();
                    message["timestamp"] = "99999999999999999".into();
                    message["from"] = "\u{0}".into();
                    deliver_signed(api, &bad.line.app_secret, &late).await?
                }
            };
            anyhow::Ok((n, receipt.status))
        }
    });
    let right = (0..60).map(|n| {
        let (api, line) = (&app.api, &good.line);
        async move {
            let from = format!("55119{:08}", n % 10);
            let body = line.text(
                &from,
                &format!("wamid.good.{n}"),
                AT,
                &format!("mensagem {n}"),
            );
            deliver_signed(api, &line.app_secret, &body).await
        }
    });
    let (wrong, right) = futures_util::join!(try_join_all(wrong), try_join_all(right));
    for (n, status) in wrong? {
        let expected = [401, 400, 200][n % 3];
        assert_eq!(status, expected, "{n}");
    }
    assert!(right?.iter().all(|receipt| receipt.status == 200));
    app.settled().await?;
    let shown = "SELECT count(*) FROM messages WHERE tenant_id = $1 AND sender = 'customer'";
    assert_eq!(app.count(shown, &[&good.uuid()]).await?, 60);
    let open = "SELECT count(*) FROM inbox WHERE tenant_id = $1";
    assert_eq!(app.count(open, &[&good.uuid()]).await?, 0);
    app.stop().await;
    Ok(())
}
