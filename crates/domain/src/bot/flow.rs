//! The shape of a flow, as tenants store and edit it, and its check.

use crate::conversation::Priority;
use crate::ids::DepartmentId;
use crate::routing::Skill;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Name of a node, unique in its flow; shown as `current_menu_level`. Up to 64 bytes,
/// counted as in JSON.
pub type NodeId = String;

/// A bot's script: a graph of nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Where a session begins, and where the word `menu` leads back to.
    pub start: NodeId,
    pub nodes: BTreeMap<NodeId, Node>,
}

/// A step of a flow. Texts may hold `{variable}` for inputs collected before and `{name}` for
/// the customer's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Node {
    /// Says something and goes on at once.
    Message { text: String, next: NodeId },
    /// Offers a choice and waits.
    Menu {
        text: String,
        #[serde(default)]
        style: MenuStyle,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        header: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        footer: Option<String>,
        /// The words on a list's button.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        button: Option<String>,
        options: Vec<MenuOption>,
    },
    /// Asks for an input and waits.
    Collect {
        text: String,
        variable: String,
        #[serde(default)]
        validation: Validation,
        next: NodeId,
    },
    /// Branches on the tenant's (or a department's) business hours.
    Hours {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        department: Option<DepartmentId>,
        open: NodeId,
        closed: NodeId,
    },
    /// Asks for a person.
    Handoff {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        department: Option<DepartmentId>,
        #[serde(default)]
        priority: Priority,
        /// What whoever serves it must be able to do, besides what the department asks.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        skills: Vec<Skill>,
    },
    /// Says goodbye and ends the session.
    Close {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
}

/// One choice of a menu. A customer may tap it, type its number (1-based), its title, or one of
/// its keywords.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MenuOption {
    /// Comes back when the button or row is tapped.
    pub id: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    pub next: NodeId,
}

/// How a menu is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MenuStyle {
    /// Buttons for up to three short options, else a list for up to ten, else numbers.
    #[default]
    Auto,
    Buttons,
    List,
    /// Plain text with numbered lines.
    Numbers,
}

/// What a collected input must look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validation {
    /// Anything that is not empty.
    #[default]
    Any,
    /// Digits, with an optional decimal part.
    Number,
    /// Looks like an e-mail address.
    Email,
    /// A Brazilian CPF or CNPJ with right check digits.
    TaxId,
    /// A day, `dd/mm/aaaa`.
    Date,
}

/// A fault in a flow: which node, which field, what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlowFault {
    /// Path such as `nodes.main.options[2].next`.
    pub field: String,
    pub problem: String,
}
