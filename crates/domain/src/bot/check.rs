//! What is wrong with a flow, found before it is stored: everything the walk could stumble over
//! and everything a channel could not show. Departments are not known here; the walk takes an
//! unknown one for none.

use super::fill::{VALUE_MAX, Values, fill};
use super::flow::{Flow, FlowFault, MenuOption, Node, NodeId};
use super::walk::menu_parts;
use super::words::{Keyword, keyword, normalise};
use crate::outbound::{ContentLimit, Outbound};
use crate::routing::{REQUIRED_MAX, skills_problem};
use std::collections::{BTreeMap, BTreeSet};

/// The most nodes of a flow.
const NODES_MAX: usize = 200;
/// The most bytes of a node's name as JSON writes it; it is part of a small snapshot.
const NODE_ID_MAX: usize = 64;
/// The most options of a menu of numbered lines.
const OPTIONS_MAX: usize = 20;
/// The most keywords of an option.
const KEYWORDS_MAX: usize = 20;
/// The most variables of a flow: where their answers stand is part of a small snapshot.
pub(crate) const VARIABLES_MAX: usize = 8;
/// The most characters of a variable's name, for the same reason.
const VARIABLE_MAX: usize = 16;
/// Placeholders that are no variables.
const RESERVED: [&str; 2] = ["name", "attendant"];

impl Flow {
    /// Every fault. A flow without any can be walked from its start without a
    /// `HandoffReason::FlowFault`, unless it passes more nodes in one turn than the tenant's
    /// step limit.
    #[must_use]
    pub fn check(&self) -> Vec<FlowFault> {
        let mut check = Check::of(self);
        if !self.nodes.contains_key(&self.start) {
            check.fault("start".to_owned(), "names no node");
        }
        if self.nodes.len() > NODES_MAX {
            check.fault("nodes".to_owned(), "has more than 200 nodes");
        }
        if check.variables.len() > VARIABLES_MAX {
            check.fault("nodes".to_owned(), "collects more than 8 variables");
        }
        for (id, node) in &self.nodes {
            check.node(id, node);
        }
        check.cycles();
        check.faults
    }

    /// The names of all collected inputs.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.nodes.values().filter_map(|node| match node {
            Node::Collect { variable, .. } => Some(variable.as_str()),
            _ => None,
        })
    }
}

impl Node {
    /// The nodes it leads to, each with the field that says so.
    fn leads_to(&self) -> Vec<(String, &NodeId)> {
        match self {
            Self::Message { next, .. } | Self::Collect { next, .. } => {
                vec![("next".to_owned(), next)]
            }
            Self::Menu { options, .. } => (0_usize..)
                .zip(options)
                .map(|(i, option)| (format!("options[{i}].next"), &option.next))
                .collect(),
            Self::Hours { open, closed, .. } => {
                vec![("open".to_owned(), open), ("closed".to_owned(), closed)]
            }
            Self::Handoff { .. } | Self::Close { .. } => Vec::new(),
        }
    }
}

struct Check<'a> {
    flow: &'a Flow,
    variables: BTreeSet<&'a str>,
    /// Every placeholder at its longest.
    longest: Values,
    /// Every placeholder without a value.
    missing: Values,
    faults: Vec<FlowFault>,
}

impl<'a> Check<'a> {
    fn of(flow: &'a Flow) -> Self {
        let variables: BTreeSet<&str> = flow.variables().collect();
        let (mut longest, mut missing) = (Values::default(), Values::default());
        for name in variables.iter().copied().chain(RESERVED) {
            longest.set(name, Some(&"x".repeat(VALUE_MAX)));
            missing.set(name, None);
        }
        Self {
            flow,
            variables,
            longest,
            missing,
            faults: Vec::new(),
        }
    }

    fn fault(&mut self, field: String, problem: &str) {
        self.faults.push(FlowFault {
            field,
            problem: problem.to_owned(),
        });
    }

    fn node(&mut self, id: &str, node: &'a Node) {
        let path = format!("nodes.{id}");
        if id.trim().is_empty() || json_len(id) > NODE_ID_MAX {
            self.fault(
                path.clone(),
                "must have a name of 1 to 64 bytes, counted as in JSON",
            );
        }
        for (field, next) in node.leads_to() {
            if !self.flow.nodes.contains_key(next) {
                self.fault(format!("{path}.{field}"), "names no node");
            }
        }
        match node {
            Node::Message { text, .. } => self.text(&path, text),
            Node::Collect { text, variable, .. } => {
                self.text(&path, text);
                self.variable(&path, variable);
            }
            Node::Menu { text, options, .. } => {
                self.options(&path, options);
                self.menu(&path, node, text);
            }
            Node::Handoff { text, skills, .. } => {
                self.optional_text(&path, text.as_deref());
                if let Some(problem) = skills_problem(skills, REQUIRED_MAX) {
                    self.fault(format!("{path}.skills"), problem);
                }
            }
            Node::Close { text } => self.optional_text(&path, text.as_deref()),
            Node::Hours { .. } => {}
        }
    }

    /// An empty text is allowed here: it says nothing.
    fn optional_text(&mut self, path: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|t| !t.trim().is_empty()) {
            self.text(path, text);
        }
    }

    fn text(&mut self, path: &str, text: &str) {
        if self.is_blank(text) {
            self.fault(format!("{path}.text"), "must not be empty");
        } else {
            self.shown(path, &Outbound::text(fill(text, &self.longest)));
        }
    }

    fn menu(&mut self, path: &str, node: &Node, text: &str) {
        let Some(menu) = menu_parts(node) else {
            return;
        };
        if self.is_blank(text) {
            self.fault(format!("{path}.text"), "must not be empty");
        } else {
            self.shown(path, &menu.as_asked(&fill(text, &self.longest)));
        }
    }

    /// Whether nothing is left of `text` when no value is known.
    fn is_blank(&self, text: &str) -> bool {
        fill(text, &self.missing).trim().is_empty()
    }

    fn shown(&mut self, path: &str, outbound: &Outbound) {
        if let Err(ContentLimit { field, problem }) = outbound.check() {
            let field = field
                .replace("body", "text")
                .replace("sections[0].rows", "options")
                .replace("buttons", "options")
                .replace("rows", "options");
            let problem = if field == "text" {
                format!("{problem} (each placeholder counts as {VALUE_MAX})")
            } else {
                problem
            };
            self.fault(format!("{path}.{field}"), &problem);
        }
    }

    fn variable(&mut self, path: &str, variable: &str) {
        let field = || format!("{path}.variable");
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let named = (1..=VARIABLE_MAX).contains(&variable.len()) && variable.bytes().all(plain);
        if !named {
            self.fault(field(), "must be 1 to 16 of a-z, 0-9 and _");
        }
        if RESERVED.contains(&variable) {
            self.fault(field(), "is a placeholder of its own");
        }
    }

    fn options(&mut self, path: &str, options: &[MenuOption]) {
        if !(1..=OPTIONS_MAX).contains(&options.len()) {
            self.fault(format!("{path}.options"), "must be 1 to 20");
        }
        let mut ids = BTreeSet::new();
        // Words that already mean an option, and which.
        let mut words: BTreeMap<String, usize> = (0..options.len())
            .map(|i| (i.saturating_add(1).to_string(), i))
            .collect();
        for (i, option) in options.iter().enumerate() {
            let path = format!("{path}.options[{i}]");
            if option.id.trim().is_empty() {
                self.fault(format!("{path}.id"), "must not be empty");
            } else if !ids.insert(option.id.as_str()) {
                self.fault(format!("{path}.id"), "must be unique");
            }
            let title = normalise(&option.title);
            if title.is_empty() {
                self.fault(format!("{path}.title"), "must not be empty");
            } else if *words.entry(title).or_insert(i) != i {
                self.fault(format!("{path}.title"), "already means another option");
            }
        }
        for (i, option) in options.iter().enumerate() {
            if option.keywords.len() > KEYWORDS_MAX {
                let field = format!("{path}.options[{i}].keywords");
                self.fault(field, "has more than 20 words");
            }
            for (k, written) in option.keywords.iter().enumerate() {
                let field = format!("{path}.options[{i}].keywords[{k}]");
                let word = normalise(written);
                match keyword(written, &[]) {
                    _ if word.is_empty() => self.fault(field, "must not be empty"),
                    Some(Keyword::Start) => self.fault(field, "always leads to the start"),
                    Some(Keyword::Handoff) => self.fault(field, "always asks for a person"),
                    None if *words.entry(word).or_insert(i) != i => {
                        self.fault(field, "already means another option");
                    }
                    None => {}
                }
            }
        }
    }

    /// Finds nodes from which a turn could go round without ever waiting: cycles that consist of
    /// messages and business hours alone. Nodes that cannot be on one are taken away until only
    /// those are left that are on one or lead into one.
    fn cycles(&mut self) {
        let mut passing: BTreeMap<&NodeId, Vec<&NodeId>> = self
            .flow
            .nodes
            .iter()
            .filter(|(_, node)| matches!(node, Node::Message { .. } | Node::Hours { .. }))
            .map(|(id, node)| (id, node.leads_to().into_iter().map(|(_, to)| to).collect()))
            .collect();
        loop {
            let ends: Vec<&NodeId> = passing
                .iter()
                .filter(|(_, nexts)| nexts.iter().all(|next| !passing.contains_key(next)))
                .map(|(id, _)| *id)
                .collect();
            if ends.is_empty() {
                break;
            }
            for id in ends {
                passing.remove(id);
            }
        }
        for id in passing.into_keys() {
            self.fault(
                format!("nodes.{id}"),
                "leads round in a circle without waiting",
            );
        }
    }
}

/// Bytes of `text` in JSON without the quotation marks around it: some characters take six.
fn json_len(text: &str) -> usize {
    serde_json::Value::from(text)
        .to_string()
        .len()
        .saturating_sub(2)
}
