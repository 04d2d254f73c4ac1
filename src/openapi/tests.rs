use super::document;
use crate::config::Config;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn json() -> Value {
    serde_json::to_value(document(&Config::for_tests().server)).expect("json")
}

fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("item");
        item.iter()
            .map(move |(method, operation)| (format!("{method} {path}"), operation.clone()))
    });
    all.collect()
}

#[test]
fn every_operation_says_what_it_takes_and_gives() {
    let document = json();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        let id = operation["operationId"].as_str().expect("id").to_owned();
        assert!(ids.insert(id), "{name}: operation id used twice");
        assert!(operation["tags"][0].is_string(), "{name}: tag");
        assert!(operation["summary"].is_string(), "{name}: summary");
        let responses = operation["responses"].as_object().expect("responses");
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "{name}: success"
        );
        if name.contains("/api/") {
            assert!(responses.contains_key("default"), "{name}: errors");
        }
        let in_path = name.matches('{').count();
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let described = parameters.iter().filter(|p| p["in"] == "path").count();
        assert_eq!(described, in_path, "{name}: path parameters");
    }
    assert!(ids.len() > 50, "{}", ids.len());
}

#[test]
fn everything_but_login_and_webhooks_needs_a_user() {
    let open: BTreeSet<String> = operations(&json())
        .into_iter()
        .filter(|(name, operation)| name.contains("/api/") && operation["security"].is_null())
        .map(|(name, _)| name)
        .collect();
    let expected = [
        "get /api/v1/webhooks/whatsapp",
        "post /api/v1/auth/2fa/verify",
        "post /api/v1/auth/links/show",
        "post /api/v1/auth/links/use",
        "post /api/v1/auth/login",
        "post /api/v1/auth/refresh-token",
        "post /api/v1/webhooks/whatsapp",
    ];
    assert_eq!(open, expected.into_iter().map(str::to_owned).collect());
}

/// What a path holds is in the logs of every server on the way: links of files, which browsers fetch
/// by themselves, are good for minutes.
#[test]
fn no_path_holds_a_secret() {
    let paths: Vec<String> = operations(&json())
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| {
            let secret = ["token", "secret", "password", "code", "challenge"];
            let held = name.split(['{', '}']).skip(1).step_by(2);
            held.into_iter()
                .any(|name| secret.iter().any(|word| name.contains(word)))
        })
        .collect();
    assert_eq!(paths, ["get /files/{token}"]);
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(target)) = map.get("$ref") {
                    into.insert(target.clone());
                }
                map.values().for_each(|value| references(value, into));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, into)),
            _ => {}
        }
    }
    let document = json();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for target in found {
        let pointer = target.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

/// What the program's files say, tests left out.
fn sources(folder: &Path, into: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            sources(&path, into);
        } else if !path.ends_with("tests.rs") {
            into.push(std::fs::read_to_string(path).expect("source"));
        }
    }
}

/// The table of routes takes described handlers, except by the few methods looked for here.
#[test]
fn no_route_but_the_socket_is_left_out() {
    let documented: BTreeSet<String> = operations(&json())
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    sources(&root.join("src"), &mut files);
    let (mut written, mut past) = (BTreeSet::new(), Vec::new());
    for line in files.iter().flat_map(|file| file.lines()) {
        let undescribed = [".route(\"", "web::resource(", "web::scope(", ".map(|app"];
        if undescribed.iter().any(|way| line.contains(way)) {
            past.push(line.trim());
        }
        let attribute = line.strip_prefix("#[").and_then(|l| l.split_once("(\"/"));
        let Some((method @ ("get" | "post" | "put" | "patch" | "delete"), rest)) = attribute else {
            continue;
        };
        let path = rest.split('"').next().expect("path");
        let found = ["/", "/api/v1/", "/api/v1/webhooks/"]
            .map(|scope| format!("{method} {scope}{path}"))
            .into_iter()
            .find(|name| documented.contains(name));
        written.insert(found.unwrap_or_else(|| panic!("{line} is not in the document")));
    }
    assert_eq!(written, documented);
    assert_eq!(past, [r#".route("/ws", web::get().to(ws::connect))"#]);
}
