//! Message templates: what a business account has had approved, and what goes into their gaps.
//! Whatever the provider would refuse is found here first (docs/META.md, "Templates").

pub mod reading;

use crate::outbound::{ContentLimit, Outbound, TEXT_MAX, limit};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The most characters of one value, and of a filled body that is not alone.
const VALUE_MAX: usize = 1024;
/// The most characters of a filled header.
const HEADER_MAX: usize = 60;

/// What is sent of a template besides its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Component {
    Header {
        parameters: Vec<Parameter>,
    },
    Body {
        parameters: Vec<Parameter>,
    },
    /// The gap of a button, which is counted from 0.
    Button {
        kind: ButtonKind,
        index: u8,
        parameters: Vec<Parameter>,
    },
}

/// Buttons that have a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonKind {
    Url,
    CopyCode,
    /// Nothing is shown in it: what comes back when it is tapped.
    QuickReply,
}

/// What fills a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Parameter {
    Text {
        text: String,
        /// The gap's name, where gaps have names rather than numbers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    Image {
        link: String,
    },
    Video {
        link: String,
    },
    Document {
        link: String,
    },
    CouponCode {
        code: String,
    },
    /// Of a quick reply.
    Payload {
        payload: String,
    },
}

/// Values for the gaps of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// The gap in a text header, or the `https` address of a picture, film or file.
    pub header: Option<String>,
    pub body: BodyValues,
    /// By the button's place, counted from 0: the end of its address, or the code to copy.
    pub buttons: BTreeMap<u8, String>,
}

/// Values for the gaps of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyValues {
    /// `{{1}}` first.
    Numbered(Vec<String>),
    /// By the gaps' names.
    Named(BTreeMap<String, String>),
}

impl Default for BodyValues {
    fn default() -> Self {
        Self::Numbered(Vec::new())
    }
}

/// A template's form: where it has gaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    header: Option<Header>,
    body: String,
    footer: Option<String>,
    buttons: Vec<Button>,
    /// What of it cannot be sent from here.
    strange: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Button {
    title: String,
    gap: Option<ButtonKind>,
    quick_reply: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Header {
    Text(String),
    Image,
    Video,
    Document,
}

impl Form {
    /// The form of `components` as the provider lists them. What is not known of them is passed
    /// over, unless the template could not be sent without it.
    #[must_use]
    pub fn of(components: &Value) -> Self {
        let mut form = Self::default();
        for component in components.as_array().into_iter().flatten() {
            match word(component, "type") {
                "HEADER" => form.read_header(component),
                "BODY" => word(component, "text").clone_into(&mut form.body),
                "FOOTER" => form.footer = Some(word(component, "text").to_owned()),
                "BUTTONS" => {
                    let buttons = component.get("buttons").and_then(Value::as_array);
                    for button in buttons.into_iter().flatten() {
                        form.read_button(button);
                    }
                }
                "CAROUSEL" | "LIMITED_TIME_OFFER" => form.strange = Some("components"),
                _ => {}
            }
        }
        form
    }

    fn read_header(&mut self, component: &Value) {
        match word(component, "format") {
            "IMAGE" => self.header = Some(Header::Image),
            "VIDEO" => self.header = Some(Header::Video),
            "DOCUMENT" => self.header = Some(Header::Document),
            "TEXT" | "" => self.header = Some(Header::Text(word(component, "text").to_owned())),
            _ => self.strange = Some("header"),
        }
    }

    fn read_button(&mut self, button: &Value) {
        let gap = match word(button, "type") {
            "URL" if !gaps(word(button, "url")).is_empty() => Some(ButtonKind::Url),
            "COPY_CODE" => Some(ButtonKind::CopyCode),
            // The code of a login is sent as if it were the end of an address.
            "OTP" => Some(ButtonKind::Url),
            "FLOW" | "CATALOG" | "MPM" | "SPM" => {
                self.strange = Some("buttons");
                None
            }
            _ => None,
        };
        let title = word(button, "text").to_owned();
        let quick_reply = word(button, "type") == "QUICK_REPLY";
        self.buttons.push(Button {
            title,
            gap,
            quick_reply,
        });
    }

    /// What its quick replies are called, by their places among the buttons.
    #[must_use]
    pub fn quick_replies(&self) -> BTreeMap<u8, String> {
        let placed = (0..=u8::MAX).zip(&self.buttons);
        placed
            .filter(|(_, button)| button.quick_reply)
            .map(|(index, button)| (index, button.title.clone()))
            .collect()
    }

    /// The message that this template becomes with `values`.
    ///
    /// # Errors
    /// The first gap without a value, value without a gap, or value that is not accepted.
    pub fn fill(
        &self,
        name: &str,
        language: &str,
        values: &Values,
    ) -> Result<Outbound, ContentLimit> {
        if let Some(field) = self.strange {
            return Err(limit(field, "of this template cannot be sent from here"));
        }
        let mut components = Vec::new();
        let header = self.fill_header(values.header.as_deref())?;
        let shown = self.shown_header(header.as_ref());
        components.extend(header);
        let (parameters, text) = self.fill_body(&values.body)?;
        if !parameters.is_empty() {
            components.push(Component::Body { parameters });
        }
        self.fill_buttons(&values.buttons, &mut components)?;
        Ok(Outbound::Template {
            name: name.to_owned(),
            language: language.to_owned(),
            components,
            text,
            header: shown,
            footer: self.footer.clone(),
            buttons: self.buttons.iter().map(|b| b.title.clone()).collect(),
        })
    }

    /// The header as the customer sees it.
    fn shown_header(&self, filled: Option<&Component>) -> Option<String> {
        let value = match filled {
            Some(Component::Header { parameters }) => parameters.first(),
            _ => None,
        };
        match (&self.header, value) {
            (Some(Header::Text(text)), Some(Parameter::Text { text: value, .. })) => {
                let gaps = gaps(text);
                let values = gaps.iter().map(|gap| (gap.as_str(), value.clone()));
                Some(replaced(text, &values.collect()))
            }
            (Some(Header::Text(text)), _) => Some(text.clone()),
            (
                _,
                Some(
                    Parameter::Image { link }
                    | Parameter::Video { link }
                    | Parameter::Document { link },
                ),
            ) => Some(link.clone()),
            _ => None,
        }
    }

    fn fill_header(&self, value: Option<&str>) -> Result<Option<Component>, ContentLimit> {
        let header = |parameter| {
            let parameters = vec![parameter];
            Ok(Some(Component::Header { parameters }))
        };
        let link = |value: Option<&str>| match value {
            Some(link) if link.starts_with("https://") && link.len() <= 2_000 => {
                Ok(link.to_owned())
            }
            _ => Err(limit("header", "must be an https address")),
        };
        match &self.header {
            Some(Header::Image) => header(Parameter::Image { link: link(value)? }),
            Some(Header::Video) => header(Parameter::Video { link: link(value)? }),
            Some(Header::Document) => header(Parameter::Document { link: link(value)? }),
            Some(Header::Text(text)) if !gaps(text).is_empty() => {
                let gaps = gaps(text);
                let name = gaps.first().filter(|gap| !is_number(gap)).cloned();
                let value = checked("header", value.unwrap_or_default())?;
                let all = gaps.iter().map(|gap| (gap.as_str(), value.clone()));
                if replaced(text, &all.collect()).chars().count() > HEADER_MAX {
                    return Err(limit("header", "has more than 60 characters when filled"));
                }
                header(Parameter::Text { text: value, name })
            }
            _ if value.is_some() => Err(limit("header", "has no gap in this template")),
            _ => Ok(None),
        }
    }

    fn fill_body(&self, values: &BodyValues) -> Result<(Vec<Parameter>, String), ContentLimit> {
        let gaps = gaps(&self.body);
        let named = gaps.iter().any(|gap| !is_number(gap));
        let mut filled: BTreeMap<&str, String> = BTreeMap::new();
        let mut parameters = Vec::new();
        match values {
            BodyValues::Numbered(values) if !named => {
                if values.len() != gaps.len() {
                    let problem = format!("needs {} values, has {}", gaps.len(), values.len());
                    return Err(limit("body", &problem));
                }
                let mut sorted: Vec<&String> = gaps.iter().collect();
                sorted.sort_by_key(|gap| gap.parse::<u32>().unwrap_or(u32::MAX));
                for (i, (gap, value)) in sorted.into_iter().zip(values).enumerate() {
                    let text = checked(&format!("body[{i}]"), value)?;
                    filled.insert(gap, text.clone());
                    parameters.push(Parameter::Text { text, name: None });
                }
            }
            BodyValues::Named(values) if named || gaps.is_empty() => {
                if let Some(stray) = values.keys().find(|name| !gaps.contains(name)) {
                    return Err(limit(
                        &format!("body.{stray}"),
                        "is no gap of this template",
                    ));
                }
                for gap in &gaps {
                    let field = format!("body.{gap}");
                    let value = values.get(gap).map(String::as_str).unwrap_or_default();
                    let text = checked(&field, value)?;
                    filled.insert(gap, text.clone());
                    let name = Some(gap.clone());
                    parameters.push(Parameter::Text { text, name });
                }
            }
            BodyValues::Numbered(_) => return Err(limit("body", "has gaps with names")),
            BodyValues::Named(_) => return Err(limit("body", "has gaps with numbers")),
        }
        let text = replaced(&self.body, &filled);
        let alone = self.header.is_none() && self.footer.is_none() && self.buttons.is_empty();
        let most = if alone { TEXT_MAX } else { VALUE_MAX };
        if text.chars().count() > most {
            let problem = format!("has more than {most} characters when filled");
            return Err(limit("body", &problem));
        }
        Ok((parameters, text))
    }

    fn fill_buttons(
        &self,
        values: &BTreeMap<u8, String>,
        components: &mut Vec<Component>,
    ) -> Result<(), ContentLimit> {
        let gaps: BTreeMap<u8, ButtonKind> = (0..=u8::MAX)
            .zip(&self.buttons)
            .filter_map(|(index, button)| Some((index, button.gap?)))
            .collect();
        if let Some(stray) = values.keys().find(|index| !gaps.contains_key(index)) {
            return Err(limit(
                &format!("buttons.{stray}"),
                "has no gap in this template",
            ));
        }
        for (index, kind) in gaps {
            let field = format!("buttons.{index}");
            let value = values.get(&index).map(String::as_str).unwrap_or_default();
            let text = checked(&field, value)?;
            let parameter = match kind {
                ButtonKind::Url => Parameter::Text { text, name: None },
                ButtonKind::CopyCode => Parameter::CouponCode { code: text },
                ButtonKind::QuickReply => Parameter::Payload { payload: text },
            };
            components.push(Component::Button {
                kind,
                index,
                parameters: vec![parameter],
            });
        }
        Ok(())
    }
}

/// A value as the provider takes it: something, on one line, without wide blanks.
fn checked(field: &str, value: &str) -> Result<String, ContentLimit> {
    if value.trim().is_empty() {
        return Err(limit(field, "must not be empty"));
    }
    if value.chars().count() > VALUE_MAX {
        return Err(limit(field, "has more than 1024 characters"));
    }
    if value.contains(['\n', '\r', '\t']) || value.contains("     ") {
        let problem = "must be one line without tabs or more than four spaces in a row";
        return Err(limit(field, problem));
    }
    Ok(value.to_owned())
}

/// The names of the gaps of a text, each once, in their order.
fn gaps(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some((_, opened)) = rest.split_once("{{") {
        let Some((name, after)) = opened.split_once("}}") else {
            break;
        };
        let name = name.trim().to_owned();
        if !found.contains(&name) {
            found.push(name);
        }
        rest = after;
    }
    found
}

fn replaced(text: &str, values: &BTreeMap<&str, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, opened)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, after)) = opened.split_once("}}") else {
            out.push_str("{{");
            rest = opened;
            break;
        };
        out.push_str(
            values
                .get(name.trim())
                .map(String::as_str)
                .unwrap_or_default(),
        );
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_number(gap: &str) -> bool {
    !gap.is_empty() && gap.bytes().all(|b| b.is_ascii_digit())
}

fn word<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
