//! Phone numbers as people write them.

/// Brazil's country code.
const BRAZIL: &str = "55";
/// No country has it.
const NOWHERE: &str = "999";
/// The most digits of a number, with the country's code.
const DIGITS_MAX: usize = 15;

/// The international digits of a number, as providers want them. Without `+` it is one of Brazil,
/// with or without the country's code; with it, of any country. `None` if it cannot be a number.
#[must_use]
pub fn international(written: &str) -> Option<String> {
    let written = written.trim();
    let abroad = written.strip_prefix('+');
    let mut digits = String::with_capacity(DIGITS_MAX);
    for c in abroad.unwrap_or(written).chars() {
        match c {
            '0'..='9' if digits.len() < DIGITS_MAX => digits.push(c),
            ' ' | '\u{a0}' | '-' | '.' | '(' | ')' => {}
            _ => return None,
        }
    }
    if abroad.is_none() && matches!(digits.len(), 10 | 11) {
        digits.insert_str(0, BRAZIL);
    }
    let exists = match digits.strip_prefix(BRAZIL) {
        // Two digits of the area, none of them 0, and eight or nine.
        Some(national) => {
            matches!(national.len(), 10 | 11) && !national.bytes().take(2).any(|b| b == b'0')
        }
        None => {
            abroad.is_some()
                && digits.len() >= 8
                && !digits.starts_with('0')
                && !digits.starts_with(NOWHERE)
        }
    };
    exists.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::international;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (written, digits) in [
            ("(11) 99999-0001", "5511999990001"),
            ("11 3333.0001", "551133330001"),
            ("55 11 99999-0001", "5511999990001"),
            ("+55 (11) 99999-0001", "5511999990001"),
            (" +1 (555) 010-0001 ", "15550100001"),
            // An area of Brazil, not its country code.
            ("55 99999-0001", "5555999990001"),
        ] {
            assert_eq!(international(written).as_deref(), Some(digits), "{written}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for written in [
            "",
            "+",
            "123",
            "abc",
            "11 9999x-0001",
            "99999-0001",
            "+999999999999999",
            "+0155501000",
            "+55 11 9999",
            "15550100001234567",
            "01 99999-0001",
            "1 (555) 010-00012",
            "'; DROP TABLE customers; --",
        ] {
            assert_eq!(international(written), None, "{written}");
        }
    }
}
