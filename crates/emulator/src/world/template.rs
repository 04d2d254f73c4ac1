//! Message templates that a business account may use: as much of them as sending needs.

use super::refusal::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// The most templates of all accounts together; Meta allows 6,000 for one.
const TEMPLATES_MAX: usize = 6_000;

/// The status of templates that can be sent.
const APPROVED: &str = "APPROVED";

/// A template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub waba_id: String,
    pub name: String,
    /// Such as `pt_BR`.
    pub language: String,
    /// Text with placeholders `{{…}}`, one for each body parameter.
    pub body: String,
    /// As Meta says it; `APPROVED` ones can be sent.
    #[serde(default = "approved")]
    pub status: String,
    /// Why it was rejected.
    #[serde(default)]
    pub reason: Option<String>,
    /// Header, footer and buttons as Meta lists them.
    #[serde(default)]
    pub components: Vec<Value>,
}

fn approved() -> String {
    APPROVED.to_owned()
}

impl Template {
    /// One that can be sent and has a body alone.
    #[must_use]
    pub fn approved(waba_id: &str, name: &str, language: &str, body: &str) -> Self {
        Self {
            waba_id: waba_id.to_owned(),
            name: name.to_owned(),
            language: language.to_owned(),
            body: body.to_owned(),
            status: approved(),
            reason: None,
            components: Vec::new(),
        }
    }

    /// Meta's code where it cannot be sent.
    pub(crate) fn refusal(&self) -> Option<u32> {
        match self.status.as_str() {
            APPROVED => None,
            "PAUSED" => Some(132_015),
            "DISABLED" => Some(132_016),
            _ => Some(132_001),
        }
    }

    /// What its buttons are called.
    pub(crate) fn buttons(&self) -> Vec<Value> {
        let buttons = self.components.iter().filter_map(|component| {
            let buttons = component.get("buttons").and_then(Value::as_array);
            buttons.map(|buttons| buttons.iter().filter_map(|button| button.get("text")))
        });
        buttons.flatten().cloned().collect()
    }

    pub(crate) fn parameters(&self) -> usize {
        self.body.matches("{{").count()
    }

    /// The text as the customer reads it: placeholders replaced from left to right.
    pub(crate) fn filled(&self, parameters: &[String]) -> String {
        let mut text = String::new();
        let mut rest = self.body.as_str();
        let mut parameters = parameters.iter();
        while let Some((before, after)) = rest.split_once("{{") {
            text.push_str(before);
            let Some((_, tail)) = after.split_once("}}") else {
                break;
            };
            text.push_str(parameters.next().map_or("", String::as_str));
            rest = tail;
        }
        text.push_str(rest);
        text
    }
}

#[derive(Debug, Default)]
pub(crate) struct Templates(HashMap<(String, String, String), Template>);

impl Templates {
    pub(crate) fn add(&mut self, template: Template) -> Result<(), Refusal> {
        if self.0.len() >= TEMPLATES_MAX {
            return Err(Refusal::Full("templates"));
        }
        let key = (
            template.waba_id.clone(),
            template.name.clone(),
            template.language.clone(),
        );
        self.0.insert(key, template);
        Ok(())
    }

    pub(crate) fn get(&self, waba_id: &str, name: &str, language: &str) -> Option<&Template> {
        self.0
            .get(&(waba_id.to_owned(), name.to_owned(), language.to_owned()))
    }

    pub(crate) fn remove(&mut self, waba_id: &str, name: &str, language: &str) {
        let key = (waba_id.to_owned(), name.to_owned(), language.to_owned());
        self.0.remove(&key);
    }

    pub(crate) fn of(&self, waba_id: &str) -> Vec<Template> {
        let all = self.0.values();
        let mut own: Vec<Template> = all.filter(|t| t.waba_id == waba_id).cloned().collect();
        own.sort_by(|a, b| (&a.name, &a.language).cmp(&(&b.name, &b.language)));
        own
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Template;

    #[test]
    fn placeholders_are_counted_and_filled_in_order() {
        let body = "Olá, {{1}}! Seu pedido {{pedido}} saiu.";
        let template = Template::approved("1", "oi", "pt_BR", body);
        assert_eq!(template.parameters(), 2);
        assert_eq!(
            template.filled(&["Ana".into(), "42".into()]),
            "Olá, Ana! Seu pedido 42 saiu."
        );
    }
}
