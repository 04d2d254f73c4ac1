//! Asking customers how they were served: whether, and in which words.

use super::policy::{PolicyFault, fault};
use crate::bot::normalise;
use crate::outbound::{Outbound, Row, Section};
use crate::template::{ButtonKind, Component, Parameter};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is asked after staff has closed a conversation.
const QUESTION: &str = "Como você avalia este atendimento?";
/// The words on the button that opens the list.
const BUTTON: &str = "Avaliar";
/// The answers, worst first.
const OPTIONS: [&str; 5] = [
    "1 - Muito ruim",
    "2 - Ruim",
    "3 - Regular",
    "4 - Bom",
    "5 - Ótimo",
];
const THANKS: &str = "Obrigado pela sua avaliação!";
const COMMENT_REQUEST: &str = "Obrigado pela sua avaliação! Se quiser, conte em uma mensagem \
     o motivo da sua nota.";
const COMMENT_THANKS: &str = "Obrigado pelo seu comentário!";

/// The most characters of a question or thanks.
const WORDS_MAX: usize = 1024;

/// The rules of a tenant about it. Words that are `None` are the Portuguese defaults; empty thanks
/// say nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsatPolicy {
    pub enabled: bool,
    /// Whether the customer is invited to say why.
    pub ask_comment: bool,
    pub question: Option<String>,
    /// The words on the button that opens the list of answers.
    pub button: Option<String>,
    /// The five answers, worst first.
    pub options: Option<Vec<String>>,
    /// Said to a rating where no comment is asked for.
    pub thanks: Option<String>,
    /// Said to a rating where a comment is asked for.
    pub comment_request: Option<String>,
    pub comment_thanks: Option<String>,
    /// What asks customers who did not write for a day; without one they are not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<SurveyTemplate>,
}

/// A template without gaps that asks the question. Its quick replies are called as the answers are;
/// a digit that is typed is an answer as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyTemplate {
    pub name: String,
    /// Such as `pt_BR`.
    pub language: String,
    /// What the customer reads, as it was when this was set; given by the server.
    #[serde(default)]
    pub text: String,
    /// What its quick replies are called, by their places among the buttons; given by the server.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<u8, String>,
}

impl Default for CsatPolicy {
    fn default() -> Self {
        Self {
            enabled: false,
            ask_comment: true,
            question: None,
            button: None,
            options: None,
            thanks: None,
            comment_request: None,
            comment_thanks: None,
            template: None,
        }
    }
}

impl CsatPolicy {
    /// The answers, worst first.
    fn titles(&self) -> Vec<&str> {
        match &self.options {
            Some(own) => own.iter().map(String::as_str).collect(),
            None => OPTIONS.to_vec(),
        }
    }

    /// Which answer these words are: its digit, or what it is called.
    fn score_of(&self, words: &str) -> Option<u8> {
        let word = normalise(words);
        let mut answers = (1..=5).zip(self.titles());
        let is = |score: u8, title: &str| word == score.to_string() || word == normalise(title);
        answers.find_map(|(score, title)| is(score, title).then_some(score))
    }

    /// The question as a template, if there is one. `id` names each answer by its number, so that
    /// a tap says which question it answers.
    pub(crate) fn survey(&self, id: impl Fn(u8) -> String) -> Option<Outbound> {
        let template = self.template.as_ref()?;
        let button = |(index, title): (&u8, &String)| {
            self.score_of(title).map(|score| Component::Button {
                kind: ButtonKind::QuickReply,
                index: *index,
                parameters: vec![Parameter::Payload { payload: id(score) }],
            })
        };
        Some(Outbound::Template {
            name: template.name.clone(),
            language: template.language.clone(),
            components: template.answers.iter().filter_map(button).collect(),
            text: template.text.clone(),
            header: None,
            footer: None,
            buttons: template.answers.values().cloned().collect(),
        })
    }

    /// The question, the best answer first. `id` names each answer by its number.
    pub(crate) fn list(&self, id: impl Fn(u8) -> String) -> Outbound {
        let titles = self.titles();
        let rows = (1..=5).zip(titles).rev().map(|(score, title)| Row {
            id: id(score),
            title: title.to_owned(),
            description: None,
        });
        Outbound::List {
            header: None,
            body: words(&self.question, QUESTION).to_owned(),
            footer: None,
            button: words(&self.button, BUTTON).to_owned(),
            sections: vec![Section {
                title: None,
                rows: rows.collect(),
            }],
        }
    }

    /// What a rating is answered.
    pub(crate) fn thanks(&self) -> &str {
        if self.ask_comment {
            words(&self.comment_request, COMMENT_REQUEST)
        } else {
            words(&self.thanks, THANKS)
        }
    }

    /// What a comment is answered.
    pub(crate) fn comment_thanks(&self) -> &str {
        words(&self.comment_thanks, COMMENT_THANKS)
    }

    /// Every value that cannot be used.
    pub(super) fn check(&self, faults: &mut Vec<PolicyFault>) {
        let wrong = self.options.as_ref().is_some_and(|own| own.len() != 5);
        if wrong {
            faults.push(fault(
                "csat.options",
                "must have 5 answers, the worst first",
            ));
        } else if let Err(limit) = self.list(|score| score.to_string()).check() {
            let field = match limit.field.as_str() {
                "body" => "csat.question",
                "button" => "csat.button",
                _ => "csat.options",
            };
            faults.push(fault(field, &limit.problem));
        }
        if let Some(Err(limit)) = self
            .survey(|score| score.to_string())
            .map(|survey| survey.check())
        {
            let field = limit.field.trim_start_matches("template.");
            faults.push(fault(&format!("csat.template.{field}"), &limit.problem));
        }
        let answers = self.template.iter().flat_map(|t| t.answers.values());
        if answers
            .into_iter()
            .any(|title| self.score_of(title).is_none())
        {
            let problem = "has a quick reply that is called like none of the answers";
            faults.push(fault("csat.template.name", problem));
        }
        for (field, text) in [
            ("csat.question", &self.question),
            ("csat.thanks", &self.thanks),
            ("csat.comment_request", &self.comment_request),
            ("csat.comment_thanks", &self.comment_thanks),
        ] {
            let long = |text: &String| text.chars().count() > WORDS_MAX;
            if text.as_ref().is_some_and(long) {
                faults.push(fault(field, "has more than 1024 characters"));
            }
        }
    }
}

fn words<'a>(own: &'a Option<String>, default: &'a str) -> &'a str {
    own.as_deref().unwrap_or(default)
}
