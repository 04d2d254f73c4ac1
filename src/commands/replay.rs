//! `papo replay`: the history of a conversation must lead to its snapshot.

use super::{database, engine_database};
use crate::cli;
use crate::config::Config;
use anyhow::Context as _;
use papo_domain::conversation::{State, evolve};
use papo_storage::app::Replay;
use serde_json::Value;
use std::process::ExitCode;

pub(super) async fn run(config: &Config, options: cli::Replay) -> anyhow::Result<ExitCode> {
    let tenant = engine_database(config)?
        .tenant_of(options.conversation)
        .await
        .context("no tenant's conversation was found")?;
    let replay = database(config)?
        .replay(tenant, options.conversation)
        .await
        .context("the conversation cannot be read")?;
    let oldest = replay.events.first().map(|(version, _)| *version);
    if oldest.is_some_and(|version| version > 1) || (oldest.is_none() && replay.version > 0) {
        println!(
            "the history before version {} is not retained: nothing to compare",
            oldest.unwrap_or(replay.version + 1)
        );
        return Ok(ExitCode::from(2));
    }
    let differences = differences(&replay)?;
    for difference in &differences {
        println!("{difference}");
    }
    println!(
        "{} events, version {}: {}",
        replay.events.len(),
        replay.version,
        if differences.is_empty() {
            "history and snapshot agree".to_owned()
        } else {
            format!("{} differences", differences.len())
        }
    );
    Ok(if differences.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Every field in which the folded history differs from the snapshot.
fn differences(replay: &Replay) -> anyhow::Result<Vec<String>> {
    let mut state = State::new(replay.state.conversation);
    for (_, event) in &replay.events {
        evolve(&mut state, event);
    }
    let folded = serde_json::to_value(&state)?;
    let stored = serde_json::to_value(&replay.state)?;
    let mut found = Vec::new();
    compare("", &folded, &stored, &mut found);
    Ok(found)
}

fn compare(path: &str, folded: &Value, stored: &Value, found: &mut Vec<String>) {
    match (folded, stored) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let (a, b) = (a.get(key), b.get(key));
                let at = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                compare(
                    &at,
                    a.unwrap_or(&Value::Null),
                    b.unwrap_or(&Value::Null),
                    found,
                );
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{path}: history {a}, snapshot {b}")),
    }
}

#[cfg(test)]
mod tests {
    use super::differences;
    use papo_domain::conversation::{Event, State, evolve};
    use papo_domain::{ConversationId, Timestamp};
    use papo_storage::app::Replay;
    use uuid::Uuid;

    #[test]
    fn names_what_differs() {
        let at = Timestamp::from_timestamp(1_000, 0).expect("time");
        let events = vec![(1, Event::SessionOpened { at })];
        let mut state = State::new(ConversationId(Uuid::from_u128(1)));
        for (_, event) in &events {
            evolve(&mut state, event);
        }
        let mut replay = Replay {
            events,
            version: 1,
            state,
        };
        assert_eq!(
            differences(&replay).expect("compared"),
            Vec::<String>::new()
        );
        replay.state.unread = 7;
        replay.state.epoch += 1;
        let found = differences(&replay).expect("compared");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found.iter().any(|line| line.starts_with("unread: ")),
            "{found:?}"
        );
    }
}
