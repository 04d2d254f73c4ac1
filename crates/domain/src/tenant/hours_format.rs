//! How opening times are written. One spelling goes out: ISO weekday numbers and `from`/`to`.
//! Several come in: days as numbers, in Portuguese (`segunda`, `seg`, `segunda-feira`) or
//! English, intervals as `from`/`to`, `inicio`/`fim` or `"09:00-18:00"`, one or a list.

use super::business_hours::{BusinessHours, Interval, ParseTimeError, TimeOfDay};
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Serialize)]
struct Written<'a> {
    active: bool,
    timezone: &'a str,
    weekly: &'a BTreeMap<u8, Vec<Interval>>,
    holidays: &'a BTreeSet<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(default = "yes", alias = "ativo")]
    active: bool,
    #[serde(default, alias = "fuso_horario")]
    timezone: Option<String>,
    #[serde(default, alias = "horarios")]
    weekly: BTreeMap<String, Value>,
    #[serde(default, alias = "feriados")]
    holidays: BTreeSet<NaiveDate>,
}

#[derive(Serialize)]
struct WrittenInterval {
    from: String,
    to: String,
}

fn yes() -> bool {
    true
}

impl Serialize for BusinessHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written {
            active: self.active,
            timezone: self.timezone.name(),
            weekly: &self.weekly,
            holidays: &self.holidays,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for BusinessHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Read::deserialize(deserializer)?;
        let mut hours = Self {
            active: read.active,
            holidays: read.holidays,
            ..Self::default()
        };
        if let Some(name) = read.timezone {
            hours.timezone = name
                .parse::<Tz>()
                .map_err(|_unknown| D::Error::custom(format!("timezone: unknown zone `{name}`")))?;
        }
        for (name, intervals) in read.weekly {
            let day = weekday(&name)
                .ok_or_else(|| D::Error::custom(format!("weekly: unknown day `{name}`")))?;
            let intervals = several(&intervals)
                .map_err(|why| D::Error::custom(format!("weekly.{name}: {why}")))?;
            if hours.weekly.insert(day, intervals).is_some() {
                return Err(D::Error::custom(format!("weekly: `{name}` is given twice")));
            }
        }
        Ok(hours)
    }
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WrittenInterval {
            from: self.from().to_string(),
            to: self.to().to_string(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A day's intervals: one, a list, or `null` for a closed day.
fn several(value: &Value) -> Result<Vec<Interval>, ParseTimeError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(values) => values.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

fn one(value: &Value) -> Result<Interval, ParseTimeError> {
    if let Value::String(words) = value {
        return words.parse();
    }
    let time = |canonical: &str, portuguese: &str| -> Result<TimeOfDay, ParseTimeError> {
        let value = value.get(canonical).or_else(|| value.get(portuguese));
        value
            .and_then(Value::as_str)
            .ok_or(ParseTimeError::Time)?
            .parse()
    };
    Interval::new(time("from", "inicio")?, time("to", "fim")?)
}

/// The ISO weekday of a day's name.
fn weekday(name: &str) -> Option<u8> {
    let name = name.trim().to_lowercase();
    let name = name.strip_suffix("-feira").unwrap_or(&name);
    Some(match name {
        "1" | "segunda" | "seg" | "monday" | "mon" => 1,
        "2" | "terça" | "terca" | "ter" | "tuesday" | "tue" => 2,
        "3" | "quarta" | "qua" | "wednesday" | "wed" => 3,
        "4" | "quinta" | "qui" | "thursday" | "thu" => 4,
        "5" | "sexta" | "sex" | "friday" | "fri" => 5,
        "6" | "sábado" | "sabado" | "sáb" | "sab" | "saturday" | "sat" => 6,
        "7" | "domingo" | "dom" | "sunday" | "sun" => 7,
        _ => return None,
    })
}
