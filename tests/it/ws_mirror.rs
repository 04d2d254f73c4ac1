//! G7: whatever is cut, resumed, transferred or taken away, a right client knows in the end what
//! the API shows.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, is, text};
use crate::ws_follower::Follower;
use anyhow::{Context, Result, ensure};
use papo_test_support::api::User;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

const STEPS: usize = 600;
const CUSTOMERS: u32 = 6;

struct Play {
    tenant: Tenant,
    phones: Vec<Phone>,
    conversations: Vec<String>,
    followers: Vec<Follower>,
    departments: Vec<String>,
    dice: StdRng,
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
        let path = |what: &str| format!("/api/v1/conversations/{id}/{what}");
        let body = match self.dice.random_range(0..100) {
            0..20 => {
                let phone = self.phones.choose(&mut self.dice).context("no phone")?;
                phone.writes("tudo bem?")?;
                return Ok(());
            }
            20..38 => Some((path("takeover"), Value::Null)),
            38..50 => Some((path("messages"), json!({ "type": "text", "body": "Olá" }))),
            50..55 => Some((path("notes"), json!({ "note": "cuidado" }))),
            55..62 => Some((path("read"), Value::Null)),
            62..67 => Some((path("close"), Value::Null)),
            67..72 => Some((path("return-to-bot"), Value::Null)),
            72..82 => {
                let to = self.user()?.id;
                Some((path("transfer"), json!({ "to_user_id": to })))
            }
            82..86 => {
                let to = self.departments.choose(&mut self.dice);
                Some((path("transfer"), json!({ "department_id": to })))
            }
            86..89 => return self.change_rights().await,
            89..95 => return self.follower()?.lose().await,
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
        if let Some((path, body)) = body {
            let answer = self.user()?.post(&path, body).await?;
            ensure!(answer.status < 500, "{path}: {}", answer.text);
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
        self.tenant.admin.patch(&path, change).await?.expect(200)?;
        Ok(())
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
    let head = "SELECT coalesce(max(seq), 0) FROM events WHERE tenant_id = $1";
    let head = u64::try_from(app.count(head, &[&play.tenant.uuid()]).await?)?;
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
    drop(play);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn clients_know_what_the_api_shows() -> Result<()> {
    play(1).await
}

#[actix_web::test]
async fn clients_know_what_the_api_shows_in_another_course_of_events() -> Result<()> {
    play(2).await
}
