//! Words as customers type them: compared without case, accents and decoration. Only whole
//! inputs are compared, never parts of a sentence.

/// The word that leads back to the start of the flow.
pub const MENU: &str = "menu";
/// The word that asks for a person.
pub const ATTENDANT: &str = "atendente";

/// What a word means at every node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyword {
    Start,
    Handoff,
}

/// What `text` means at every node, if anything.
pub(crate) fn keyword(text: &str, handoff_keywords: &[String]) -> Option<Keyword> {
    let word = normalise(text);
    if word.is_empty() {
        return None;
    }
    if word == MENU {
        return Some(Keyword::Start);
    }
    let asks = word == ATTENDANT || handoff_keywords.iter().any(|k| normalise(k) == word);
    asks.then_some(Keyword::Handoff)
}

/// The form under which words are compared: lower case, without Portuguese accents, without
/// punctuation or pictures at either end, single spaces. `"  Não!! "` is `"nao"`, `"1️⃣"` is
/// `"1"`. A text of pictures alone stays as it is.
#[must_use]
pub fn normalise(text: &str) -> String {
    let plain: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_mark(*c))
        .map(without_accent)
        .collect();
    let core = plain.trim_matches(|c: char| !c.is_alphanumeric());
    let core = if core.is_empty() { plain.trim() } else { core };
    core.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Combining accents, and what turns a digit into a keycap picture.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{fe0f}' | '\u{20e3}' | '\u{200b}'..='\u{200f}')
}

fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}
