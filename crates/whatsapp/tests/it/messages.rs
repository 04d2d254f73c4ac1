//! Every type of docs/META.md, "Messages".

use crate::fixture::{content, inbound, item, message, raw_message};
use papo_domain::Content;
use papo_domain::content::Media;
use papo_domain::conversation::Quote;
use papo_domain::ports::{Alias, AliasKind};
use serde_json::{Value, json};

const SHA256: &str = "q5nD0Zc0mQ1nZ1y1lq1u3m2V0b9h0fXw2m1E0Yk0b7A=";

fn media(id: &str, mime_type: &str, caption: Option<&str>) -> Media {
    Media {
        id: id.to_owned(),
        mime_type: Some(mime_type.to_owned()),
        sha256: Some(SHA256.to_owned()),
        caption: caption.map(str::to_owned),
    }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn quote(external_id: &str) -> Option<Quote> {
    Some(Quote {
        external_id: external_id.to_owned(),
    })
}

#[test]
fn a_text_is_whole() {
    let item = item("message_text");
    assert_eq!(item.account, "900800700600500");
    assert_eq!(item.number.as_deref(), Some("100200300400500"));
    assert_eq!(item.route(), "100200300400500");
    assert_eq!(item.external_id, "wamid.HBgNtext");

    let (peer, name, inbound) = message("message_text");
    assert!(!peer.group);
    let phone = Alias {
        kind: AliasKind::WaId,
        value: "5511900000001".to_owned(),
    };
    assert_eq!(peer.aliases, [phone]);
    assert_eq!(name.as_deref(), Some("Cliente Exemplo"));
    assert_eq!(inbound.external_id, "wamid.HBgNtext");
    assert_eq!(inbound.sent_at.timestamp(), 1_767_225_600);
    let body = "Olá, vocês abrem hoje?".to_owned();
    assert_eq!(inbound.content, Content::Text { body });
    assert_eq!(inbound.quote, None);
    assert_eq!(inbound.context, None);
}

#[test]
fn a_timestamp_may_be_an_integer() {
    let text = inbound("message_text");
    assert_eq!(
        inbound("message_text_integer_timestamp").sent_at,
        text.sent_at
    );
}

#[test]
fn media_keep_what_fetching_them_needs() {
    let image = media("3001", "image/jpeg", Some("O comprovante"));
    assert_eq!(content("message_image"), Content::Image { media: image });
    let video = media("3002", "video/mp4", Some("Olha o defeito"));
    assert_eq!(content("message_video"), Content::Video { media: video });
    let audio = Content::Audio {
        media: media("3003", "audio/ogg; codecs=opus", None),
        voice: true,
    };
    assert_eq!(content("message_audio"), audio);
    let document = Content::Document {
        media: media("3004", "application/pdf", Some("Assinado")),
        filename: some("contrato.pdf"),
    };
    assert_eq!(content("message_document"), document);
    let sticker = Content::Sticker {
        media: media("3005", "image/webp", None),
        animated: true,
    };
    assert_eq!(content("message_sticker"), sticker);
    let context = json!({"image": {"url": "https://example.com/media/3001"}});
    assert_eq!(inbound("message_image").context, Some(context));
}

#[test]
fn places_and_cards() {
    let place = Content::Location {
        latitude: -23.5613,
        longitude: -46.6565,
        name: some("Loja"),
        address: some("Av. Exemplo, 100"),
    };
    assert_eq!(content("message_location"), place);
    let cards = raw_message("message_contacts")["contacts"].take();
    let cards = cards.as_array().unwrap().clone();
    assert_eq!(content("message_contacts"), Content::Contacts { cards });
}

#[test]
fn taps_and_choices_answer_the_message_they_belong_to() {
    let button = inbound("message_button_reply");
    let expected = Content::ButtonReply {
        id: "menu.sales".to_owned(),
        title: "Vendas".to_owned(),
    };
    assert_eq!(button.content, expected);
    assert_eq!(button.quote, quote("wamid.HBgNmenu"));
    assert_eq!(button.context, None);

    let expected = Content::ListReply {
        id: "row-2".to_owned(),
        title: "Segunda via".to_owned(),
        description: some("Boleto"),
    };
    assert_eq!(content("message_list_reply"), expected);

    let template = inbound("message_button");
    let expected = Content::TemplateButton {
        payload: some("CONFIRM"),
        text: "Confirmar".to_owned(),
    };
    assert_eq!(template.content, expected);
    assert_eq!(template.quote, quote("wamid.HBgNtemplate"));
    let template = inbound("message_button_without_context");
    let expected = Content::TemplateButton {
        payload: None,
        text: "Parar".to_owned(),
    };
    assert_eq!(template.content, expected);
    assert_eq!(template.quote, None);
}

#[test]
fn a_form_is_read_where_it_can_be_and_kept_as_a_string_where_not() {
    let form = Content::FormReply {
        name: some("flow"),
        body: some("Sent"),
        response: json!({"flow_token": "t-1", "plano": "anual", "aceite": true}),
    };
    assert_eq!(content("message_form_reply"), form);
    let broken = Content::FormReply {
        name: some("address_message"),
        body: some("Rua Exemplo, 1"),
        response: Value::from(r#"{"values":{"cep":"#),
    };
    assert_eq!(content("message_form_reply_broken"), broken);
}

#[test]
fn a_reaction_without_emoji_takes_it_back() {
    let reaction = |emoji| Content::Reaction {
        message: "wamid.HBgNours".to_owned(),
        emoji,
    };
    assert_eq!(content("message_reaction"), reaction(some("👍")));
    assert_eq!(content("message_reaction_removed"), reaction(None));
    assert_eq!(content("message_reaction_removed_empty"), reaction(None));
}

#[test]
fn an_order_is_kept_as_sent() {
    let order = raw_message("message_order")["order"].take();
    let text = some("Sem cebola");
    assert_eq!(content("message_order"), Content::Order { text, order });
}

#[test]
fn system_news_keep_their_event_and_detail() {
    for (name, event) in [
        ("message_system_number", "user_changed_number"),
        ("message_system_number_old_version", "user_changed_number"),
        ("message_system_identity", "customer_identity_changed"),
        ("message_system_user_id", "user_changed_user_id"),
    ] {
        let detail = raw_message(name)["system"].take();
        let expected = Content::System {
            body: detail["body"].as_str().unwrap().to_owned(),
            event: some(event),
            detail,
        };
        assert_eq!(content(name), expected);
    }
}

#[test]
fn a_first_opening_has_no_content() {
    let welcome = inbound("message_request_welcome");
    assert_eq!(welcome.content, Content::RequestWelcome);
    assert_eq!(welcome.context, None);
}

#[test]
fn unsupported_says_why() {
    let poll = inbound("message_unsupported");
    let expected = Content::Unsupported {
        code: Some(131_051),
        detail: some("Message type is currently not supported."),
    };
    assert_eq!(poll.content, expected);
    let context = poll.context.unwrap();
    assert_eq!(context["unsupported"], json!({"type": "poll"}));
    assert_eq!(context["errors"][0]["code"], 131_051);
    let bare = Content::Unsupported {
        code: Some(131_051),
        detail: some("Unsupported message type"),
    };
    assert_eq!(content("message_unsupported_bare"), bare);
}

#[test]
fn edits_and_deletions_name_their_message() {
    let edit = |name: &str, body| Content::Edit {
        message: "wamid.HBgNoriginal".to_owned(),
        body: some(body),
        detail: raw_message(name)["edit"]["message"].take(),
    };
    let text = edit("message_edit", "Olá, vocês abrem amanhã?");
    assert_eq!(content("message_edit"), text);
    let caption = edit("message_edit_caption", "O comprovante certo");
    assert_eq!(content("message_edit_caption"), caption);
    let message = "wamid.HBgNoriginal".to_owned();
    assert_eq!(content("message_revoke"), Content::Revoke { message });
}

#[test]
fn what_cannot_be_understood_is_kept_whole() {
    for (fixture, name) in [
        ("message_unknown_type", "hologram"),
        ("message_damaged_text", "text"),
    ] {
        let expected = Content::Unknown {
            name: name.to_owned(),
            detail: raw_message(fixture),
        };
        let inbound = inbound(fixture);
        assert_eq!(inbound.content, expected);
        assert_eq!(inbound.context, None);
    }
}

#[test]
fn a_plain_quote_needs_no_context_and_anything_more_is_kept() {
    let reply = inbound("message_text_reply");
    assert_eq!(reply.quote, quote("wamid.HBgNquoted"));
    assert_eq!(reply.context, None);

    let forwarded = inbound("message_text_forwarded");
    assert_eq!(forwarded.quote, None);
    assert_eq!(
        forwarded.context,
        Some(json!({"context": {"forwarded": true}}))
    );
    let context = inbound("message_text_frequently_forwarded").context;
    assert_eq!(
        context,
        Some(json!({"context": {"frequently_forwarded": true}}))
    );

    let enquiry = inbound("message_text_product_enquiry");
    assert_eq!(enquiry.quote, quote("wamid.HBgNproduct"));
    let context = raw_message("message_text_product_enquiry")["context"].take();
    assert_eq!(enquiry.context, Some(json!({ "context": context })));

    let referral = raw_message("message_text_referral")["referral"].take();
    let context = inbound("message_text_referral").context;
    assert_eq!(context, Some(json!({ "referral": referral })));
}

#[test]
fn members_that_nobody_knows_yet_are_kept() {
    let context = inbound("message_new_field").context.unwrap();
    let expected = json!({
        "text": {"direction": "rtl"},
        "mood": {"guess": "happy"},
        "identity": {"acknowledged": true, "created_timestamp": "1767225000", "hash": "h1"},
    });
    assert_eq!(context, expected);
}
