use super::{Class, GraphError, RETRY_AFTER_MAX, Refusal, TABLE, class, presentable};
use papo_domain::ports::SendError;
use secrecy::SecretString;
use std::time::Duration;

const TOKEN: &str = "EAAG-example-token";

fn refused(status: u16, body: &str) -> SendError {
    answered(status, None, body)
}

fn answered(status: u16, retry_after: Option<Duration>, body: &str) -> SendError {
    Refusal {
        status,
        retry_after,
        body: body.as_bytes(),
        token: &SecretString::from(TOKEN),
    }
    .classify()
}

fn graph(code: i64) -> String {
    format!(
        r#"{{"error":{{"message":"(#{code}) words","type":"OAuthException","code":{code},
        "error_data":{{"messaging_product":"whatsapp","details":"more"}},"fbtrace_id":"A"}}}}"#
    )
}

/// Every code of docs/META.md, "Errors", written down a second time.
#[test]
fn every_listed_code_has_its_class() {
    let rows: &[(Class, &[i64])] = &[
        (
            Class::ChannelDown,
            &[
                0, 190, 3, 10, 200, 250, 299, 131031, 368, 130497, 131037, 131042, 131045, 133010,
            ],
        ),
        (
            Class::ChannelDown,
            &[
                133000, 133004, 133005, 133006, 133008, 133009, 133015, 133016,
            ],
        ),
        (Class::Retry, &[1, 2, 131000, 131016]),
        (Class::NumberRest, &[4, 80007, 131057]),
        (Class::NumberRate, &[130429]),
        (Class::PairRate, &[131056]),
        (
            Class::Permanent,
            &[131048, 131049, 131050, 131047, 131026, 131021, 131030],
        ),
        (
            Class::Permanent,
            &[131005, 131008, 131009, 100, 131051, 131052, 131053],
        ),
        (Class::Permanent, &[131062, 131063, 131064, 130472]),
        (
            Class::Permanent,
            &[132000, 132012, 132018, 132001, 132005, 132007, 132008],
        ),
        (
            Class::Permanent,
            &[132015, 132016, 132068, 132069, 135000, 137000],
        ),
    ];
    for (expected, codes) in rows {
        for code in *codes {
            assert_eq!(class(*code), Some(*expected), "{code}");
        }
    }
    for unlisted in [-1, 5, 199, 300, 99_999, 131_010, 133_017, i64::MAX] {
        assert_eq!(class(unlisted), None, "{unlisted}");
    }
}

#[test]
fn no_code_stands_in_two_rows() {
    for (i, (first, last, _)) in TABLE.iter().enumerate() {
        assert!(first <= last);
        for (other_first, other_last, _) in &TABLE[i + 1..] {
            assert!(
                last < other_first || other_last < first,
                "{first} {other_first}"
            );
        }
    }
}

#[test]
fn the_code_decides_and_not_the_http_status() {
    for status in [200, 400, 403, 500, 503] {
        assert!(matches!(
            refused(status, &graph(131_056)),
            SendError::PairRate { code: 131_056 }
        ));
        let expected = SendError::Permanent {
            code: 131_047,
            title: "(#131047) words: more".to_owned(),
        };
        assert_eq!(refused(status, &graph(131_047)), expected);
    }
}

#[test]
fn an_unknown_code_is_classed_by_transience_and_status() {
    let transient = r#"{"error":{"message":"m","code":99,"is_transient":true}}"#;
    assert_eq!(
        refused(400, transient),
        SendError::Retry {
            code: 99,
            after: None
        }
    );
    assert_eq!(
        refused(500, &graph(99)),
        SendError::Retry {
            code: 99,
            after: None
        }
    );
    assert_eq!(
        refused(429, &graph(99)),
        SendError::NumberRate {
            code: 99,
            after: None
        }
    );
    assert!(matches!(
        refused(400, &graph(99)),
        SendError::Permanent { code: 99, .. }
    ));
}

#[test]
fn without_a_graph_error_a_4xx_is_final_and_a_5xx_tells_nothing() {
    for body in [
        "",
        "<html>Bad gateway</html>",
        "{}",
        r#"{"error":"x"}"#,
        r#"{"error":{"code":"x"}}"#,
    ] {
        assert!(
            matches!(refused(400, body), SendError::Permanent { code: 400, .. }),
            "{body}"
        );
        assert!(
            matches!(refused(404, body), SendError::Permanent { code: 404, .. }),
            "{body}"
        );
        for status in [200, 204, 408, 500, 502, 503, 504] {
            assert!(
                matches!(refused(status, body), SendError::Ambiguous(_)),
                "{status} {body}"
            );
        }
        for status in [302, 401, 403, 407] {
            assert!(
                matches!(refused(status, body), SendError::ChannelDown { .. }),
                "{status} {body}"
            );
        }
        assert_eq!(
            refused(429, body),
            SendError::NumberRate {
                code: 429,
                after: None
            }
        );
    }
}

#[test]
fn a_time_to_wait_is_passed_on_within_reason() {
    let ten = Some(Duration::from_secs(10));
    let throughput = SendError::NumberRate {
        code: 130_429,
        after: ten,
    };
    assert_eq!(answered(400, ten, &graph(130_429)), throughput);
    let overload = SendError::Retry {
        code: 131_016,
        after: ten,
    };
    assert_eq!(answered(500, ten, &graph(131_016)), overload);
    let minute = Some(Duration::from_secs(60));
    assert_eq!(
        refused(400, &graph(80_007)),
        SendError::NumberRate {
            code: 80_007,
            after: minute
        }
    );
    let week = Some(Duration::from_secs(7 * 24 * 3600));
    let hour = SendError::NumberRate {
        code: 4,
        after: Some(RETRY_AFTER_MAX),
    };
    assert_eq!(answered(400, week, &graph(4)), hour);
}

#[test]
fn the_providers_words_are_cut_and_never_hold_the_token() {
    let long = format!("{}{TOKEN}", "é".repeat(290));
    let words = presentable(&long, &SecretString::from(TOKEN));
    assert_eq!(words.chars().count(), 297);
    assert!(words.ends_with("[token]"));

    let across = format!("{}{TOKEN}", "x".repeat(295));
    let words = presentable(&across, &SecretString::from(TOKEN));
    assert_eq!(words, format!("{}[toke", "x".repeat(295)));

    for status in [200, 302, 400, 408, 500] {
        let echoed = refused(status, &format!("bad header: Bearer {TOKEN}"));
        assert!(!format!("{echoed} {echoed:?}").contains(TOKEN), "{status}");
    }
    let echoed = refused(401, &graph(190).replace("words", TOKEN));
    assert!(!format!("{echoed} {echoed:?}").contains(TOKEN));
}

#[test]
fn the_error_object_may_be_incomplete() {
    let error = GraphError::find(br#"{"error":{"code":1}}"#).unwrap();
    assert_eq!(error.words(), "");
    let error = GraphError::find(br#"{"error":{"code":1,"error_data":{"details":"d"}}}"#).unwrap();
    assert_eq!(error.words(), "d");
    assert!(GraphError::find(b"").is_none());
}
