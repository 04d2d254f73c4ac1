//! The play: what the customer and the attendant do, and what each must then receive.

use crate::desk::Desk;
use crate::phone::{Choice, NAME, Phone, choices, words};
use crate::stage::{Stage, at};
use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Greeting, menu, handoff, takeover, chat, close.
pub(crate) async fn conversation(stage: &mut Stage, phone: &Phone, desk: &Desk) -> Result<()> {
    let (conversation, menu) = greeting(stage, phone).await?;
    let menu = look_around(stage, phone, menu).await?;
    handoff(stage, phone, &menu, None).await?;
    takeover(stage, desk, &conversation).await?;
    chat(stage, phone, desk, &conversation).await?;
    stage.step("close");
    stage.attendant(&format!("{} closes", desk.name));
    close(stage, desk, desk, &conversation).await
}

/// The customer writes; the bot greets with a menu, which the attendant can follow.
pub(crate) async fn greeting(stage: &mut Stage, phone: &Phone) -> Result<(String, Value)> {
    stage.step("greeting");
    let text = "Oi, boa tarde!";
    stage.customer(&format!("{NAME} writes: {text}"));
    let message = phone.write(text).await?;
    let conversation = stage.conversation_of(&message).await?;
    let menu = stage
        .phone_gets("the greeting with a menu", |entry| {
            !choices(entry).is_empty()
        })
        .await?;
    let from_bot = |frame: &Value| is_message(frame, "bot") && text_of(frame) == words(&menu);
    stage.desk_gets("the bot's greeting", from_bot).await?;
    Ok((conversation, menu))
}

/// The customer picks what the bot answers by itself, if the menu has such a thing; the newest
/// menu.
async fn look_around(stage: &mut Stage, phone: &Phone, menu: Value) -> Result<Value> {
    stage.step("menu");
    let offered = choices(&menu);
    let first = offered.iter().find(|choice| !is_for_a_person(choice));
    let choice = first.context("the menu has nothing but people")?;
    stage.customer(&format!("picks: {}", choice.title));
    let picked = phone.pick(&menu, choice).await?;
    stage
        .desk_gets("the customer's choice", |frame| is_inbound(frame, &picked))
        .await?;
    let answer = stage
        .phone_gets("the bot's answer with a way on", |entry| {
            choices(entry).iter().any(is_for_a_person)
        })
        .await?;
    let from_bot = |frame: &Value| is_message(frame, "bot") && text_of(frame) == words(&answer);
    stage.desk_gets("the bot's answer", from_bot).await?;
    Ok(answer)
}

/// The customer asks for a person, says what about if the bot wants to know, and waits.
pub(crate) async fn handoff(
    stage: &mut Stage,
    phone: &Phone,
    menu: &Value,
    department: Option<&str>,
) -> Result<()> {
    stage.step("handoff");
    let offered = choices(menu);
    let choice = offered.iter().find(|choice| is_for_a_person(choice));
    let choice = choice.context("the menu has no way to a person")?;
    stage.customer(&format!("picks: {}", choice.title));
    phone.pick(menu, choice).await?;
    let something = |entry: &Value| !words(entry).is_empty();
    let mut notice = stage.phone_gets("what happens next", something).await?;
    let wanted = |choice: &&Choice| department.is_none_or(|name| choice.title == name);
    if let Some(department) = choices(&notice).iter().find(wanted) {
        stage.customer(&format!("picks: {}", department.title));
        phone.pick(&notice, department).await?;
        notice = stage.phone_gets("what happens next", something).await?;
    }
    ensure!(
        choices(&notice).is_empty(),
        "step 'handoff': the bot goes on asking: {:?}",
        words(&notice)
    );
    stage
        .desk_gets("waiting for a person", |frame| is_mode(frame, "waiting"))
        .await?;
    stage
        .desk_gets("the request for a person", |frame| {
            is_event(frame, "handoff:new")
        })
        .await?;
    Ok(())
}

/// The attendant takes over, and the customer is told who it is.
async fn takeover(stage: &mut Stage, desk: &Desk, conversation: &str) -> Result<()> {
    stage.step("takeover");
    stage.attendant(&format!("{} takes over", desk.name));
    let outcome = desk.act(conversation, "takeover").await?;
    ensure!(
        outcome.get("on_the_wire").is_some(),
        "the takeover does not tell what was on the wire: {outcome}"
    );
    let led = |frame: &Value| {
        is_mode(frame, "human")
            && at(frame, "/payload/set/assigned_user_id") == Some(desk.user.as_str())
    };
    stage.desk_gets("the new owner", led).await?;
    stage
        .desk_gets("the assignment", |frame| {
            is_event(frame, "handoff:assigned")
        })
        .await?;
    stage
        .phone_gets("who is there now", |entry| {
            words(entry).contains(&desk.name)
        })
        .await?;
    Ok(())
}

/// Both write. The bot says nothing, whatever it is asked.
async fn chat(stage: &mut Stage, phone: &Phone, desk: &Desk, conversation: &str) -> Result<()> {
    stage.step("chat");
    answer(stage, desk, conversation, "Olá, Lia! Como posso ajudar?").await?;
    for (question, reply) in [
        ("O meu pedido já saiu?", "Saiu hoje cedo e chega amanhã."),
        // A word that the bot would answer, were it still there.
        ("menu", "Agora sou eu quem responde. 😊"),
    ] {
        stage.customer(&format!("writes: {question}"));
        let message = phone.write(question).await?;
        stage
            .desk_gets("the customer's message", |frame| {
                is_inbound(frame, &message)
            })
            .await?;
        answer(stage, desk, conversation, reply).await?;
    }
    Ok(())
}

/// The attendant writes; the phone gets it, and the screen shows how far it came.
pub(crate) async fn answer(
    stage: &mut Stage,
    desk: &Desk,
    conversation: &str,
    text: &str,
) -> Result<()> {
    stage.attendant(&format!("{} writes: {text}", desk.name));
    let message = desk.reply(conversation, text).await?;
    stage
        .phone_gets("the attendant's message", |entry| words(entry) == text)
        .await?;
    for status in ["delivered", "read"] {
        let came = |frame: &Value| {
            is_event(frame, "message:status")
                && at(frame, "/payload/message_id") == Some(message.as_str())
                && at(frame, "/payload/status") == Some(status)
        };
        stage
            .desk_gets(&format!("the tick '{status}'"), came)
            .await?;
    }
    Ok(())
}

/// Whoever leads closes, and the API tells the same story as both screens.
pub(crate) async fn close(
    stage: &mut Stage,
    leads: &Desk,
    sees: &Desk,
    conversation: &str,
) -> Result<()> {
    leads.act(conversation, "close").await?;
    stage
        .desk_gets("the end", |frame| is_mode(frame, "closed"))
        .await?;
    stage
        .desk_gets("the request's end", |frame| {
            is_event(frame, "handoff:completed")
        })
        .await?;
    stage.phone_is_quiet()?;
    let shown = sees.look(conversation).await?;
    ensure!(
        at(&shown, "/status") == Some("closed"),
        "the API shows it as {shown}"
    );
    let stored = sees.history(conversation).await?;
    let told = &stage.messages;
    ensure!(
        &stored == told,
        "stored are messages {stored:?}, told were {told:?}"
    );
    stage.end(stored.len());
    Ok(())
}

pub(crate) fn is_event(frame: &Value, name: &str) -> bool {
    at(frame, "/event") == Some(name)
}

fn is_message(frame: &Value, sender: &str) -> bool {
    is_event(frame, "message:new") && at(frame, "/payload/sender_type") == Some(sender)
}

fn is_inbound(frame: &Value, external_id: &str) -> bool {
    is_message(frame, "customer") && at(frame, "/payload/external_id") == Some(external_id)
}

pub(crate) fn is_mode(frame: &Value, mode: &str) -> bool {
    is_event(frame, "conversation:updated") && at(frame, "/payload/set/mode") == Some(mode)
}

fn text_of(frame: &Value) -> &str {
    at(frame, "/payload/text").unwrap_or_default()
}

fn is_for_a_person(choice: &Choice) -> bool {
    choice.title.to_lowercase().contains("atendente")
}
