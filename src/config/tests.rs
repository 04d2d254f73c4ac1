use super::source::SECRETS;
use super::{Config, Environment, Source};
use figment::value::{Dict, Value};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn source(variables: &[(&str, &str)]) -> Source {
    Source {
        environment: Environment::Development,
        directory: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/config")),
        variables: variables
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
    }
}

fn complete() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "PAPO__DATABASE__APP_URL",
            "postgres://papo_app@localhost/papo",
        ),
        (
            "PAPO__DATABASE__ENGINE_URL",
            "postgres://papo_engine@localhost/papo",
        ),
        (
            "PAPO__AUTH__ACCESS_SECRET",
            "11111111111111111111111111111111",
        ),
        (
            "PAPO__AUTH__REFRESH_SECRET",
            "22222222222222222222222222222222",
        ),
        (
            "PAPO__SECURITY__ENCRYPTION_KEY",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        ),
    ]
}

fn keys(prefix: &str, dict: &Dict, into: &mut BTreeSet<String>) {
    for (key, value) in dict {
        let path = format!("{prefix}{key}");
        match value {
            Value::Dict(_, inner) => keys(&format!("{path}."), inner, into),
            _ => {
                into.insert(path);
            }
        }
    }
}

fn load(source: &Source) -> Result<Config, super::Faults> {
    Config::load(source, crate::boot::unusable)
}

fn faulty_fields(source: &Source) -> Vec<String> {
    let faults = load(source).expect_err("faulty");
    faults.0.into_iter().map(|f| f.field).collect()
}

#[test]
fn the_defaults_have_exactly_the_keys_of_the_structs() {
    use figment::providers::{Format, Serialized, Toml};
    let written: Dict =
        figment::Figment::from(Toml::string(include_str!("../../config/default.toml")))
            .extract()
            .expect("toml");
    let known: Dict = figment::Figment::from(Serialized::defaults(Config::for_tests()))
        .extract()
        .expect("serialises");
    let (mut a, mut b) = (BTreeSet::new(), BTreeSet::new());
    keys("", &written, &mut a);
    keys("", &known, &mut b);
    assert_eq!(a, b);
}

#[test]
fn settings_for_tests_are_valid() {
    let mut faults = super::Faults::default();
    Config::for_tests().validate(&mut faults);
    assert_eq!(faults, super::Faults::default());
}

#[test]
fn a_complete_environment_loads_and_variables_win_over_files() {
    let mut variables = complete();
    variables.push(("PAPO__SERVER__PORT", "9999"));
    variables.push(("PAPO__SUPERVISION__TENANTS__JITTER", "0.5"));
    variables.push(("PAPO__TELEMETRY__LEVEL", "warn"));
    variables.push((
        "PAPO__SECURITY__CORS_ORIGINS",
        "http://a.example.com, http://b.example.com",
    ));
    let config = load(&source(&variables)).expect("valid");
    assert_eq!(config.server.port, 9999);
    assert!((config.supervision.tenants.jitter - 0.5).abs() < f64::EPSILON);
    assert_eq!(config.telemetry.level, "warn");
    assert_eq!(config.security.cors_origins.len(), 2);
    // From config/development.toml.
    assert_eq!(config.whatsapp.graph_url, "http://127.0.0.1:8090");
}

#[test]
fn everything_wrong_is_told_at_once() {
    let mut variables = complete();
    variables.retain(|(name, _)| !name.contains("REFRESH"));
    variables.push(("PAPO__SERVER__PORT", "70000"));
    variables.push(("PAPO__SERVER__WORKERS", "many"));
    variables.push(("PAPO__SERVER__COLOUR", "red"));
    variables.push(("PAPO__AUTH__ACCESS_TTL", "soon"));
    variables.push(("PAPO__WHATSAPP__GRAPH_VERSION", "latest"));
    let mut fields = faulty_fields(&source(&variables));
    fields.sort();
    // What cannot be read, what is missing, and what makes no sense.
    let expected = [
        "auth.access_ttl",
        "auth.refresh_secret",
        "server.colour",
        "server.port",
        "server.workers",
        "whatsapp.graph_version",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn an_origin_is_nothing_more() {
    let faulty = |origin: &'static str| {
        let mut variables = complete();
        variables.push(("PAPO__SECURITY__CORS_ORIGINS", origin));
        let from = source(&variables);
        load(&from).is_err_and(|faults| faults.0[0].field == "security.cors_origins[0]")
    };
    for wrong in [
        "https://exa mple.com",
        "https://desk.example.com/",
        "https://desk.example.com/app",
        "https://desk.example.com?a=b",
        "https://me@desk.example.com",
        "https://Desk.example.com",
        "desk.example.com",
        "ftp://desk.example.com",
        "https://desk.example.com:443",
        "http://desk.example.com:80",
        "https://desk.example.com:",
        "https://",
    ] {
        assert!(faulty(wrong), "{wrong}");
    }
    for right in [
        "https://desk.example.com",
        "http://localhost:5173",
        "http://[::1]:8080",
    ] {
        assert!(!faulty(right), "{right}");
    }
}

#[test]
fn a_secret_in_a_file_is_refused_and_never_repeated() {
    let directory = std::env::temp_dir().join(format!("papo-config-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&directory).expect("directory");
    let file = directory.join("development.toml");
    std::fs::write(&file, "[auth]\naccess_secret = \"left-lying-about\"\n").expect("file");
    let mut from = source(&complete());
    from.directory = directory.clone();
    let faults = load(&from).expect_err("refused").to_string();
    std::fs::remove_dir_all(&directory).expect("clean");
    assert!(faults.contains("auth.access_secret"), "{faults}");
    assert!(!faults.contains("left-lying-about"), "{faults}");
}

#[test]
fn secrets_are_hidden_when_shown() {
    let config = Config::for_tests();
    let debug = format!("{config:?}");
    let shown: Dict = figment::Figment::from(figment::providers::Serialized::defaults(&config))
        .extract()
        .expect("serialises");
    assert!(!debug.contains("secret-of-tests"));
    let mut hidden = Vec::new();
    for (section, key) in SECRETS {
        let value = shown[section].as_dict().expect("section")[key]
            .as_str()
            .expect("text");
        assert!(
            value.is_empty() || value == super::HIDDEN,
            "{section}.{key}"
        );
        hidden.push(value.to_owned());
    }
    assert!(hidden.iter().any(|v| v == super::HIDDEN));
}

#[test]
fn production_needs_strong_hashes() {
    let mut variables = complete();
    variables.push(("PAPO__AUTH__BCRYPT_COST", "8"));
    let mut from = source(&variables);
    assert!(load(&from).is_ok());
    from.environment = Environment::Production;
    from.variables
        .push(("PAPO__TELEMETRY__METRICS_TOKEN".into(), "a token".into()));
    assert_eq!(faulty_fields(&from), ["auth.bcrypt_cost"]);
}

/// What the start would stumble over is told before, all of it.
#[test]
fn addresses_and_versions_are_read_as_the_start_reads_them() {
    let bad = [
        (
            "PAPO__DATABASE__APP_URL",
            "postgres://papo_app@localhost:port/papo",
        ),
        (
            "PAPO__DATABASE__ENGINE_URL",
            "postgres://papo_engine@localhost/papo?sslmode=perhaps",
        ),
        ("PAPO__REDIS__URL", "redis://localhost:port"),
        ("PAPO__WHATSAPP__GRAPH_VERSION", "v25"),
        ("PAPO__WHATSAPP__GRAPH_URL", "http://[::1"),
    ];
    let mut variables = complete();
    variables.retain(|(name, _)| !bad.iter().any(|(other, _)| name == other));
    variables.extend(bad);
    let mut fields = faulty_fields(&source(&variables));
    fields.sort();
    let expected = [
        "database.app_url",
        "database.engine_url",
        "redis.url",
        "whatsapp.graph_url",
        "whatsapp.graph_version",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn production_does_not_show_its_metrics_to_everybody() {
    let mut from = source(&complete());
    from.environment = Environment::Production;
    assert_eq!(faulty_fields(&from), ["telemetry.metrics_token"]);
    let with = |name: &str, value: &str| {
        let mut from = from.clone();
        from.variables.push((name.to_owned(), value.to_owned()));
        from
    };
    for right in [
        with("PAPO__TELEMETRY__METRICS_TOKEN", "a token"),
        with("PAPO__FEATURES__METRICS", "false"),
        with("PAPO__SERVER__HOST", "127.0.0.1"),
    ] {
        assert!(load(&right).is_ok());
    }
}

#[test]
fn there_is_a_phone_in_development_only() {
    let mut variables = complete();
    let phone = "PAPO__SERVER__PHONE_URL";
    variables.push((phone, "http://127.0.0.1:8090"));
    let mut from = source(&variables);
    assert!(load(&from).is_ok());
    from.environment = Environment::Production;
    from.variables
        .push(("PAPO__TELEMETRY__METRICS_TOKEN".into(), "a token".into()));
    assert_eq!(faulty_fields(&from), ["server.phone_url"]);
    variables.push((phone, "127.0.0.1:8090/phone"));
    assert_eq!(faulty_fields(&source(&variables)), ["server.phone_url"]);
}

#[test]
fn the_largest_body_fits_into_the_memory_for_bodies() {
    let mut variables = complete();
    variables.push(("PAPO__SERVER__WEBHOOK_MEMORY", "1048576"));
    variables.push(("PAPO__SERVER__BODY_MEMORY", "1024"));
    let fields = faulty_fields(&source(&variables));
    assert_eq!(fields, ["server.webhook_memory", "server.body_memory"]);
}
