//! What a collected input must look like. Formats and check digits only: whether a document or
//! an address exists is nobody's business here.

use super::flow::Validation;
use chrono::NaiveDate;

/// The most characters of an e-mail address (RFC 5321, 4.5.3.1).
const EMAIL_MAX: usize = 254;

impl Validation {
    /// Whether `input` passes.
    #[must_use]
    pub fn accepts(self, input: &str) -> bool {
        let input = input.trim();
        match self {
            Self::Any => !input.is_empty(),
            Self::Number => is_number(input),
            Self::Email => is_email(input),
            Self::TaxId => is_tax_id(input),
            Self::Date => is_date(input),
        }
    }
}

fn is_number(input: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match input.split_once([',', '.']) {
        Some((whole, decimals)) => digits(whole) && digits(decimals),
        None => digits(input),
    }
}

fn is_email(input: &str) -> bool {
    let Some((local, domain)) = input.split_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@,;<>()".contains(c);
    input.len() <= EMAIL_MAX
        && !local.is_empty()
        && local.chars().all(plain)
        && domain.chars().all(plain)
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
}

/// CPF: 11 digits. CNPJ: 14 characters, of which the first 12 may be letters since July 2026
/// (Receita Federal, IN RFB 2.229/2024). Both end in two check digits modulo 11.
fn is_tax_id(input: &str) -> bool {
    let mut values = Vec::with_capacity(14);
    for c in input
        .chars()
        .filter(|c| !matches!(c, '.' | '-' | '/' | ' '))
    {
        // A character counts as its ASCII code less that of `0`, for letters too.
        match u8::try_from(c.to_ascii_uppercase()) {
            Ok(b) if b.is_ascii_digit() || b.is_ascii_uppercase() => {
                values.push(u32::from(b - b'0'));
            }
            _ => return false,
        }
        if values.len() > 14 {
            return false;
        }
    }
    // Repeated figures have right check digits but are given to nobody.
    if values.windows(2).all(|pair| pair.first() == pair.last()) {
        return false;
    }
    let digits = |values: &[u32]| values.iter().all(|v| *v <= 9);
    match values.len() {
        11 => digits(&values) && checks(&values, |from_end| from_end + 2),
        // A check digit is a digit, so it equals no letter.
        14 => checks(&values, |from_end| from_end % 8 + 2),
        _ => false,
    }
}

/// Whether the last two values are the check digits of those before them. `weight` gives a
/// value's factor by its distance from the end of what is checked.
fn checks(values: &[u32], weight: fn(u32) -> u32) -> bool {
    [2, 1].into_iter().all(|left| {
        let body = values
            .get(..values.len().saturating_sub(left))
            .unwrap_or_default();
        let sum: u32 = body.iter().rev().zip(0..).map(|(v, i)| v * weight(i)).sum();
        let digit = match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        };
        values.get(body.len()) == Some(&digit)
    })
}

/// `dd/mm/aaaa`, a day that exists between 1900 and 2100.
fn is_date(input: &str) -> bool {
    let parts: Vec<&str> = input.split('/').collect();
    let [day, month, year] = parts.as_slice() else {
        return false;
    };
    let number = |part: &str, most: usize| -> Option<u32> {
        let right = part.len() <= most && part.bytes().all(|b| b.is_ascii_digit());
        right.then(|| part.parse().ok()).flatten()
    };
    let (Some(day), Some(month), Some(year)) = (number(day, 2), number(month, 2), number(year, 4))
    else {
        return false;
    };
    let year = i32::try_from(year).unwrap_or_default();
    (1900..=2100).contains(&year) && NaiveDate::from_ymd_opt(year, month, day).is_some()
}
