//! Values of a policy that cannot be used.

use crate::tenant::{BotTexts, CsatPolicy, TenantPolicy};

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
        csat: CsatPolicy {
            options: Some(vec!["bom".to_owned()]),
            thanks: Some("x".repeat(1025)),
            ..CsatPolicy::default()
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
            "csat.options",
            "csat.thanks",
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

#[test]
fn a_question_that_no_list_could_carry_is_a_fault() {
    let five = |last: &str| {
        let titles = ["1", "2", "3", "4", last];
        Some(titles.map(str::to_owned).to_vec())
    };
    for (csat, field) in [
        (
            CsatPolicy {
                question: Some(" ".to_owned()),
                ..CsatPolicy::default()
            },
            "csat.question",
        ),
        (
            CsatPolicy {
                button: Some("b".repeat(21)),
                ..CsatPolicy::default()
            },
            "csat.button",
        ),
        (
            CsatPolicy {
                options: five(&"x".repeat(25)),
                ..CsatPolicy::default()
            },
            "csat.options",
        ),
    ] {
        let policy = TenantPolicy {
            csat,
            ..TenantPolicy::default()
        };
        assert_eq!(fields(&policy), [field]);
    }
    let policy = TenantPolicy {
        csat: CsatPolicy {
            options: five("5"),
            ..CsatPolicy::default()
        },
        ..TenantPolicy::default()
    };
    assert_eq!(policy.check(), vec![]);
}
