//! The form of a template message. Whether the template exists is the world's to say.

use super::{Fields, array, object, object_of, text};
use crate::graph::draft::TemplateUse;
use crate::graph::error::GraphError;
use serde_json::Value;

const NAME_MAX: usize = 512;

pub(super) fn check(fields: &Fields) -> Result<(), GraphError> {
    text(fields, "template", "name", NAME_MAX)?;
    let language = object(fields, "template", "language")?;
    text(language, "template.language", "code", 20)?;
    if !fields.contains_key("components") {
        return Ok(());
    }
    let path = "template.components[]";
    for component in array(fields, "template", "components", 0, 20)? {
        let component = object_of(component, path)?;
        let kind = text(component, path, "type", 20)?;
        if !matches!(kind, "header" | "body" | "button") {
            return Err(GraphError::value(format!(
                "{path}.type must be header, body or button"
            )));
        }
        if kind == "button" {
            text(component, path, "sub_type", 40)?;
            if !component.contains_key("index") {
                return Err(GraphError::missing(&format!("{path}.index")));
            }
        }
        if component.contains_key("parameters") {
            for parameter in array(component, path, "parameters", 0, 100)? {
                let path = "template.components[].parameters[]";
                text(object_of(parameter, path)?, path, "type", 20)?;
            }
        }
    }
    Ok(())
}

/// Reads a template object that was checked.
pub(in crate::graph) fn template_use(content: &Value) -> TemplateUse {
    let string = |pointer| {
        content
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let components = content.get("components").and_then(Value::as_array);
    let body_parameters = components
        .into_iter()
        .flatten()
        .filter(|component| component.get("type").and_then(Value::as_str) == Some("body"))
        .filter_map(|component| component.get("parameters").and_then(Value::as_array))
        .flatten()
        .map(words)
        .collect();
    TemplateUse {
        name: string("/name"),
        language: string("/language/code"),
        body_parameters,
    }
}

/// What a parameter reads like; money and dates carry their words along.
fn words(parameter: &Value) -> String {
    [
        "/text",
        "/currency/fallback_value",
        "/date_time/fallback_value",
    ]
    .iter()
    .find_map(|pointer| parameter.pointer(pointer).and_then(Value::as_str))
    .unwrap_or_default()
    .to_owned()
}
