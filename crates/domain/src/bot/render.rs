//! How a menu looks in a chat: buttons, a list, or numbered lines. Nothing is ever cut to fit;
//! a shape that the channel could not carry gives way to numbered lines, and
//! [`super::Flow::check`] refuses what fits none.

use super::flow::{MenuOption, MenuStyle};
use super::texts;
use crate::outbound::{Button, Outbound, Row, Section};
use std::fmt::Write as _;

/// The parts of a menu that are shown, besides its text.
#[derive(Clone, Copy)]
pub(super) struct MenuParts<'a> {
    pub(super) style: MenuStyle,
    pub(super) header: Option<&'a str>,
    pub(super) footer: Option<&'a str>,
    pub(super) button: Option<&'a str>,
    pub(super) options: &'a [MenuOption],
}

impl MenuParts<'_> {
    /// The menu with `body` as its text, in the first shape of its style that fits.
    pub(super) fn show(&self, body: &str) -> Outbound {
        let described = self.options.iter().any(|o| o.description.is_some());
        let shapes: &[fn(&Self, &str) -> Outbound] = match self.style {
            MenuStyle::Auto if described => &[Self::list],
            MenuStyle::Auto => &[Self::buttons, Self::list],
            MenuStyle::Buttons => &[Self::buttons],
            MenuStyle::List => &[Self::list],
            MenuStyle::Numbers => &[],
        };
        shapes
            .iter()
            .map(|shape| shape(self, body))
            .find(|shown| shown.check().is_ok())
            .unwrap_or_else(|| self.numbers(body))
    }

    /// The menu in the shape that its style asks for, whether it fits or not.
    pub(super) fn as_asked(&self, body: &str) -> Outbound {
        match self.style {
            MenuStyle::Auto => self.show(body),
            MenuStyle::Buttons => self.buttons(body),
            MenuStyle::List => self.list(body),
            MenuStyle::Numbers => self.numbers(body),
        }
    }

    fn buttons(&self, body: &str) -> Outbound {
        Outbound::Buttons {
            header: self.header.map(str::to_owned),
            body: body.to_owned(),
            footer: self.footer.map(str::to_owned),
            buttons: self
                .options
                .iter()
                .map(|option| Button {
                    id: option.id.clone(),
                    title: option.title.clone(),
                })
                .collect(),
        }
    }

    fn list(&self, body: &str) -> Outbound {
        let rows = self
            .options
            .iter()
            .map(|option| Row {
                id: option.id.clone(),
                title: option.title.clone(),
                description: option.description.clone(),
            })
            .collect();
        Outbound::List {
            header: self.header.map(str::to_owned),
            body: body.to_owned(),
            footer: self.footer.map(str::to_owned),
            button: self.button.unwrap_or(texts::LIST_BUTTON).to_owned(),
            sections: vec![Section { title: None, rows }],
        }
    }

    fn numbers(&self, body: &str) -> Outbound {
        let mut text = String::new();
        if let Some(header) = self.header {
            text = format!("*{header}*\n\n");
        }
        text.push_str(body);
        text.push('\n');
        for (number, option) in (1..).zip(self.options) {
            let number: u32 = number;
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{number}. {}", option.title);
            if let Some(description) = option.description.as_deref().filter(|d| !d.is_empty()) {
                let _ = write!(text, " – {description}");
            }
        }
        if let Some(footer) = self.footer {
            let _ = write!(text, "\n\n_{footer}_");
        }
        Outbound::text(text)
    }
}
