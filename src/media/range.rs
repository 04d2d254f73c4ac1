//! `Range` of a request for bytes (RFC 9110, section 14). One range; who asks for several, or in
//! units that nobody knows, gets everything, as the RFC allows.

use std::ops::Range;

/// Which bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    Some(Range<u64>),
}

/// The range begins behind the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsatisfiable;

/// The part of a file of `size` bytes that a `Range` header asks for.
///
/// # Errors
/// None of it is there.
pub fn part(header: Option<&str>, size: u64) -> Result<Part, Unsatisfiable> {
    let range = header.and_then(|header| header.strip_prefix("bytes="));
    let Some((first, last)) = range.and_then(|range| range.split_once('-')) else {
        return Ok(Part::Whole);
    };
    let number = |text: &str| text.parse::<u64>().ok();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (first, last) = (first.trim(), last.trim());
    if !digits(first) || !digits(last) {
        return Ok(Part::Whole);
    }
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if last < first => return Ok(Part::Whole),
        (Some(first), Some(last)) => first..last.saturating_add(1).min(size),
        (Some(first), None) if last.is_empty() => first..size,
        (None, Some(count)) if first.is_empty() => size.saturating_sub(count)..size,
        _ => return Ok(Part::Whole),
    };
    if range.start >= size || range.is_empty() {
        return Err(Unsatisfiable);
    }
    Ok(Part::Some(range))
}

#[cfg(test)]
mod tests {
    use super::{Part, Unsatisfiable, part};

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        for (header, expected) in [
            (None, Ok(Part::Whole)),
            (Some("bytes=0-0"), Ok(Part::Some(0..1))),
            (Some("bytes=2-5"), Ok(Part::Some(2..6))),
            (Some("bytes=2-"), Ok(Part::Some(2..10))),
            (Some("bytes=-3"), Ok(Part::Some(7..10))),
            (Some("bytes=-30"), Ok(Part::Some(0..10))),
            (Some("bytes=8-99"), Ok(Part::Some(8..10))),
            (Some("bytes=10-"), Err(Unsatisfiable)),
            (Some("bytes=10-12"), Err(Unsatisfiable)),
            (Some("bytes=-0"), Err(Unsatisfiable)),
            (Some("bytes=5-2"), Ok(Part::Whole)),
            (Some("bytes=0-1,3-4"), Ok(Part::Whole)),
            (Some("bytes=a-b"), Ok(Part::Whole)),
            (Some("bytes=+1-2"), Ok(Part::Whole)),
            (Some("bytes=-"), Ok(Part::Whole)),
            (Some("lines=1-2"), Ok(Part::Whole)),
            (Some("bytes=99999999999999999999-"), Ok(Part::Whole)),
        ] {
            assert_eq!(part(header, 10), expected, "{header:?}");
        }
        assert_eq!(part(Some("bytes=0-"), 0), Err(Unsatisfiable));
    }
}
