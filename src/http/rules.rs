//! Rules of single values in requests, most of them for `#[garde(custom(…))]`.

use crate::auth::{PASSWORD_MAX, PASSWORD_MIN};
use crate::error::ApiError;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use papo_domain::ports::{Alias, AliasKind};
use secrecy::{ExposeSecret, SecretString};

/// A password of 8 to 128 characters.
pub(crate) fn password(value: &SecretString, _: &()) -> garde::Result {
    let length = value.expose_secret().chars().count();
    if (PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
        return Ok(());
    }
    Err(garde::Error::new(format!(
        "must have {PASSWORD_MIN} to {PASSWORD_MAX} characters"
    )))
}

/// A password that is only compared: whatever it is, up to a length that hashing can bear.
pub(crate) fn any_password(value: &SecretString, _: &()) -> garde::Result {
    if (1..=1024).contains(&value.expose_secret().len()) {
        return Ok(());
    }
    Err(garde::Error::new("must have 1 to 1024 bytes"))
}

/// A secret that somebody chose or was given: 8 to 4,096 characters, no leading or trailing spaces.
pub(crate) fn credential(value: &SecretString, _: &()) -> garde::Result {
    let text = value.expose_secret();
    if (8..=4096).contains(&text.chars().count()) && text.trim() == text {
        return Ok(());
    }
    Err(garde::Error::new(
        "must have 8 to 4096 characters without leading or trailing spaces",
    ))
}

/// As [`credential`], where there is one.
pub(crate) fn optional_credential(value: &Option<SecretString>, context: &()) -> garde::Result {
    value
        .as_ref()
        .map_or(Ok(()), |value| credential(value, context))
}

/// An e-mail address, by its outline: the only real check is a mail that arrives.
pub(crate) fn email(value: &str, _: &()) -> garde::Result {
    let outline = value.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.split('.').count() >= 2
            && domain.split('.').all(|label| !label.is_empty())
            && !domain.contains('@')
    });
    let clean = !value.chars().any(|c| c.is_whitespace() || c.is_control());
    if outline && clean && value.len() <= 255 {
        return Ok(());
    }
    Err(garde::Error::new("is not a valid e-mail address"))
}

/// A person's or an organisation's name: 2 to 100 characters, spaces around not counted.
pub(crate) fn name(value: &str, _: &()) -> garde::Result {
    words(value, 2, 100)
}

/// The name of a thing: 1 to 100 characters, spaces around not counted.
pub(crate) fn label(value: &str, _: &()) -> garde::Result {
    words(value, 1, 100)
}

/// The name of a label: 1 to 40 characters, spaces around not counted.
pub(crate) fn tag(value: &str, _: &()) -> garde::Result {
    words(value, 1, 40)
}

/// A colour: `#` and six hexadecimal digits.
pub(crate) fn colour(value: &str, _: &()) -> garde::Result {
    let digits = value.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(garde::Error::new("must be # and six hexadecimal digits"))
}

/// A note: 1 to 4,096 characters, spaces around not counted.
pub(crate) fn note(value: &str, _: &()) -> garde::Result {
    words(value, 1, 4096)
}

fn words(value: &str, least: usize, most: usize) -> garde::Result {
    if (least..=most).contains(&value.trim().chars().count()) {
        return Ok(());
    }
    Err(garde::Error::new(format!(
        "must have {least} to {most} characters, not counting leading or trailing spaces"
    )))
}

/// A code of an authenticator app, or a recovery code, as somebody typed it.
pub(crate) fn code(value: &SecretString, _: &()) -> garde::Result {
    if (1..=64).contains(&value.expose_secret().len()) {
        return Ok(());
    }
    Err(garde::Error::new("must have 1 to 64 bytes"))
}

/// A tenant's slug: lower-case letters, digits and dashes, 1 to 63.
pub(crate) fn slug(value: &str, _: &()) -> garde::Result {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=63).contains(&value.len()) && value.chars().all(plain) && !value.starts_with('-') {
        return Ok(());
    }
    Err(garde::Error::new(
        "must be 1 to 63 lower-case letters, digits and dashes",
    ))
}

/// The most characters of a phone's number as people write it.
pub(crate) const PHONE_MAX: usize = 40;

/// What WhatsApp calls the phone with this number, in any spelling: with `+` of any country, without
/// it of Brazil.
pub(crate) fn wa_id(phone: &str) -> Result<Alias, ApiError> {
    let digits = papo_domain::phone::international(phone);
    let value = digits.ok_or_else(|| ApiError::invalid("phone", "is not a phone number"))?;
    let kind = AliasKind::WaId;
    Ok(Alias { kind, value })
}

/// The years that a moment or a day may lie in: what the product knows is of these, and the
/// database's calendar does not have all that there are elsewhere.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9999;

/// A moment that the database can keep.
pub(crate) fn moment(value: &DateTime<Utc>, _: &()) -> garde::Result {
    year(value.year())
}

/// A day that the database can keep.
pub(crate) fn day(value: &NaiveDate, _: &()) -> garde::Result {
    year(value.year())
}

fn year(year: i32) -> garde::Result {
    if YEARS.contains(&year) {
        return Ok(());
    }
    let (first, last) = (YEARS.start(), YEARS.end());
    Err(garde::Error::new(format!(
        "must lie in the years {first} to {last}"
    )))
}

/// A provider's id of a number or account: digits.
pub(crate) fn provider_id(value: &str, _: &()) -> garde::Result {
    if (1..=64).contains(&value.len()) && value.chars().all(|c| c.is_ascii_digit()) {
        return Ok(());
    }
    Err(garde::Error::new("must be 1 to 64 digits"))
}

/// As [`provider_id`], where there is one.
pub(crate) fn optional_provider_id(value: &Option<String>, context: &()) -> garde::Result {
    value
        .as_ref()
        .map_or(Ok(()), |value| provider_id(value, context))
}

#[cfg(test)]
mod tests {
    use super::{email, label, name, password, slug};
    use secrecy::SecretString;

    #[test]
    fn outlines_of_addresses() {
        for good in ["ana@example.com", "a.b+c@x.example.com"] {
            assert!(email(good, &()).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ana",
            "@example.com",
            "ana@",
            "ana@example",
            "a@b@c.d",
            "a b@c.d",
            "a@b..c",
        ] {
            assert!(email(bad, &()).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords_are_counted_in_characters() {
        for (length, good) in [(7, false), (8, true), (128, true), (129, false)] {
            let value = SecretString::from("ç".repeat(length));
            assert_eq!(password(&value, &()).is_ok(), good, "{length}");
        }
    }

    #[test]
    fn blanks_are_no_name() {
        for (value, name_is_good, label_is_good) in [
            ("", false, false),
            ("   ", false, false),
            ("\u{a0}\u{2003}", false, false),
            (" A ", false, true),
            (" Zé ", true, true),
        ] {
            assert_eq!(name(value, &()).is_ok(), name_is_good, "{value:?}");
            assert_eq!(label(value, &()).is_ok(), label_is_good, "{value:?}");
        }
        assert!(label(&"x".repeat(101), &()).is_err());
    }

    #[test]
    fn slugs_fit_a_host_name() {
        assert!(slug("padaria-da-ana", &()).is_ok());
        for bad in ["", "-x", "Hotel", "a.b", "ção", &"x".repeat(64)] {
            assert!(slug(bad, &()).is_err(), "{bad}");
        }
    }
}
