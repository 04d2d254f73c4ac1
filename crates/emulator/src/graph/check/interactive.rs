//! Messages to tap on. Buttons and lists are checked to the last character; of the other kinds
//! only what docs/META.md, "Sending" fixes.

use super::{Fields, array, link, object, object_of, optional_text, text};
use crate::graph::check::simple;
use crate::graph::error::GraphError;
use std::collections::HashSet;

const BUTTON_BODY_MAX: usize = 1_024;
const LIST_BODY_MAX: usize = 4_096;
const SMALL_PRINT_MAX: usize = 60;
const TITLE_MAX: usize = 20;
const BUTTON_ID_MAX: usize = 256;
const ROW_ID_MAX: usize = 200;
const ROW_TITLE_MAX: usize = 24;
const ROW_DESCRIPTION_MAX: usize = 72;
const ROWS_MAX: usize = 10;
const PRODUCTS_MAX: usize = 30;

pub(super) fn check(fields: &Fields) -> Result<(), GraphError> {
    let kind = text(fields, "interactive", "type", 60)?;
    header(fields, kind)?;
    if let Some(footer) = fields.get("footer") {
        let footer = object_of(footer, "interactive.footer")?;
        text(footer, "interactive.footer", "text", SMALL_PRINT_MAX)?;
    }
    // Product messages may do without words of their own.
    let body_max = if kind == "list" {
        LIST_BODY_MAX
    } else {
        BUTTON_BODY_MAX
    };
    if fields.contains_key("body") || kind != "product" {
        let body = object(fields, "interactive", "body")?;
        text(body, "interactive.body", "text", body_max)?;
    }
    let action = object(fields, "interactive", "action")?;
    match kind {
        "button" => buttons(action),
        "list" => list(action),
        "cta_url" => {
            let parameters = object(action, "interactive.action", "parameters")?;
            let path = "interactive.action.parameters";
            text(parameters, path, "display_text", TITLE_MAX)?;
            link(parameters, path, "url")
        }
        "product" => text(action, "interactive.action", "catalog_id", 200)
            .and_then(|_| text(action, "interactive.action", "product_retailer_id", 200))
            .map(drop),
        "product_list" => products(fields, action),
        "flow" => object(action, "interactive.action", "parameters").map(drop),
        "location_request_message"
        | "catalog_message"
        | "address_message"
        | "voice_call"
        | "carousel"
        | "request_contact_info" => Ok(()),
        _ => Err(GraphError::value(format!(
            "interactive.type {kind} does not exist"
        ))),
    }
}

fn header(fields: &Fields, kind: &str) -> Result<(), GraphError> {
    let Some(header) = fields.get("header") else {
        return Ok(());
    };
    let path = "interactive.header";
    let header = object_of(header, path)?;
    match text(header, path, "type", 20)? {
        "text" => text(header, path, "text", SMALL_PRINT_MAX).map(drop),
        media @ ("image" | "video" | "document") if kind != "list" && kind != "product_list" => {
            simple::media(media, object(header, path, media)?)
        }
        other => Err(GraphError::value(format!(
            "{path}.type {other} is not allowed in a {kind} message"
        ))),
    }
}

fn buttons(action: &Fields) -> Result<(), GraphError> {
    let path = "interactive.action.buttons[].reply";
    let (mut titles, mut ids) = (HashSet::new(), HashSet::new());
    for button in array(action, "interactive.action", "buttons", 1, 3)? {
        let button = object_of(button, "interactive.action.buttons[]")?;
        if button.get("type").and_then(|kind| kind.as_str()) != Some("reply") {
            return Err(GraphError::value(
                "interactive.action.buttons[].type must be reply",
            ));
        }
        let reply = object(button, "interactive.action.buttons[]", "reply")?;
        if !ids.insert(text(reply, path, "id", BUTTON_ID_MAX)?) {
            return Err(GraphError::value(format!("{path}.id must be unique")));
        }
        if !titles.insert(text(reply, path, "title", TITLE_MAX)?) {
            return Err(GraphError::value(format!("{path}.title must be unique")));
        }
    }
    Ok(())
}

fn list(action: &Fields) -> Result<(), GraphError> {
    text(action, "interactive.action", "button", TITLE_MAX)?;
    let path = "interactive.action.sections[]";
    let sections = array(action, "interactive.action", "sections", 1, 10)?;
    let (mut ids, mut rows) = (HashSet::new(), 0);
    for section in sections {
        let section = object_of(section, path)?;
        let title = optional_text(section, path, "title", ROW_TITLE_MAX)?;
        if sections.len() > 1 && title.is_none() {
            return Err(GraphError::missing(
                "interactive.action.sections[].title (with several sections)",
            ));
        }
        let row_path = "interactive.action.sections[].rows[]";
        for row in array(section, path, "rows", 1, usize::MAX)? {
            let row = object_of(row, row_path)?;
            if !ids.insert(text(row, row_path, "id", ROW_ID_MAX)?) {
                return Err(GraphError::value(format!("{row_path}.id must be unique")));
            }
            text(row, row_path, "title", ROW_TITLE_MAX)?;
            optional_text(row, row_path, "description", ROW_DESCRIPTION_MAX)?;
            rows += 1;
        }
    }
    if rows > ROWS_MAX {
        return Err(GraphError::value(format!(
            "interactive.action.sections have {rows} rows together, at most {ROWS_MAX} are allowed"
        )));
    }
    Ok(())
}

fn products(fields: &Fields, action: &Fields) -> Result<(), GraphError> {
    object(fields, "interactive", "header")?;
    text(action, "interactive.action", "catalog_id", 200)?;
    let path = "interactive.action.sections[]";
    let mut products = 0;
    for section in array(action, "interactive.action", "sections", 1, 10)? {
        let section = object_of(section, path)?;
        products += array(section, path, "product_items", 1, PRODUCTS_MAX)?.len();
    }
    if products > PRODUCTS_MAX {
        return Err(GraphError::value(format!(
            "interactive.action.sections have {products} products, at most {PRODUCTS_MAX} are allowed"
        )));
    }
    Ok(())
}
