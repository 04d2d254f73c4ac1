//! Texts that staff keeps ready. Their variables, such as `{{customer.name}}`, are checked when a
//! text is saved and filled when it is used. Values are put in as they are, never read as
//! variables again, and bounded: a text that was accepted once always fits into a message.

use crate::Timestamp;
use crate::bot::{VALUE_MAX, shorten};
use crate::outbound::TEXT_MAX;
use chrono::Timelike as _;
use chrono_tz::Tz;
use thiserror::Error;

/// The most characters of a shortcut.
pub const SHORTCUT_MAX: usize = 40;

/// What a canned reply can say of the moment in which it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variable {
    CustomerName,
    CustomerFirstName,
    CustomerPhone,
    AttendantName,
    AttendantFirstName,
    DepartmentName,
    CompanyName,
    /// `Bom dia`, `Boa tarde` or `Boa noite`, by the tenant's clock.
    Greeting,
}

impl Variable {
    /// Every variable.
    pub const ALL: [Self; 8] = [
        Self::CustomerName,
        Self::CustomerFirstName,
        Self::CustomerPhone,
        Self::AttendantName,
        Self::AttendantFirstName,
        Self::DepartmentName,
        Self::CompanyName,
        Self::Greeting,
    ];

    /// As it is written between the braces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CustomerName => "customer.name",
            Self::CustomerFirstName => "customer.first_name",
            Self::CustomerPhone => "customer.phone",
            Self::AttendantName => "attendant.name",
            Self::AttendantFirstName => "attendant.first_name",
            Self::DepartmentName => "department.name",
            Self::CompanyName => "company.name",
            Self::Greeting => "greeting",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// What the variables stand for.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub customer: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub attendant: &'a str,
    pub department: Option<&'a str>,
    pub company: &'a str,
    pub now: Timestamp,
    pub timezone: Tz,
}

impl Facts<'_> {
    /// One line of at most 100 characters; `None` if there is nothing to say.
    fn value(&self, variable: Variable) -> Option<String> {
        let value = match variable {
            Variable::CustomerName => self.customer,
            Variable::CustomerFirstName => self.customer.and_then(first_name),
            Variable::CustomerPhone => self.phone,
            Variable::AttendantName => Some(self.attendant),
            Variable::AttendantFirstName => first_name(self.attendant),
            Variable::DepartmentName => self.department,
            Variable::CompanyName => Some(self.company),
            Variable::Greeting => Some(greeting(self.now, self.timezone)),
        };
        value.map(shorten).filter(|value| !value.is_empty())
    }
}

/// Why a text cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TextFault {
    #[error("must not be empty")]
    Empty,
    #[error("has no end of a variable: `}}}}` is missing")]
    Unclosed,
    #[error("has the unknown variable `{0}`")]
    UnknownVariable(String),
    #[error(
        "has {0} characters, at most {TEXT_MAX} are allowed (each variable counts as {VALUE_MAX})"
    )]
    TooLong(usize),
}

/// Whether `text` can be kept: every variable is known, and filled it always fits.
///
/// # Errors
/// The first fault.
pub fn check(text: &str) -> Result<(), TextFault> {
    if text.trim().is_empty() {
        return Err(TextFault::Empty);
    }
    let mut longest = 0;
    for piece in Pieces(text) {
        longest += match piece? {
            Piece::Words(words) => words.chars().count(),
            Piece::Variable(_) => VALUE_MAX,
        };
    }
    if longest > TEXT_MAX {
        return Err(TextFault::TooLong(longest));
    }
    Ok(())
}

/// `text` with its variables filled. One without a value vanishes together with the comma or
/// space that led to it: `Olá, {{customer.name}}!` becomes `Olá!`, and at the start of a line the
/// one that follows. What is no variable stays as it stands.
#[must_use]
pub fn fill(text: &str, facts: &Facts<'_>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut at_start_without = false;
    for piece in Pieces(text) {
        match piece {
            Ok(Piece::Words(words)) if at_start_without => {
                filled.push_str(words.trim_start_matches([',', ' ']));
                at_start_without = false;
            }
            Ok(Piece::Words(words)) => filled.push_str(words),
            Ok(Piece::Variable(variable)) => match facts.value(variable) {
                Some(value) => {
                    filled.push_str(&value);
                    at_start_without = false;
                }
                None => {
                    let kept = filled.trim_end_matches(' ').trim_end_matches(',').len();
                    filled.truncate(kept);
                    at_start_without = filled.is_empty() || filled.ends_with('\n');
                }
            },
            // Texts are checked when they are saved.
            Err(_) => {}
        }
    }
    filled
}

/// What a person is greeted with at that hour.
#[must_use]
pub fn greeting(now: Timestamp, timezone: Tz) -> &'static str {
    match now.with_timezone(&timezone).hour() {
        5..12 => "Bom dia",
        12..18 => "Boa tarde",
        _ => "Boa noite",
    }
}

fn first_name(name: &str) -> Option<&str> {
    name.split_whitespace().next()
}

enum Piece<'t> {
    Words(&'t str),
    Variable(Variable),
}

/// A text in its pieces.
struct Pieces<'t>(&'t str);

impl<'t> Iterator for Pieces<'t> {
    type Item = Result<Piece<'t>, TextFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0;
        if text.is_empty() {
            return None;
        }
        let Some((words, opened)) = text.split_once("{{") else {
            self.0 = "";
            return Some(Ok(Piece::Words(text)));
        };
        if !words.is_empty() {
            self.0 = text.get(words.len()..).unwrap_or_default();
            return Some(Ok(Piece::Words(words)));
        }
        let Some((name, after)) = opened.split_once("}}") else {
            self.0 = "";
            return Some(Err(TextFault::Unclosed));
        };
        self.0 = after;
        let name = name.trim();
        Some(match Variable::of(name) {
            Some(variable) => Ok(Piece::Variable(variable)),
            None => Err(TextFault::UnknownVariable(shorten(name))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, TextFault, Variable, check, fill};
    use crate::Timestamp;
    use chrono_tz::Tz;

    fn facts() -> Facts<'static> {
        Facts {
            customer: Some("Maria Clara Souza"),
            phone: Some("5511988887777"),
            attendant: "Ana Lima",
            department: Some("Vendas"),
            company: "Padaria",
            now: at("2026-03-02T12:30:00Z"),
            timezone: Tz::America__Sao_Paulo,
        }
    }

    fn at(moment: &str) -> Timestamp {
        moment.parse().expect("moment")
    }

    #[test]
    fn every_variable_is_filled() {
        let text = "{{greeting}}, {{customer.first_name}} ({{ customer.name }}, \
                    {{customer.phone}}). {{attendant.first_name}} = {{attendant.name}}, \
                    {{department.name}}, {{company.name}}";
        assert_eq!(check(text), Ok(()));
        assert_eq!(
            fill(text, &facts()),
            "Bom dia, Maria (Maria Clara Souza, 5511988887777). Ana = Ana Lima, Vendas, Padaria"
        );
        for variable in Variable::ALL {
            assert_eq!(check(&format!("{{{{{}}}}}", variable.name())), Ok(()));
        }
    }

    #[test]
    fn the_greeting_is_by_the_tenants_clock() {
        for (moment, words) in [
            ("2026-03-02T07:59:00Z", "Boa noite"),
            ("2026-03-02T08:00:00Z", "Bom dia"),
            ("2026-03-02T14:59:00Z", "Bom dia"),
            ("2026-03-02T15:00:00Z", "Boa tarde"),
            ("2026-03-02T21:00:00Z", "Boa noite"),
        ] {
            let now = at(moment);
            let facts = Facts { now, ..facts() };
            assert_eq!(fill("{{greeting}}", &facts), words, "{moment}");
        }
    }

    #[test]
    fn what_is_not_known_leaves_no_gap() {
        let nobody = Facts {
            customer: None,
            department: Some("  "),
            ..facts()
        };
        for (text, filled) in [
            ("Olá, {{customer.name}}!", "Olá!"),
            ("{{customer.first_name}}, tudo bem?", "tudo bem?"),
            ("Oi\n{{customer.name}}, segue:", "Oi\nsegue:"),
            ("Setor {{department.name}} aqui", "Setor aqui"),
        ] {
            assert_eq!(fill(text, &nobody), filled);
        }
    }

    #[test]
    fn a_name_is_never_read_as_a_variable() {
        let odd = Facts {
            customer: Some("{{attendant.name}} {{"),
            ..facts()
        };
        assert_eq!(
            fill("Oi {{customer.name}}", &odd),
            "Oi {{attendant.name}} {{"
        );
    }

    #[test]
    fn faults_are_found_when_a_text_is_saved() {
        assert_eq!(check(" \n"), Err(TextFault::Empty));
        assert_eq!(check("Oi {{customer.name"), Err(TextFault::Unclosed));
        assert_eq!(
            check("Oi {{customer.nome}}"),
            Err(TextFault::UnknownVariable("customer.nome".to_owned()))
        );
        assert_eq!(check("um { só } não é nada }}"), Ok(()));
        assert_eq!(check(&"a".repeat(4_096)), Ok(()));
        let long = format!("{}{{{{customer.name}}}}", "a".repeat(3_997));
        assert_eq!(check(&long), Err(TextFault::TooLong(4_097)));
        let fits = format!("{}{{{{customer.name}}}}", "a".repeat(3_996));
        assert_eq!(check(&fits), Ok(()));
        let name = "n".repeat(500);
        let facts = Facts {
            customer: Some(&name),
            ..facts()
        };
        assert_eq!(fill(&fits, &facts).chars().count(), 4_096);
    }
}
