//! The demo number and its customers. Names are invented, and the phone numbers are of a range
//! that is not given out.

use crate::Arguments;
use anyhow::{Context, Result};
use papo_emulator::{Controls, Customer, Number, Template};

const BUSINESS_PHONE: &str = "551140000000";
const CUSTOMERS: [(&str, &str); 3] = [
    ("5511900000001", "Marina Alvorada"),
    ("5521900000002", "Téo Brandão"),
    ("5531900000003", "Iolanda Serrano"),
];

pub(crate) fn seed(controls: &Controls, arguments: &Arguments) -> Result<()> {
    controls.add_number(Number {
        phone_number_id: arguments.phone_number_id.clone(),
        waba_id: arguments.waba_id.clone(),
        display_phone_number: BUSINESS_PHONE.to_owned(),
        name: "Loja Demonstração".to_owned(),
        access_token: arguments
            .access_token
            .clone()
            .context("--seed-demo needs --access-token or PAPO_EMULATOR_ACCESS_TOKEN")?,
        app_secret: arguments
            .app_secret
            .clone()
            .context("--seed-demo needs --app-secret or PAPO_EMULATOR_APP_SECRET")?,
        verify_token: arguments
            .verify_token
            .clone()
            .context("--seed-demo needs --verify-token or PAPO_EMULATOR_VERIFY_TOKEN")?,
        callback_url: arguments.callback.clone(),
        throughput_per_second: None,
    })?;
    for (wa_id, name) in CUSTOMERS {
        controls.add_customer(Customer::new(wa_id, name))?;
    }
    controls.add_template(Template::approved(
        &arguments.waba_id,
        "retomar_atendimento",
        "pt_BR",
        "Olá, {{1}}! Podemos continuar o seu atendimento?",
    ))?;
    Ok(())
}
