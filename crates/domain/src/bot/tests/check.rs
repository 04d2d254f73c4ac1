//! What a flow must not be, and that a flow which is none of it can always be walked.

use crate::bot::{
    Answer, Flow, Input, MenuOption, MenuStyle, Node, NodeId, Scene, Stop, Validation, Values,
    answer, default_flow, enter, prompt_again,
};
use crate::conversation::Priority;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};

fn message(text: &str, next: &str) -> Node {
    Node::Message {
        text: text.to_owned(),
        next: next.to_owned(),
    }
}

fn collect(variable: &str, next: &str) -> Node {
    Node::Collect {
        text: "Qual?".to_owned(),
        variable: variable.to_owned(),
        validation: Validation::Any,
        next: next.to_owned(),
    }
}

fn hours(open: &str, closed: &str) -> Node {
    Node::Hours {
        department: None,
        open: open.to_owned(),
        closed: closed.to_owned(),
    }
}

fn option(id: &str, title: &str, keywords: &[&str]) -> MenuOption {
    MenuOption {
        id: id.to_owned(),
        title: title.to_owned(),
        description: None,
        keywords: keywords.iter().map(|k| (*k).to_owned()).collect(),
        next: "end".to_owned(),
    }
}

fn menu(text: &str, style: MenuStyle, options: Vec<MenuOption>) -> Node {
    Node::Menu {
        text: text.to_owned(),
        style,
        header: None,
        footer: None,
        button: None,
        options,
    }
}

fn flow(nodes: Vec<(&str, Node)>) -> Flow {
    let end = ("end".to_owned(), Node::Close { text: None });
    Flow {
        start: "main".to_owned(),
        nodes: nodes
            .into_iter()
            .map(|(id, node)| (id.to_owned(), node))
            .chain([end])
            .collect(),
    }
}

fn faults(nodes: Vec<(&str, Node)>) -> Vec<(String, String)> {
    flow(nodes)
        .check()
        .into_iter()
        .map(|fault| (fault.field, fault.problem))
        .collect()
}

/// The fields at fault in a flow whose start is `main`.
fn fields(main: Node) -> Vec<String> {
    faults(vec![("main", main)])
        .into_iter()
        .map(|(field, _)| field)
        .collect()
}

#[test]
fn the_default_flow_is_without_fault_and_survives_its_json() {
    let flow = default_flow();
    assert_eq!(flow.check(), vec![]);
    assert_eq!(flow.start, "main");
    let json = serde_json::to_string(&flow).unwrap();
    assert_eq!(serde_json::from_str::<Flow>(&json).unwrap(), flow);
}

#[test]
fn every_way_must_lead_somewhere() {
    let mut nowhere = flow(vec![]);
    assert_eq!(nowhere.check()[0].field, "start");
    nowhere.nodes.clear();
    assert_eq!(nowhere.check()[0].field, "start");
    assert_eq!(fields(message("oi", "gone")), ["nodes.main.next"]);
    assert_eq!(fields(collect("x", "gone")), ["nodes.main.next"]);
    assert_eq!(fields(hours("gone", "end")), ["nodes.main.open"]);
    let mut options = vec![option("a", "A", &[]), option("b", "B", &[])];
    options[1].next = "gone".to_owned();
    let field = fields(menu("oi", MenuStyle::Auto, options));
    assert_eq!(field, ["nodes.main.options[1].next"]);
}

#[test]
fn every_text_must_say_something_that_fits() {
    assert_eq!(fields(message(" ", "end")), ["nodes.main.text"]);
    assert_eq!(fields(message("{name}", "end")), ["nodes.main.text"]);
    assert_eq!(
        fields(message(&"x".repeat(4096), "end")),
        Vec::<String>::new()
    );
    assert_eq!(
        fields(message(&"x".repeat(4097), "end")),
        ["nodes.main.text"]
    );
    // A placeholder counts as long as its value may become.
    let text = |x: usize| format!("{}{{name}}", "x".repeat(x));
    assert_eq!(fields(message(&text(3996), "end")), Vec::<String>::new());
    assert_eq!(fields(message(&text(3997), "end")), ["nodes.main.text"]);
    let buttons = |text: &str| fields(menu(text, MenuStyle::Buttons, vec![option("a", "A", &[])]));
    assert_eq!(buttons(&"x".repeat(1024)), Vec::<String>::new());
    assert_eq!(buttons(&"x".repeat(1025)), ["nodes.main.text"]);
    let ends = |text: &str| Node::Close {
        text: Some(text.to_owned()),
    };
    assert_eq!(fields(ends("")), Vec::<String>::new(), "says nothing");
    assert_eq!(fields(ends(&"x".repeat(4097))), ["nodes.main.text"]);
}

#[test]
fn options_must_be_tellable_apart() {
    let auto = |options| fields(menu("oi", MenuStyle::Auto, options));
    assert_eq!(auto(vec![])[0], "nodes.main.options");
    let same_id = vec![option("a", "A", &[]), option("a", "B", &[])];
    assert!(auto(same_id).contains(&"nodes.main.options[1].id".to_owned()));
    let same_title = vec![option("a", "Sim", &[]), option("b", " SIM!", &[])];
    assert_eq!(auto(same_title), ["nodes.main.options[1].title"]);
    let same_word = vec![option("a", "A", &["x"]), option("b", "B", &["X"])];
    assert_eq!(auto(same_word), ["nodes.main.options[1].keywords[0]"]);
    let title_as_word = vec![option("a", "A", &["b"]), option("b", "B", &[])];
    assert_eq!(auto(title_as_word), ["nodes.main.options[0].keywords[0]"]);
    let number_as_word = vec![option("a", "A", &["2", "1"]), option("b", "B", &[])];
    assert_eq!(auto(number_as_word), ["nodes.main.options[0].keywords[0]"]);
    let global = vec![option("a", "A", &["Menu", "atendente", " "])];
    assert_eq!(auto(global).len(), 3);
    let own = vec![option("a", "Sim", &["sim", "s"])];
    assert_eq!(
        auto(own),
        Vec::<String>::new(),
        "repeating oneself is harmless"
    );
}

#[test]
fn a_menu_must_fit_the_shape_it_asks_for() {
    let many = |count: usize| {
        let number = |i: usize| option(&format!("id{i}"), &format!("Opção {i}"), &[]);
        (1..=count).map(number).collect::<Vec<_>>()
    };
    let fits = |style, count| fields(menu("oi", style, many(count))).is_empty();
    assert!(fits(MenuStyle::Buttons, 3) && !fits(MenuStyle::Buttons, 4));
    assert!(fits(MenuStyle::List, 10) && !fits(MenuStyle::List, 11));
    assert!(fits(MenuStyle::Auto, 20) && !fits(MenuStyle::Auto, 21));
    assert!(fits(MenuStyle::Numbers, 20) && !fits(MenuStyle::Numbers, 21));
    let long = vec![option("a", &"x".repeat(21), &[])];
    let field = fields(menu("oi", MenuStyle::Buttons, long));
    assert_eq!(field, ["nodes.main.options[0].title"]);
    let long = vec![option("a", "A", &[]), option("b", &"x".repeat(25), &[])];
    let field = fields(menu("oi", MenuStyle::List, long));
    assert_eq!(field, ["nodes.main.options[1].title"]);
}

#[test]
fn variables_are_few_and_plainly_named() {
    for name in [
        "",
        "Pedido",
        "o pedido",
        "name",
        "attendant",
        &"x".repeat(25),
    ] {
        assert_eq!(
            fields(collect(name, "end")),
            ["nodes.main.variable"],
            "{name}"
        );
    }
    let names: Vec<String> = (0..9).map(|i| format!("v{i}")).collect();
    let many = |count: usize| {
        let mut flow = flow(vec![("main", collect("v0", "end"))]);
        for name in names.iter().take(count) {
            flow.nodes.insert(name.clone(), collect(name, "end"));
        }
        flow.check().len()
    };
    assert_eq!((many(8), many(9)), (0, 1));
}

#[test]
fn a_circle_without_waiting_is_found_and_one_with_waiting_is_not() {
    let circle = vec![
        ("main", hours("a", "end")),
        ("a", message("a", "b")),
        ("b", hours("end", "a")),
    ];
    let fields: Vec<String> = faults(circle).into_iter().map(|(field, _)| field).collect();
    assert!(fields.contains(&"nodes.a".to_owned()) && fields.contains(&"nodes.b".to_owned()));
    let alone = faults(vec![("main", message("a", "main"))]);
    assert_eq!(alone.len(), 1);
    let waiting = vec![("main", message("a", "ask")), ("ask", collect("x", "main"))];
    assert_eq!(faults(waiting), vec![]);
}

#[test]
fn size_and_names_are_bounded() {
    let mut large = flow(vec![("main", message("oi", "end"))]);
    for i in 0..198 {
        large
            .nodes
            .insert(format!("n{i}"), Node::Close { text: None });
    }
    assert_eq!(large.check(), vec![]);
    large
        .nodes
        .insert("one more".to_owned(), Node::Close { text: None });
    assert_eq!(large.check().len(), 1);
    // The third and fourth are short enough, but not as they are stored.
    let names = ["", &"ã".repeat(33), &"\"".repeat(64), &"\u{1}".repeat(11)];
    for name in names {
        let mut named = flow(vec![("main", message("oi", "end"))]);
        named
            .nodes
            .insert(name.to_owned(), Node::Close { text: None });
        assert_eq!(named.check().len(), 1, "{name}");
    }
    for name in ["x".repeat(64), "ã".repeat(32), "\"".repeat(32)] {
        let mut named = flow(vec![("main", message("oi", "end"))]);
        named.nodes.insert(name, Node::Close { text: None });
        assert_eq!(named.check(), vec![]);
    }
}

/// One of the first nodes, or none.
fn next() -> impl Strategy<Value = NodeId> {
    (0..5_u8).prop_map(|i| format!("n{i}"))
}

fn some_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("Oi".to_owned()),
        Just("Oi, {name} {v1}".to_owned()),
        Just("{v2}".to_owned()),
        (1000..1100_usize).prop_map(|n| "x".repeat(n)),
        (3980..4100_usize).prop_map(|n| format!("{{v1}}{}", "x".repeat(n))),
    ]
}

fn some_option() -> impl Strategy<Value = MenuOption> {
    (
        0..30_u8,
        1..26_usize,
        next(),
        proptest::option::of("[a-z]{0,3}"),
    )
        .prop_map(|(id, length, next, keyword)| MenuOption {
            id: id.to_string(),
            title: format!("{id}{}", "x".repeat(length)),
            description: None,
            keywords: keyword.into_iter().collect(),
            next,
        })
}

fn some_node() -> impl Strategy<Value = Node> {
    let style = prop_oneof![
        Just(MenuStyle::Auto),
        Just(MenuStyle::Buttons),
        Just(MenuStyle::List),
        Just(MenuStyle::Numbers)
    ];
    prop_oneof![
        (some_text(), next()).prop_map(|(text, next)| Node::Message { text, next }),
        (
            some_text(),
            style,
            proptest::collection::vec(some_option(), 1..5)
        )
            .prop_map(|(text, style, options)| menu(&text, style, options)),
        (some_text(), next(), 1..3_u8).prop_map(|(text, next, v)| Node::Collect {
            text,
            variable: format!("v{v}"),
            validation: Validation::Any,
            next,
        }),
        (next(), next()).prop_map(|(open, closed)| hours(&open, &closed)),
        Just(Node::Handoff {
            text: None,
            department: None,
            priority: Priority::Low,
            skills: Vec::new(),
        }),
        some_text().prop_map(|text| Node::Close { text: Some(text) }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    /// What `check` lets through can be walked, whatever is answered; what it does not can be
    /// walked as well, to a fault at worst.
    #[test]
    fn a_flow_without_faults_never_fails_its_customers(
        nodes in proptest::collection::vec(some_node(), 5),
        inputs in proptest::collection::vec("[0-5a-z]{0,2}", 0..8),
        known in any::<bool>(),
        opens in any::<bool>(),
    ) {
        let flow = Flow {
            start: "n0".to_owned(),
            nodes: (0..).zip(nodes).map(|(i, node): (u8, _)| (format!("n{i}"), node)).collect(),
        };
        let sound = flow.check().is_empty();
        let mut values = Values::default();
        for name in flow.variables().chain(["name"]) {
            values.set(name, known.then_some("x".repeat(300)).as_deref());
        }
        let scene = Scene { flow: &flow, step_limit: 32, values: &values, is_open: &|_| opens };
        let mut passage = enter(&scene, &flow.start);
        for input in &inputs {
            assert!(!sound || passage.stop != Stop::Fault, "{flow:?}");
            let Stop::Wait(at) = passage.stop else { break };
            let input = Input { text: input, choice: None };
            passage = match answer(&flow, at, input) {
                Answer::Chosen { next } | Answer::Collected { next, .. } => enter(&scene, next),
                Answer::NotUnderstood | Answer::Invalid => prompt_again(&scene, at, "Hein?"),
                Answer::NotAwaited => panic!("{at} awaits no answer"),
            };
        }
        assert!(!sound || passage.stop != Stop::Fault, "{flow:?}");
    }
}
