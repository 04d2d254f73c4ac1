//! Collecting what is wrong with the settings, so that all of it is told at once. A fault never
//! repeats the value: it may be a secret.

use actix_web::http::Uri;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

/// One wrong setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Such as `server.port`.
    pub field: String,
    pub problem: String,
}

/// All wrong settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl std::error::Error for Faults {}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} wrong settings:", self.0.len())?;
        for fault in &self.0 {
            write!(f, "\n  {}: {}", fault.field, fault.problem)?;
        }
        Ok(())
    }
}

impl Faults {
    pub(super) fn add(&mut self, field: &str, problem: impl Into<String>) {
        self.0.push(Fault {
            field: field.to_owned(),
            problem: problem.into(),
        });
    }

    /// `value`, unless something is wrong.
    pub(super) fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    pub(super) fn not_empty(&mut self, field: &str, value: &str) {
        if value.trim().is_empty() {
            self.add(field, "must not be empty");
        }
    }

    pub(super) fn positive(&mut self, field: &str, value: Duration) {
        if value.is_zero() {
            self.add(field, "must be longer than zero");
        }
    }

    pub(super) fn at_most(&mut self, field: &str, value: Duration, most: Duration) {
        if value > most {
            self.add(field, format!("must be at most {} ms", most.as_millis()));
        }
    }

    pub(super) fn range<T: PartialOrd + fmt::Display>(
        &mut self,
        field: &str,
        value: T,
        range: RangeInclusive<T>,
    ) {
        if !range.contains(&value) {
            let (low, high) = (range.start(), range.end());
            self.add(field, format!("must be between {low} and {high}"));
        }
    }

    pub(super) fn url(&mut self, field: &str, value: &str) {
        let rest = value
            .strip_prefix("http://")
            .or_else(|| value.strip_prefix("https://"));
        if rest.is_none_or(str::is_empty) || value.ends_with('/') {
            self.add(field, "must be http(s)://host without a slash at the end");
        }
    }

    /// As browsers say it in `Origin`: anything else would match none of them.
    pub(super) fn origin(&mut self, field: &str, value: &str) {
        let origin = value.parse::<Uri>().ok().and_then(|uri| {
            let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
            let unsaid = match scheme {
                "http" => ":80",
                "https" => ":443",
                _ => return None,
            };
            let plain = !authority.contains('@') && !authority.ends_with(':');
            let said = plain && !authority.ends_with(unsaid);
            said.then(|| format!("{scheme}://{authority}").to_ascii_lowercase())
        });
        if origin.as_deref() != Some(value) {
            let problem = "must be http(s)://host or http(s)://host:port in small letters, \
                           without the scheme's own port and with nothing after it";
            self.add(field, problem);
        }
    }

    pub(super) fn database_url(&mut self, field: &str, value: &SecretString, needed: bool) {
        let url = value.expose_secret();
        if url.is_empty() {
            if needed {
                self.add(field, "is missing");
            }
        } else if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            self.add(field, "must begin with postgres://");
        }
    }
}
