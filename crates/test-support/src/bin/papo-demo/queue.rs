//! The queue at work: a request is offered to one person, who lets it pass, then to the next, who
//! takes it and hands the conversation on. Seen by an administrator, who sees all of it.

use crate::desk::Desk;
use crate::phone::{Phone, words};
use crate::play::{answer, close, greeting, handoff, is_event, is_mode};
use crate::stage::{Stage, at};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// How long each is asked, in seconds. By then the number may write to the customer again, after what
/// the bot said at once (docs/META.md, "Limits").
const OFFER_SECONDS: u32 = 20;

/// A department whose requests are handed out.
pub(crate) struct Queue<'a> {
    pub(crate) department: &'a str,
    /// Who sees everything and arranges it.
    pub(crate) all: &'a Desk,
    /// Who is there to be asked.
    pub(crate) colleagues: &'a [Desk; 2],
}

impl Queue<'_> {
    /// Request, offer, timeout, accept, transfer, close. The department is as before afterwards.
    pub(crate) async fn play(&self, stage: &mut Stage, phone: &Phone) -> Result<()> {
        let department = self.all.department(self.department).await?;
        let round = json!({ "strategy": "round_robin", "offer_seconds": OFFER_SECONDS });
        for colleague in self.colleagues {
            colleague.is_available().await?;
        }
        self.all.arrange(&department, round).await?;
        let played = self.request(stage, phone).await;
        let before = json!({
            "strategy": department.get("strategy"),
            "offer_seconds": department.get("offer_seconds"),
        });
        self.all.arrange(&department, before).await?;
        played
    }

    async fn request(&self, stage: &mut Stage, phone: &Phone) -> Result<()> {
        let (conversation, menu) = greeting(stage, phone).await?;
        handoff(stage, phone, &menu, Some(self.department)).await?;

        stage.step("offer");
        let (first, _) = self.offered(stage).await?;
        stage.attendant(&format!("{} is asked, and does nothing", first.name));
        let passed = |frame: &Value| {
            is_event(frame, "handoff:offer_ended") && at(frame, "/payload/how") == Some("timed_out")
        };
        stage.desk_gets("the offer's end", passed).await?;

        stage.step("accept");
        let (second, handoff) = self.offered(stage).await?;
        stage.attendant(&format!("{} is asked, and takes it", second.name));
        second.accept(&handoff).await?;
        led_by(stage, second).await?;
        let taken = |frame: &Value| is_event(frame, "handoff:assigned");
        stage.desk_gets("the assignment", taken).await?;
        told_of(stage, second).await?;
        answer(stage, second, &conversation, "Olá! Já vejo isso com você.").await?;

        stage.step("transfer");
        stage.attendant(&format!("{} hands it to {}", second.name, first.name));
        second
            .hand_on(&conversation, first, "Conhece o caso.")
            .await?;
        led_by(stage, first).await?;
        let moved = |frame: &Value| is_event(frame, "conversation:transferred");
        stage.desk_gets("the transfer", moved).await?;
        told_of(stage, first).await?;
        answer(stage, first, &conversation, "Resolvido, até logo!").await?;

        stage.step("close");
        stage.attendant(&format!("{} closes", first.name));
        // Who sees all tells what became of it.
        close(stage, first, self.all, &conversation).await
    }

    /// Who is asked next, and to take which request.
    async fn offered(&self, stage: &mut Stage) -> Result<(&Desk, String)> {
        let is_offer = |frame: &Value| is_event(frame, "handoff:offered");
        let frame = stage.desk_gets("an offer", is_offer).await?;
        let (user, handoff) = (
            at(&frame, "/payload/user_id"),
            at(&frame, "/payload/handoff_id"),
        );
        let handoff = handoff.context("an offer of nothing")?.to_owned();
        let asked = |desk: &&Desk| user == Some(desk.user.as_str());
        match self.colleagues.iter().find(asked) {
            Some(desk) => Ok((desk, handoff)),
            None => bail!("somebody who does not play was asked: is another dashboard open?"),
        }
    }
}

async fn led_by(stage: &mut Stage, desk: &Desk) -> Result<()> {
    let led = |frame: &Value| {
        is_mode(frame, "human")
            && at(frame, "/payload/set/assigned_user_id") == Some(desk.user.as_str())
    };
    stage.desk_gets("the new owner", led).await.map(drop)
}

async fn told_of(stage: &mut Stage, desk: &Desk) -> Result<()> {
    let named = |entry: &Value| words(entry).contains(&desk.name);
    stage.phone_gets("who is there now", named).await.map(drop)
}
