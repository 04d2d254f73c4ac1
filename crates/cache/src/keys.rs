//! The grammar of every name that Papo uses in Redis: `papo:{prefix}:{what}`. The prefix keeps
//! installations, and tests, apart on one server; nothing may be named without it, and no name
//! may be made anywhere else.

/// Names under one prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    prefix: String,
}

/// Longest prefix.
const LONGEST: usize = 64;

impl Keys {
    /// `None` unless the prefix is 1 to 64 lower-case letters, digits, `-` or `_`: a colon in it
    /// could make one installation's name another's.
    pub(crate) fn new(prefix: &str) -> Option<Self> {
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
        let valid = (1..=LONGEST).contains(&prefix.len()) && prefix.bytes().all(plain);
        valid.then(|| Self {
            prefix: prefix.to_owned(),
        })
    }

    /// The pub/sub channel of the event bus.
    pub(crate) fn bus(&self) -> String {
        format!("papo:{}:bus", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;

    #[test]
    fn names_carry_the_prefix() {
        assert_eq!(Keys::new("shop-1").unwrap().bus(), "papo:shop-1:bus");
    }

    #[test]
    fn a_prefix_cannot_reach_into_another() {
        let long = "x".repeat(65);
        for bad in ["", "a:bus", "A", "a b", "a*", "ção", &long] {
            assert_eq!(Keys::new(bad), None, "{bad:?}");
        }
    }
}
