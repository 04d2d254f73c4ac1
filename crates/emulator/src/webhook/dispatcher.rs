//! Posts what is due. One task looks at the schedule and starts the calls; each call reports
//! back into the world. Ends when it is dropped, and its calls with it.

use crate::shared::Shared;
use crate::world::{Answered, Outgoing};
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

/// A product's answer is read up to here, so that its connection can be used again.
const ANSWER_MAX: usize = 64 * 1024;

pub(crate) async fn run(shared: Arc<Shared>) {
    let mut calls = JoinSet::new();
    loop {
        let due = shared.quietly(|world| world.take_due(Instant::now()));
        if due.something {
            shared.changed();
        }
        for call in due.outgoing {
            calls.spawn(post(Arc::clone(&shared), call));
        }
        while calls.try_join_next().is_some() {}
        match due.next {
            None => shared.woken().await,
            Some(at) => tokio::select! {
                () = shared.woken() => {}
                () = sleep_until(at.into()) => {}
            },
        }
    }
}

async fn post(shared: Arc<Shared>, call: Outgoing) {
    let started = Instant::now();
    let answer = shared
        .http()
        .post(&call.url)
        .header("Content-Type", "application/json")
        .header("User-Agent", "facebookexternalua")
        .header("X-Hub-Signature-256", &call.signature)
        .body(call.post.body.clone())
        .send()
        .await;
    let answered = match answer {
        Ok(mut answer) => {
            let status = answer.status().as_u16();
            let mut read = 0;
            while let Ok(Some(chunk)) = answer.chunk().await {
                read += chunk.len();
                if read > ANSWER_MAX {
                    break;
                }
            }
            Answered::Status(status)
        }
        Err(error) => Answered::Not(reason(&error)),
    };
    let took = started.elapsed();
    let (number, attempt) = (&call.post.number, call.post.attempts);
    match &answered {
        Answered::Status(200) => {}
        Answered::Status(status) => {
            tracing::warn!("webhook of {number} was answered {status} (attempt {attempt})");
        }
        Answered::Not(reason) => {
            tracing::warn!("webhook of {number} was not answered: {reason} (attempt {attempt})");
        }
    }
    shared.with(|world| world.posted(call.post, &answered, took, Instant::now()));
}

fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "timeout".to_owned()
    } else if error.is_connect() {
        "cannot connect".to_owned()
    } else {
        // Without the URL: a callback may carry a secret in its path.
        "connection failed".to_owned()
    }
}
