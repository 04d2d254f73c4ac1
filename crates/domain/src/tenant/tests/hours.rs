//! Opening times, in the tenant's own time zone.

use crate::Timestamp;
use crate::tenant::{BusinessHours, TimeOfDay};
use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

fn at(moment: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(moment).unwrap().to_utc()
}

fn hours(json: Value) -> BusinessHours {
    serde_json::from_value(json).unwrap()
}

fn refused(json: Value) -> String {
    serde_json::from_value::<BusinessHours>(json)
        .unwrap_err()
        .to_string()
}

/// Monday to Friday 9–12 and 13–18, Saturday 9–12, in São Paulo (UTC−3).
fn office() -> BusinessHours {
    let day = json!(["09:00-12:00", "13:00-18:00"]);
    hours(json!({
        "weekly": {"1": day, "2": day, "3": day, "4": day, "5": day, "6": "09:00-12:00"},
        "holidays": ["2026-12-25"],
    }))
}

#[test]
fn without_hours_it_is_always_open_but_on_holidays() {
    let always = BusinessHours::default();
    assert!(always.always_open() && always.is_open(at("2026-11-22T03:00:00Z")));
    let feast = hours(json!({"feriados": ["2026-12-25"]}));
    assert!(!feast.is_open(at("2026-12-25T12:00:00Z")));
    assert!(feast.is_open(at("2026-12-26T12:00:00Z")));
    // The holiday is the tenant's day: midnight is 03:00 UTC.
    assert!(feast.is_open(at("2026-12-25T02:59:59Z")));
    assert!(!feast.is_open(at("2026-12-26T02:59:59Z")));
}

#[test]
fn switched_off_hours_do_not_close() {
    let mut office = office();
    assert!(!office.is_open(at("2026-11-22T15:00:00Z")));
    office.active = false;
    assert!(office.is_open(at("2026-11-22T15:00:00Z")));
}

#[test]
fn the_first_minute_is_open_and_the_last_is_not() {
    let office = office();
    for (moment, open) in [
        ("2026-11-23T11:59:59Z", false),
        ("2026-11-23T12:00:00Z", true),
        ("2026-11-23T14:59:59Z", true),
        ("2026-11-23T15:00:00Z", false),
        ("2026-11-23T16:00:00Z", true),
        ("2026-11-23T20:59:59Z", true),
        ("2026-11-23T21:00:00Z", false),
        // Saturday morning, Saturday afternoon, Sunday, the holiday (a Friday).
        ("2026-11-28T14:00:00Z", true),
        ("2026-11-28T17:00:00Z", false),
        ("2026-11-29T14:00:00Z", false),
        ("2026-12-25T14:00:00Z", false),
        // Late on Sunday in São Paulo is Monday in UTC.
        ("2026-11-23T02:00:00Z", false),
    ] {
        assert_eq!(office.is_open(at(moment)), open, "{moment}");
    }
}

#[test]
fn until_midnight_is_written_24_00() {
    let night = hours(json!({"weekly": {"dom": "22:00-24:00", "seg": "00:00-02:00"}}));
    assert!(night.is_open(at("2026-11-23T02:59:59Z")));
    assert!(night.is_open(at("2026-11-23T03:00:00Z")));
    assert!(!night.is_open(at("2026-11-23T05:00:00Z")));
}

#[test]
fn the_zone_follows_its_own_summer_time() {
    let lisbon = hours(json!({"timezone": "Europe/Lisbon", "weekly": {"1": "09:00-18:00"}}));
    assert!(lisbon.is_open(at("2026-07-06T08:00:00Z")), "WEST, UTC+1");
    assert!(!lisbon.is_open(at("2026-11-23T08:00:00Z")), "WET, UTC");
    assert!(lisbon.is_open(at("2026-11-23T09:00:00Z")));
}

#[test]
fn the_next_opening_is_the_first_open_minute_after() {
    let office = office();
    for (moment, opening) in [
        ("2026-11-23T05:00:00Z", "2026-11-23T12:00:00Z"),
        ("2026-11-23T12:00:00Z", "2026-11-23T16:00:00Z"),
        ("2026-11-28T18:00:00Z", "2026-11-30T12:00:00Z"),
        // Thursday evening before the holiday: Saturday.
        ("2026-12-24T22:00:00Z", "2026-12-26T12:00:00Z"),
    ] {
        assert_eq!(
            office.next_opening(at(moment)),
            Some(at(opening)),
            "{moment}"
        );
    }
    let mut closed = office.clone();
    let from = at("2026-11-23T05:00:00Z");
    closed.holidays = (0..60)
        .map(|d| (from + TimeDelta::days(d)).date_naive())
        .collect();
    assert_eq!(closed.next_opening(from), None);
}

#[test]
fn an_opening_that_a_clock_change_skips_is_the_next_minute_that_exists() {
    // In 2026 Lisbon's clocks go from 01:00 to 02:00 on 29 March.
    let lisbon = hours(json!({"timezone": "Europe/Lisbon", "weekly": {"7": "01:30-05:00"}}));
    let opening = lisbon.next_opening(at("2026-03-28T12:00:00Z"));
    assert_eq!(opening, Some(at("2026-03-29T01:00:00Z")));
    assert!(lisbon.is_open(at("2026-03-29T01:00:00Z")));
}

#[test]
fn days_and_fields_may_be_portuguese_and_one_spelling_comes_back() {
    let written = json!({
        "active": true,
        "timezone": "America/Sao_Paulo",
        "weekly": {
            "1": [{"from": "09:00", "to": "18:00"}],
            "2": [{"from": "08:30", "to": "12:00"}, {"from": "13:00", "to": "17:00"}],
            "3": [],
            "6": [{"from": "09:00", "to": "12:00"}],
        },
        "holidays": ["2026-01-01", "2026-12-25"],
    });
    let read = hours(json!({
        "ativo": true,
        "fuso_horario": "America/Sao_Paulo",
        "horarios": {
            "segunda": {"inicio": "09:00", "fim": "18:00"},
            "Ter": ["8:30-12:00", "13:00 – 17:00"],
            "quarta-feira": null,
            "sábado": {"from": "9:00", "to": "12:00"},
        },
        "feriados": ["2026-12-25", "2026-01-01"],
    }));
    assert_eq!(serde_json::to_value(&read).unwrap(), written);
    assert_eq!(hours(written), read);
    let long = [
        "segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo",
    ];
    let short = ["seg", "ter", "qua", "qui", "sex", "sab", "dom"];
    for (number, (long, short)) in (1..=7_u8).zip(long.into_iter().zip(short)) {
        for name in [long, short, &number.to_string()] {
            let read = hours(json!({"weekly": {name: "09:00-18:00"}}));
            assert!(read.weekly.contains_key(&number), "{name}");
        }
    }
}

#[test]
fn what_is_no_opening_time_is_refused_by_name() {
    let segunda = |value: Value| refused(json!({"weekly": {"segunda": value}}));
    assert!(segunda(json!("18:00-09:00")).contains("weekly.segunda: must end after it begins"));
    assert!(segunda(json!("09:00-09:00")).contains("must end after"));
    for value in [
        json!("9h-18h"),
        json!("09:60-18:00"),
        json!("09:00-24:01"),
        json!("09:0-18:00"),
        json!({"from": "09:00"}),
        json!(9),
        json!(["09:00-18:00", 9]),
    ] {
        assert!(segunda(value.clone()).contains("hh:mm"), "{value}");
    }
    assert!(refused(json!({"weekly": {"funday": "09:00-18:00"}})).contains("`funday`"));
    assert!(refused(json!({"weekly": {"seg": null, "1": null}})).contains("given twice"));
    assert!(refused(json!({"timezone": "Mars/Olympus"})).contains("Mars/Olympus"));
    assert!(serde_json::from_value::<BusinessHours>(json!({"holidays": ["2026-02-30"]})).is_err());
    assert!("+1:00".parse::<TimeOfDay>().is_err());
}

#[test]
fn what_contradicts_itself_is_found() {
    let faults = |json: Value| -> Vec<String> {
        hours(json)
            .check()
            .into_iter()
            .map(|fault| fault.field)
            .collect()
    };
    assert_eq!(
        faults(json!({"weekly": {"1": ["13:00-18:00", "09:00-13:01"]}})),
        ["weekly.1"]
    );
    assert_eq!(
        faults(json!({"weekly": {"1": ["09:00-13:00", "13:00-18:00"]}})),
        [""; 0]
    );
    assert_eq!(faults(json!({"weekly": {"1": null}})), ["weekly"]);
    let nine: Vec<String> = (0..9).map(|h| format!("{h:02}:00-{h:02}:30")).collect();
    assert_eq!(faults(json!({"weekly": {"1": nine}})), ["weekly.1"]);
}
