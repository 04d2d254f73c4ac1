//! What an answer of the API must have in it.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A field that must be text.
pub(crate) fn text(value: &Value, field: &str) -> Result<String> {
    let found = value.get(field).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .with_context(|| format!("no {field} in {value}"))
}

/// A field that must be a number.
pub(crate) fn number(value: &Value, field: &str) -> Result<u64> {
    let found = value.get(field).and_then(Value::as_u64);
    found.with_context(|| format!("no {field} in {value}"))
}

/// Whether a field is this text.
pub(crate) fn is(value: &Value, field: &str, expected: &str) -> bool {
    value.get(field).and_then(Value::as_str) == Some(expected)
}

/// `seq` counts 1, 2, 3 … without a gap.
pub(crate) fn gap_free(messages: &[Value]) -> Result<()> {
    for (expected, message) in (1..).zip(messages) {
        let seq = number(message, "seq")?;
        ensure!(seq == expected, "seq {seq} stands where {expected} should");
    }
    Ok(())
}
