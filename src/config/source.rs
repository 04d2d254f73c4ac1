//! Where settings come from, and how the three layers become one value. An environment variable
//! takes the type of the default it replaces, so that a numeric password stays text.

use super::{Config, Fault, Faults};
use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::{Dict, Value};
use std::path::PathBuf;
use std::str::FromStr;
use thiserror::Error;

const DEFAULTS: &str = include_str!("../../config/default.toml");
const PREFIX: &str = "PAPO__";

/// Settings that may only come from the environment.
pub(super) const SECRETS: [(&str, &str); 11] = [
    ("database", "owner_url"),
    ("database", "app_url"),
    ("database", "engine_url"),
    ("database", "admin_url"),
    ("redis", "url"),
    ("auth", "access_secret"),
    ("auth", "refresh_secret"),
    ("security", "encryption_key"),
    ("media", "s3_access_key"),
    ("media", "s3_secret_key"),
    ("telemetry", "metrics_token"),
];

/// More faults than settings cannot be.
const MAX_FAULTS: usize = 200;

/// Where this process runs; chooses `config/<name>.toml`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Environment {
    #[default]
    Development,
    Test,
    Production,
}

impl Environment {
    /// The word in `APP_ENV` and in file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Test => "test",
            Self::Production => "production",
        }
    }
}

/// The word does not name an environment.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("APP_ENV must be development, test or production")]
pub struct UnknownEnvironment;

impl FromStr for Environment {
    type Err = UnknownEnvironment;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        [Self::Development, Self::Test, Self::Production]
            .into_iter()
            .find(|e| e.name() == s)
            .ok_or(UnknownEnvironment)
    }
}

/// The layers above the built-in defaults.
#[derive(Clone, Debug)]
pub struct Source {
    pub environment: Environment,
    /// Holds `<environment>.toml`; the file may be missing.
    pub directory: PathBuf,
    /// Name and value; only names with `PAPO__` are looked at.
    pub variables: Vec<(String, String)>,
}

impl Source {
    /// The layers of this process.
    #[must_use]
    pub fn of_process(environment: Environment, directory: PathBuf) -> Self {
        // Variables that are not UTF-8 cannot be settings.
        let variables = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with(PREFIX))
            .collect();
        Self {
            environment,
            directory,
            variables,
        }
    }

    /// Merges the layers and reads them into a [`Config`], collecting everything that does not
    /// fit: each fault is mended by its default and reading goes on, so that what the other
    /// values mean can be checked as well.
    ///
    /// # Errors
    /// The faults, where mending did not help.
    pub(super) fn read(&self) -> Result<(Config, Faults), Faults> {
        let mut faults = Faults::default();
        let defaults = toml("config/default.toml", Toml::string(DEFAULTS), &mut faults);
        let path = self
            .directory
            .join(format!("{}.toml", self.environment.name()));
        let file = toml(
            &path.display().to_string(),
            Toml::file_exact(&path),
            &mut faults,
        );
        for (section, key) in SECRETS {
            if text(&file, section, key).is_some_and(|v| !v.is_empty()) {
                faults.add(
                    &format!("{section}.{key}"),
                    format!(
                        "must come from the environment, not from {}",
                        path.display()
                    ),
                );
            }
        }
        let mut settings = merge(defaults.clone(), file);
        for (name, value) in &self.variables {
            let Some(rest) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let rest = rest.to_ascii_lowercase();
            let path: Vec<&str> = rest.split("__").collect();
            match find(&defaults, &path).map(|like| typed(like, value)) {
                Some(Ok(value)) => settings = merge(settings, nest(&path, value)),
                Some(Err(problem)) => faults.add(&path.join("."), problem),
                None => faults.add(&path.join("."), format!("{name} is not a setting")),
            }
        }
        while faults.0.len() < MAX_FAULTS {
            match Value::from(settings.clone()).deserialize::<Config>() {
                Ok(mut config) => {
                    config.environment = self.environment;
                    return Ok((config, faults));
                }
                Err(error) => {
                    let (path, fault) = locate(error);
                    faults.0.push(fault);
                    if !mend(&mut settings, &defaults, &path) {
                        break;
                    }
                }
            }
        }
        Err(faults)
    }
}

fn toml<F: figment::Provider>(name: &str, source: F, faults: &mut Faults) -> Dict {
    Figment::from(source).extract().unwrap_or_else(|error| {
        faults.add(name, error.to_string());
        Dict::new()
    })
}

fn text<'a>(dict: &'a Dict, section: &str, key: &str) -> Option<&'a str> {
    find(dict, &[section, key])?.as_str()
}

/// The value at `path`, unless it is a table.
fn find<'a>(dict: &'a Dict, path: &[&str]) -> Option<&'a Value> {
    match path {
        [] => None,
        [key] => dict.get(*key).filter(|v| v.as_dict().is_none()),
        [key, rest @ ..] => find(dict.get(*key)?.as_dict()?, rest),
    }
}

/// `text` in the type of `like`.
fn typed(like: &Value, text: &str) -> Result<Value, &'static str> {
    match like {
        Value::Num(_, n) if n.to_f64().is_some() => text
            .parse::<f64>()
            .map(Value::from)
            .map_err(|_e| "must be a number"),
        Value::Num(..) => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_e| "must be a whole number"),
        Value::Bool(..) => text
            .parse::<bool>()
            .map(Value::from)
            .map_err(|_e| "must be true or false"),
        Value::Array(..) => Ok(Value::from(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>(),
        )),
        _ => Ok(Value::from(text)),
    }
}

fn nest(path: &[&str], value: Value) -> Dict {
    match path {
        [] => Dict::new(),
        [key] => Dict::from([((*key).to_owned(), value)]),
        [key, rest @ ..] => Dict::from([((*key).to_owned(), Value::from(nest(rest, value)))]),
    }
}

/// `over` on top of `base`, table by table.
fn merge(mut base: Dict, over: Dict) -> Dict {
    for (key, value) in over {
        let merged = match (base.remove(&key), value) {
            (Some(Value::Dict(_, old)), Value::Dict(_, new)) => Value::from(merge(old, new)),
            (_, value) => value,
        };
        base.insert(key, merged);
    }
    base
}

/// Which setting an error is about.
fn locate(error: figment::Error) -> (Vec<String>, Fault) {
    let mut path = error.path.clone();
    if let figment::error::Kind::UnknownField(name, _) = &error.kind
        && path.last() != Some(name)
    {
        path.push(name.clone());
    }
    let fault = Fault {
        field: path.join("."),
        problem: match error.kind {
            figment::error::Kind::UnknownField(..) => "is not a setting".to_owned(),
            kind => kind.to_string(),
        },
    };
    (path, fault)
}

/// Puts the default back at `path`, or takes away what has none. False if nothing changed.
fn mend(settings: &mut Dict, defaults: &Dict, path: &[String]) -> bool {
    match path {
        [] => false,
        [key] => match defaults.get(key) {
            Some(default) => settings.insert(key.clone(), default.clone()).is_some(),
            None => settings.remove(key).is_some(),
        },
        [key, rest @ ..] => {
            let empty = Dict::new();
            let default = defaults.get(key).and_then(Value::as_dict).unwrap_or(&empty);
            match settings.get_mut(key) {
                Some(Value::Dict(_, inner)) => mend(inner, default, rest),
                _ => false,
            }
        }
    }
}
