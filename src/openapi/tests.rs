use super::document;
use crate::config::Config;
use serde_json::Value;
use std::collections::BTreeSet;

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
        "post /api/v1/auth/login",
        "post /api/v1/auth/refresh-token",
        "post /api/v1/webhooks/whatsapp",
    ];
    assert_eq!(open, expected.into_iter().map(str::to_owned).collect());
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
