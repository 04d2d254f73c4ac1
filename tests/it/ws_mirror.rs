//! G7: whatever is cut, resumed, transferred or taken away, a right client knows in the end what
//! the API shows.

use crate::app::TestApp;
use crate::load::seconds_now;
use crate::stage::{Phone, Tenant, is, text};
use crate::ws_follower::Follower;
use anyhow::{Context, Result, ensure};
use chrono::DateTime;
use futures_util::future::try_join_all;
use papo_test_support::api::User;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const STEPS: usize = 600;
const CUSTOMERS: u32 = 6;
/// Notes that are more than a connection holds for a client that does not read.
const FLOOD: usize = 32;
/// A note of the greatest length is 4,096 of these: 16 kB, which a frame holds twice.
const LARGE: &str = "🐌";

/// What must have happened, or the play has shown nothing of it.
const HAPPENED: [&str; 11] = [
    "takeover",
    "transfer",
    "return-to-bot",
    "close",
    "unread",
    "role",
    "departments",
    "resumed",
    "resync",
    "cut: too slow",
    "cut: rights",
];

/// How often what happened.
type Tally = BTreeMap<&'static str, usize>;

struct Play {
    tenant: Tenant,
    phones: Vec<Phone>,
    conversations: Vec<String>,
    followers: Vec<Follower>,
    departments: Vec<String>,
    dice: StdRng,
    done: Tally,
}

impl Play {
    fn follower(&mut self) -> Result<&mut Follower> {
        let i = self.dice.random_range(0..self.followers.len());
        self.followers.get_mut(i).context("nobody follows")
    }

    fn user(&mut self) -> Result<User> {
        Ok(self.follower()?.user.clone())
    }

    /// One thing happens: a word, a change of control, of rights, or of a connection. What the
    /// API refuses is as good; the play goes on.
    async fn step(&mut self) -> Result<()> {
        let id = self
            .conversations
            .choose(&mut self.dice)
            .context("none")?
            .clone();
        let (what, body) = match self.dice.random_range(0..100) {
            0..20 => {
                let phone = self.phones.choose(&mut self.dice).context("no phone")?;
                phone.writes("tudo bem?")?;
                return Ok(());
            }
            20..38 => ("takeover", Value::Null),
            38..50 => ("messages", json!({ "type": "text", "body": "Olá" })),
            50..53 => ("notes", json!({ "note": "cuidado" })),
            53..56 => ("unread", Value::Null),
            56..62 => ("read", Value::Null),
            62..66 => ("close", Value::Null),
            66..67 => return self.marks(&id).await,
            67..68 => ("archive", Value::Null),
            68..69 => ("unarchive", Value::Null),
            69..72 => ("return-to-bot", Value::Null),
            72..81 => ("transfer", json!({ "to_user_id": self.user()?.id })),
            81..85 => {
                let to = self.departments.choose(&mut self.dice);
                ("transfer", json!({ "department_id": to }))
            }
            85..88 => return self.change_rights().await,
            88..94 => return self.follower()?.lose().await,
            94..95 => return self.flood(&id).await,
            95..97 => {
                if let Some(client) = self.follower()?.client() {
                    client.stop_reading();
                }
                return Ok(());
            }
            _ => {
                if let Some(client) = self.follower()?.client() {
                    client.read_again();
                }
                return Ok(());
            }
        };
        let path = format!("/api/v1/conversations/{id}/{what}");
        let answer = self.user()?.post(&path, body).await?;
        ensure!(answer.status < 500, "{path}: {}", answer.text);
        if answer.status < 300 {
            *self.done.entry(what).or_default() += 1;
        }
        Ok(())
    }

    /// Somebody says how urgent it is, and puts it out of the way.
    async fn marks(&mut self, id: &str) -> Result<()> {
        let path = format!("/api/v1/conversations/{id}");
        let priority = ["low", "urgent"].choose(&mut self.dice);
        let user = self.user()?;
        let body = json!({ "priority": priority });
        let answer = user.put(&format!("{path}/priority"), body).await?;
        ensure!(answer.status < 500, "{path}: {}", answer.text);
        let until = DateTime::from_timestamp(seconds_now()? + 3_600, 0);
        let body = json!({ "until": until });
        let answer = user.post(&format!("{path}/snooze"), body).await?;
        ensure!(answer.status < 500, "{path}: {}", answer.text);
        Ok(())
    }

    /// The supervisor, who sees everything, does not read while much is written.
    async fn flood(&mut self, conversation: &str) -> Result<()> {
        let supervisor = self.followers.last_mut().context("nobody follows")?;
        if let Some(client) = supervisor.client() {
            client.stop_reading();
        }
        let path = format!("/api/v1/conversations/{conversation}/notes");
        let notes = (0..FLOOD).map(|_| {
            let note = json!({ "note": LARGE.repeat(4_096) });
            self.tenant.admin.post(&path, note)
        });
        for answer in try_join_all(notes).await? {
            answer.expect(201)?;
        }
        if let Some(client) = supervisor.client() {
            client.read_again();
        }
        Ok(())
    }

    /// Ana's departments change, or Bruno is promoted or demoted.
    async fn change_rights(&mut self) -> Result<()> {
        let [ana, bruno, ..] = self.followers.as_slice() else {
            return Ok(());
        };
        let some = self.dice.random_bool(0.5);
        let (who, change) = if self.dice.random_bool(0.5) {
            let departments = if some {
                self.departments.as_slice()
            } else {
                &[]
            };
            (&ana.user, json!({ "departments": departments }))
        } else {
            let role = if some { "supervisor" } else { "attendant" };
            (&bruno.user, json!({ "role": role }))
        };
        let path = format!("/api/v1/users/{}", who.id);
        let before = self.tenant.admin.get(&path).await?;
        let after = self.tenant.admin.patch(&path, change).await?.expect(200)?;
        for (what, field) in [("role", "role"), ("departments", "departments")] {
            if before.get(field) != after.get(field) {
                *self.done.entry(what).or_default() += 1;
            }
        }
        Ok(())
    }

    /// What was done, and what its followers went through.
    fn tally(&self) -> Tally {
        let mut tally = self.done.clone();
        for follower in &self.followers {
            let closed = |code| follower.closed.iter().filter(|c| **c == code).count();
            for (what, times) in [
                ("resumed", follower.resumed),
                ("resync", follower.resyncs),
                ("cut: too slow", closed(4008)),
                ("cut: rights", closed(4001)),
            ] {
                *tally.entry(what).or_default() += times;
            }
        }
        tally
    }
}

async fn play(seed: u64) -> Result<()> {
    let app = TestApp::start_with(|config| {
        // Whoever reads too late is cut soon, and whoever was away for long must load anew.
        config.realtime.socket_queue = 16;
        config.realtime.replay_max_rows = 100;
    })
    .await?;
    let tenant = app.tenant().await?;
    let mut departments = Vec::new();
    for name in ["Vendas", "Suporte"] {
        let made = tenant
            .admin
            .post("/api/v1/departments", json!({ "name": name }))
            .await?;
        departments.push(text(&made.expect(201)?, "id")?);
    }
    let people = [
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
        tenant.attendant("carla").await?,
        tenant.supervisor().await?,
    ];
    let mut followers = Vec::new();
    for user in &people {
        followers.push(Follower::start(user).await?);
    }
    let (mut phones, mut conversations) = (Vec::new(), Vec::new());
    for n in 0..CUSTOMERS {
        let phone = tenant.customer(n)?;
        phone.writes("Oi")?;
        let bot = |c: &Value| is(c, "mode", "bot");
        conversations.push(text(&tenant.conversation(&phone.wa_id, bot).await?, "id")?);
        phones.push(phone);
    }
    let dice = StdRng::seed_from_u64(seed);
    let mut play = Play {
        tenant,
        phones,
        conversations,
        followers,
        departments,
        dice,
        done: Tally::default(),
    };
    for _ in 0..STEPS {
        play.step().await?;
        for follower in &mut play.followers {
            follower.take()?;
        }
        // Most come back soon; some stay away for a while.
        if play.dice.random_bool(0.15) {
            let follower = play.follower()?;
            if !follower.is_connected() {
                follower.connect().await?;
            }
        }
    }
    app.settled().await?;
    let head = app.head(&play.tenant).await?;
    ensure!(head > 300, "only {head} events: nothing much happened");
    for follower in &mut play.followers {
        if let Some(client) = follower.client() {
            client.read_again();
        }
        follower.reach(head).await?;
        follower
            .must_agree()
            .await
            .with_context(|| format!("seed {seed}"))?;
    }
    let tally = play.tally();
    for what in HAPPENED {
        let times = tally.get(what).copied().unwrap_or_default();
        ensure!(times > 0, "seed {seed}, no {what}: {tally:?}");
    }
    drop(play);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn clients_know_what_the_api_shows() -> Result<()> {
    Box::pin(play(1)).await
}

#[actix_web::test]
async fn clients_know_what_the_api_shows_in_another_course_of_events() -> Result<()> {
    Box::pin(play(2)).await
}

/// The end of a session ends what was unread in it.
#[actix_web::test]
async fn a_closed_conversation_has_nothing_unread() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let boss = tenant.supervisor().await?;
    let mut follower = Follower::start(&boss).await?;
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    let unread = |c: &Value| c.get("unread_count") == Some(&json!(1));
    let id = text(&tenant.conversation(&phone.wa_id, unread).await?, "id")?;
    app.settled().await?;
    follower.reach(app.head(&tenant).await?).await?;
    for what in ["takeover", "close"] {
        let path = format!("/api/v1/conversations/{id}/{what}");
        boss.post(&path, Value::Null).await?.expect(200)?;
    }
    app.settled().await?;
    follower.reach(app.head(&tenant).await?).await?;
    follower.must_agree().await?;
    app.stop().await;
    Ok(())
}
