//! A tenant's rules as data: policy, departments, business hours.

mod business_hours;
mod csat;
mod hours_format;
mod policy;
#[cfg(test)]
mod tests;

pub use business_hours::{BusinessHours, Interval, ParseTimeError, TimeOfDay};
pub use csat::{CsatPolicy, SurveyTemplate};
pub use policy::{BotTexts, Department, HumanIdleAction, PolicyFault, TenantPolicy};
