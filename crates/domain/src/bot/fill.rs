//! Placeholders in texts: `{name}` and the variables a flow has collected. Values are the
//! customer's words, so they are put in as they are, never read as placeholders again, and never
//! longer than [`VALUE_MAX`]: a text that was checked once always fits.

use std::collections::BTreeMap;

/// The most characters a value takes; longer ones end in `…`.
pub(crate) const VALUE_MAX: usize = 100;

/// What the placeholders of a text stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(BTreeMap<String, Option<String>>);

impl Values {
    /// Makes `name` a placeholder. Without a value, it vanishes from texts together with the
    /// comma or space before it: `Olá, {name}!` becomes `Olá!`.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(shorten).filter(|v| !v.is_empty());
        self.0.insert(name.to_owned(), value);
    }
}

/// `text` with its placeholders filled. What is no placeholder of `values` stays as it stands.
pub(crate) fn fill(text: &str, values: &Values) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, opened)) = rest.split_once('{') {
        filled.push_str(before);
        let known = opened
            .split_once('}')
            .and_then(|(name, after)| Some((values.0.get(name)?, after)));
        match known {
            Some((Some(value), after)) => {
                filled.push_str(value);
                rest = after;
            }
            Some((None, after)) => {
                let kept = filled.trim_end_matches(' ').trim_end_matches(',').len();
                filled.truncate(kept);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = opened;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// One line of at most [`VALUE_MAX`] characters.
pub(crate) fn shorten(value: &str) -> String {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= VALUE_MAX {
        return line;
    }
    let mut short: String = line.chars().take(VALUE_MAX - 1).collect();
    short.push('…');
    short
}
