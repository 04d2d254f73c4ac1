//! Values of a policy that cannot be used.

use crate::tenant::{BotTexts, TenantPolicy};

fn fields(policy: &TenantPolicy) -> Vec<String> {
    policy
        .check()
        .into_iter()
        .map(|fault| fault.field)
        .collect()
}

#[test]
fn the_defaults_are_without_fault_and_an_empty_row_means_them() {
    let policy = TenantPolicy::default();
    assert_eq!(policy.check(), vec![]);
    assert_eq!(serde_json::from_str::<TenantPolicy>("{}").unwrap(), policy);
    let json = serde_json::to_string(&policy).unwrap();
    assert_eq!(serde_json::from_str::<TenantPolicy>(&json).unwrap(), policy);
}

#[test]
fn every_fault_is_named_at_once() {
    let policy = TenantPolicy {
        handoff_keywords: vec!["ok".to_owned(), " ".to_owned(), "MENU".to_owned()],
        max_misses: 0,
        step_limit: 201,
        coalesce_quiet_ms: 9_000,
        coalesce_max_ms: 8_000,
        bot_idle: 31 * 24 * 60 * 60,
        texts: BotTexts {
            closed: Some("x".repeat(1025)),
            ..BotTexts::default()
        },
        ..TenantPolicy::default()
    };
    assert_eq!(
        fields(&policy),
        [
            "handoff_keywords[1]",
            "handoff_keywords[2]",
            "max_misses",
            "step_limit",
            "coalesce_max_ms",
            "bot_idle",
            "texts.closed",
        ]
    );
}

#[test]
fn faults_of_the_hours_say_where_they_are() {
    let mut policy = TenantPolicy::default();
    policy.business_hours.weekly.insert(9, Vec::new());
    assert_eq!(
        fields(&policy),
        ["business_hours.weekly", "business_hours.weekly.9"]
    );
}
