//! Words, placeholders and inputs.

use crate::bot::fill::{VALUE_MAX, Values, fill};
use crate::bot::{Keyword, Validation, keyword, normalise};

#[test]
fn words_are_compared_without_case_accents_and_decoration() {
    for (typed, normal) in [
        ("  MENU  ", "menu"),
        ("Menu!!!", "menu"),
        ("não", "nao"),
        ("ÇÃO", "cao"),
        ("na\u{303}o", "nao"),
        ("1️⃣", "1"),
        ("2)", "2"),
        ("🕐 Ver   horário", "ver horario"),
        ("👍", "👍"),
        ("?!", "?!"),
        ("", ""),
        ("a.b", "a.b"),
    ] {
        assert_eq!(normalise(typed), normal, "{typed:?}");
        assert_eq!(
            normalise(&normalise(typed)),
            normal,
            "once is enough: {typed:?}"
        );
    }
}

#[test]
fn keywords_are_whole_inputs() {
    let own = ["Falar com alguém".to_owned(), String::new()];
    assert_eq!(keyword("Menu", &[]), Some(Keyword::Start));
    assert_eq!(keyword("ATENDENTE.", &[]), Some(Keyword::Handoff));
    assert_eq!(keyword("falar com alguem", &own), Some(Keyword::Handoff));
    assert_eq!(keyword("o menu", &own), None);
    assert_eq!(keyword("", &own), None, "an empty keyword matches nothing");
}

#[test]
fn placeholders_are_filled_once_and_only_where_known() {
    let mut values = Values::default();
    values.set("name", Some("Maria {pedido}"));
    values.set("pedido", None);
    for (text, filled) in [
        ("Olá, {name}!", "Olá, Maria {pedido}!"),
        ("Pedido {pedido} ok", "Pedido ok"),
        ("Olá, {pedido}!", "Olá!"),
        ("{pedido}", ""),
        ("{other} {", "{other} {"),
        ("{{name}}", "{Maria {pedido}}"),
        ("}{", "}{"),
        ("{name", "{name"),
    ] {
        assert_eq!(fill(text, &values), filled, "{text:?}");
    }
}

#[test]
fn a_value_is_one_line_of_bounded_length() {
    let mut values = Values::default();
    values.set("x", Some(&"ã\n ".repeat(500)));
    let filled = fill("{x}", &values);
    assert_eq!(filled.chars().count(), VALUE_MAX);
    assert!(filled.ends_with('…') && !filled.contains('\n'));
    values.set("x", Some(" \n "));
    assert_eq!(fill("a {x}", &values), "a", "blanks are no value");
}

#[test]
fn inputs_are_what_was_asked_for() {
    use Validation as V;
    let accepted = [
        (V::Any, " x "),
        (V::Number, "42"),
        (V::Number, " 1,5 "),
        (V::Number, "1.5"),
        (V::Email, "ana@example.com"),
        (V::Email, "ana.b+c@sub.example.com"),
        // Made-up documents with right check digits; the one with letters is the tax office's
        // own example of the new kind.
        (V::TaxId, "529.982.247-25"),
        (V::TaxId, "52998224725"),
        (V::TaxId, "11.222.333/0001-81"),
        (V::TaxId, "12.ABC.345/01DE-35"),
        (V::TaxId, "12abc34501de35"),
        (V::Date, "29/02/2024"),
        (V::Date, "1/2/2026"),
    ];
    for (validation, input) in accepted {
        assert!(validation.accepts(input), "{validation:?} {input:?}");
    }
    let refused = [
        (V::Any, "  "),
        (V::Number, "1,"),
        (V::Number, "-1"),
        (V::Number, "1.000,50"),
        (V::Number, "dez"),
        (V::Email, "ana"),
        (V::Email, "ana@example"),
        (V::Email, "ana@@example.com"),
        (V::Email, "ana b@example.com"),
        (V::Email, "ana@example..com"),
        (V::TaxId, "529.982.247-26"),
        (V::TaxId, "529.982.247-15"),
        (V::TaxId, "111.111.111-11"),
        (V::TaxId, "00.000.000/0000-00"),
        (V::TaxId, "11.222.333/0001-82"),
        (V::TaxId, "11.222.333/0001-91"),
        (V::TaxId, "12.ABC.345/01DE-36"),
        (V::TaxId, "12ABC34501DEA5"),
        (V::TaxId, "5299822472A"),
        // Right check digits, but a CPF has no letters.
        (V::TaxId, "A2998224733"),
        (V::TaxId, "1234567890123456789012345678901234567890"),
        (V::TaxId, ""),
        (V::TaxId, "٥٢٩٩٨٢٢٤٧٢٥"),
        (V::Date, "30/02/2024"),
        (V::Date, "29/02/2023"),
        (V::Date, "2024-02-29"),
        (V::Date, "01/01/24"),
        (V::Date, "01/01/2024/1"),
        (V::Date, "+1/01/2024"),
        (V::Date, "//"),
    ];
    for (validation, input) in refused {
        assert!(!validation.accepts(input), "{validation:?} {input:?}");
    }
}
