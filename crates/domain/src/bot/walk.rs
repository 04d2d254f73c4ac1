//! The walk over a flow: from a node on until something is awaited or the flow ends, and from an
//! answer to the next node. Pure and bounded: a step limit ends any cycle. What cannot go on (a
//! missing node, a prompt that no channel could carry) is a [`Stop::Fault`], never a panic.

use super::fill::{Values, fill};
use super::flow::{Flow, MenuOption, Node, NodeId};
use super::render::MenuParts;
use super::words::normalise;
use crate::conversation::Priority;
use crate::ids::DepartmentId;
use crate::outbound::Outbound;
use crate::routing::Skill;

/// What a walk looks at besides its position.
pub(crate) struct Scene<'a> {
    pub(crate) flow: &'a Flow,
    /// Nodes that may be passed before the flow counts as faulty.
    pub(crate) step_limit: u16,
    pub(crate) values: &'a Values,
    /// Whether the tenant, or one of its departments, is open now.
    pub(crate) is_open: &'a dyn Fn(Option<DepartmentId>) -> bool,
}

/// What the customer answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    /// Typed or tapped words; empty for pictures, places and the like, whatever their caption.
    pub(crate) text: &'a str,
    /// Id of the tapped button or chosen row.
    pub(crate) choice: Option<&'a str>,
}

/// A walk from one node to the next stop.
#[derive(Debug, PartialEq)]
pub(crate) struct Passage<'a> {
    /// What the bot says on the way, in order.
    pub(crate) says: Vec<Outbound>,
    pub(crate) stop: Stop<'a>,
}

/// Where a walk ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop<'a> {
    /// An answer is awaited at this node; its prompt was the last thing said.
    Wait(&'a NodeId),
    /// The flow asks for a person. No text means the tenant's notice.
    Handoff {
        text: Option<String>,
        department: Option<DepartmentId>,
        priority: Priority,
        skills: Vec<Skill>,
    },
    /// The flow ends. No text means the tenant's notice.
    Close { text: Option<String> },
    /// The flow cannot go on.
    Fault,
}

/// What an input is to the node that awaits it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer<'a> {
    /// A choice of the menu.
    Chosen { next: &'a NodeId },
    /// A valid input.
    Collected { variable: &'a str, next: &'a NodeId },
    /// Nothing the menu offers.
    NotUnderstood,
    /// Not what was asked for.
    Invalid,
    /// No answer is awaited there: the flow was changed since.
    NotAwaited,
}

/// Walks from `node` on.
pub(crate) fn enter<'a>(scene: &Scene<'a>, node: &'a NodeId) -> Passage<'a> {
    let mut says = Vec::new();
    let mut id = node;
    for _ in 0..scene.step_limit {
        let Some(node) = scene.flow.nodes.get(id) else {
            break;
        };
        id = match node {
            Node::Message { text, next } => {
                says.push(Outbound::text(fill(text, scene.values)));
                next
            }
            Node::Hours {
                department,
                open,
                closed,
            } => {
                if (scene.is_open)(*department) {
                    open
                } else {
                    closed
                }
            }
            Node::Menu { .. } | Node::Collect { .. } => {
                says.extend(prompt(node, None, scene.values));
                return passage(says, Stop::Wait(id));
            }
            Node::Handoff {
                text,
                department,
                priority,
                skills,
            } => {
                let stop = Stop::Handoff {
                    text: text.as_deref().map(|t| fill(t, scene.values)),
                    department: *department,
                    priority: *priority,
                    skills: skills.clone(),
                };
                return passage(says, stop);
            }
            Node::Close { text } => {
                let text = text.as_deref().map(|t| fill(t, scene.values));
                return passage(says, Stop::Close { text });
            }
        };
    }
    passage(says, Stop::Fault)
}

/// What is said must be sayable; what was said before a fault is not said at all.
fn passage(says: Vec<Outbound>, stop: Stop<'_>) -> Passage<'_> {
    let sayable = says.iter().all(|outbound| outbound.check().is_ok());
    if sayable && stop != Stop::Fault {
        return Passage { says, stop };
    }
    Passage {
        says: Vec::new(),
        stop: Stop::Fault,
    }
}

/// The prompt of `node` once more, after `why` the last answer did not do: one message where
/// both fit into one, else two.
pub(crate) fn prompt_again<'a>(scene: &Scene<'a>, node: &'a NodeId, why: &str) -> Passage<'a> {
    match scene.flow.nodes.get(node) {
        Some(found) => {
            let says = prompt(
                found,
                Some(why).filter(|w| !w.trim().is_empty()),
                scene.values,
            );
            passage(says, Stop::Wait(node))
        }
        None => passage(Vec::new(), Stop::Fault),
    }
}

fn prompt(node: &Node, why: Option<&str>, values: &Values) -> Vec<Outbound> {
    let (text, menu) = match node {
        Node::Menu { text, .. } => (text, menu_parts(node)),
        Node::Collect { text, .. } => (text, None),
        _ => return Vec::new(),
    };
    let text = fill(text, values);
    let show = |body: &str| match menu {
        Some(menu) => menu.show(body),
        None => Outbound::text(body),
    };
    let plain = show(&text);
    let Some(why) = why else {
        return vec![plain];
    };
    let joined = show(&format!("{why}\n\n{text}"));
    let same_shape = joined.kind() == plain.kind() && joined.check().is_ok();
    if same_shape {
        vec![joined]
    } else {
        vec![Outbound::text(why), plain]
    }
}

/// The shown parts of a menu; `None` for every other node.
pub(super) fn menu_parts(node: &Node) -> Option<MenuParts<'_>> {
    match node {
        Node::Menu {
            style,
            header,
            footer,
            button,
            options,
            ..
        } => Some(MenuParts {
            style: *style,
            header: header.as_deref(),
            footer: footer.as_deref(),
            button: button.as_deref(),
            options,
        }),
        _ => None,
    }
}

/// What `input` is to the node `at`.
pub(crate) fn answer<'a>(flow: &'a Flow, at: &str, input: Input<'_>) -> Answer<'a> {
    match flow.nodes.get(at) {
        Some(Node::Menu { options, .. }) => match choose(options, input) {
            Some(option) => Answer::Chosen { next: &option.next },
            None => Answer::NotUnderstood,
        },
        Some(Node::Collect {
            variable,
            validation,
            next,
            ..
        }) => {
            if validation.accepts(input.text) {
                Answer::Collected { variable, next }
            } else {
                Answer::Invalid
            }
        }
        _ => Answer::NotAwaited,
    }
}

/// The option meant by an id, a 1-based number, a title or a keyword, tried in that order.
fn choose<'a>(options: &'a [MenuOption], input: Input<'_>) -> Option<&'a MenuOption> {
    if let Some(tapped) = input
        .choice
        .and_then(|id| options.iter().find(|o| o.id == id))
    {
        return Some(tapped);
    }
    let word = normalise(input.text);
    if word.is_empty() {
        return None;
    }
    let numbered = word
        .parse::<usize>()
        .ok()
        .and_then(|number| options.get(number.checked_sub(1)?));
    numbered
        .or_else(|| options.iter().find(|o| normalise(&o.title) == word))
        .or_else(|| {
            options
                .iter()
                .find(|o| o.keywords.iter().any(|k| normalise(k) == word))
        })
}
