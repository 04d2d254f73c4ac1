//! Patterns of LIKE.

/// `text` as a pattern for LIKE, found anywhere.
pub(super) fn contains(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn wildcards_of_the_searcher_are_plain_characters() {
        assert_eq!(contains("50%_\\"), "%50\\%\\_\\\\%");
    }
}
