//! HTTP: the table of routes, and what stands around them. Handlers are thin: who may, what is
//! asked, who does it, what is answered.

pub(crate) mod attendance;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod bot;
pub(crate) mod canned_replies;
pub(crate) mod channels;
pub(crate) mod conversations;
pub(crate) mod customer_attributes;
pub(crate) mod customers;
mod dashboard;
pub(crate) mod departments;
pub(crate) mod engine;
pub mod extract;
pub(crate) mod handoffs;
pub(crate) mod health;
pub(crate) mod labels;
pub(crate) mod me;
pub(crate) mod media;
pub(crate) mod metrics;
pub mod middleware;
pub(crate) mod notifications;
pub(crate) mod queue;
pub(crate) mod rules;
pub(crate) mod scheduled;
pub(crate) mod search;
pub(crate) mod templates;
pub(crate) mod tenants;
pub(crate) mod users;

pub(crate) use tenants::TRIAL_DAYS;

use crate::app::AppState;
use crate::http::extract::Bodies;
use crate::webhook;
use crate::ws::{self, Sockets};
use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error, web};
use garde::Validate;
use serde::{Deserialize, Deserializer};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::scope::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// The whole application, for one worker.
pub fn application(
    state: web::Data<AppState>,
    sockets: web::Data<Sockets>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let routes = routes(&state.bodies);
    let cors = cors(&state.config.security.cors_origins);
    App::new()
        .app_data(state)
        .app_data(sockets)
        .into_utoipa_app()
        .configure(routes)
        .into_app()
        // The last one is the outermost.
        .wrap(from_fn(middleware::render))
        .wrap(from_fn(middleware::small_stays_plain))
        .wrap(Compress::default())
        .wrap(from_fn(middleware::unmark))
        .wrap(cors)
        // For what CORS refuses. It cannot stand inside of the other one, which would render its
        // headers away.
        .wrap(from_fn(middleware::render))
        .wrap(from_fn(middleware::secure_headers))
        .wrap(from_fn(middleware::observe))
}

fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allow_any_header()
        .expose_headers(["X-Request-Id", "Retry-After", "Idempotent-Replayed"])
        .supports_credentials()
        .max_age(3600);
    origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// Every route.
pub fn routes(bodies: &Bodies) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let Bodies { webhooks, requests } = bodies.clone();
    move |root| {
        root.service(health::health)
            .service(health::live)
            .service(health::db)
            .service(health::metrics)
            .service(health::openapi)
            // A link is its own proof: no user, no limits of addresses.
            .service(media::linked_media)
            .route("/ws", web::get().to(ws::connect))
            // Signed by the provider: no user, no limits; before the scope that has both.
            .service(
                scope("/api/v1/webhooks")
                    .app_data(webhooks)
                    .service(webhook::verify)
                    .service(webhook::receive),
            )
            .service(
                scope("/api/v1")
                    .app_data(requests)
                    .wrap(from_fn(middleware::authenticate))
                    .configure(api)
                    .configure(assistance),
            )
            .default_service(web::to(dashboard::serve));
    }
}

fn api(api: &mut ServiceConfig) {
    people(api);
    attendance(api);
}

/// Who is there, in which tenant, with which rights.
fn people(api: &mut ServiceConfig) {
    api.service(auth::log_in)
        .service(auth::renew_tokens)
        .service(auth::log_out)
        .service(auth::verify_two_factor)
        .service(auth::set_up_two_factor)
        .service(auth::enable_two_factor)
        .service(auth::disable_two_factor)
        .service(auth::renew_recovery_codes)
        .service(auth::show_link)
        .service(auth::use_link)
        .service(auth::list_sessions)
        .service(auth::end_session)
        .service(auth::end_other_sessions)
        .service(auth::show_me)
        .service(auth::change_password)
        .service(auth::register_user)
        .service(audit::list_audit_events)
        .service(users::online_users)
        .service(users::user_names)
        .service(users::list_users)
        .service(users::create_user)
        .service(users::show_user)
        .service(users::update_user)
        .service(users::reset_two_factor)
        .service(me::show_profile)
        .service(me::update_profile)
        .service(me::replace_avatar)
        .service(me::remove_avatar)
        .service(me::show_avatar)
        .service(users::make_password_link)
        .service(attendance::set_availability)
        .service(attendance::show_attendance)
        .service(attendance::update_attendance)
        .service(tenants::list_tenants)
        .service(tenants::create_tenant)
        .service(tenants::show_tenant)
        .service(tenants::update_tenant)
        .service(tenants::show_usage)
        .service(tenants::show_policy)
        .service(tenants::replace_policy)
        .service(tenants::change_policy);
}

/// What they work with.
fn attendance(api: &mut ServiceConfig) {
    api.service(departments::list_departments)
        .service(departments::create_department)
        .service(departments::update_department)
        .service(channels::list_channels)
        .service(channels::create_channel)
        .service(channels::check_channel)
        // Before the one that takes an id there.
        .service(channels::channel_names)
        .service(channels::show_channel)
        .service(channels::update_channel)
        .service(channels::delete_channel)
        .service(channels::channel_health)
        .service(channels::send_test_message)
        .service(conversations::list_conversations)
        .service(conversations::start_conversation)
        .service(conversations::act_on_several)
        // Before the one that takes an id there.
        .service(conversations::conversation_stats)
        .service(conversations::show_conversation)
        .service(conversations::list_messages)
        .service(conversations::send_message)
        .service(conversations::take_over)
        .service(conversations::transfer_conversation)
        .service(conversations::return_to_bot)
        .service(conversations::close_conversation)
        .service(conversations::mark_read)
        .service(conversations::mark_unread)
        .service(conversations::archive_conversation)
        .service(conversations::unarchive_conversation)
        .service(conversations::set_priority)
        .service(conversations::snooze_conversation)
        .service(conversations::end_snooze)
        .service(conversations::set_labels)
        .service(labels::list_labels)
        .service(labels::create_label)
        .service(labels::update_label)
        .service(labels::delete_label)
        .service(conversations::add_note)
        .service(conversations::list_transfers)
        .service(media::upload_media)
        .service(media::show_media)
        .service(media::media_content)
        .service(media::create_link)
        .service(media::retry_media)
        .service(handoffs::request_handoff)
        .service(handoffs::pending_handoffs)
        .service(handoffs::list_offers)
        .service(handoffs::next_handoff)
        .service(handoffs::accept_offer)
        .service(handoffs::reject_offer)
        .service(handoffs::assign_handoff)
        .service(handoffs::complete_handoff)
        .service(handoffs::add_handoff_note)
        .service(queue::show_queue)
        .service(bot::list_flows)
        .service(bot::create_flow)
        .service(bot::active_flow)
        .service(bot::show_flow)
        .service(bot::replace_flow)
        .service(bot::publish_flow)
        .service(bot::delete_flow)
        .service(bot::rehearse_flow)
        .service(bot::try_flow)
        .service(bot::end_trials)
        .service(bot::list_trials)
        .service(bot::list_settings)
        .service(bot::replace_setting)
        .service(metrics::metrics_overview)
        .service(metrics::attendance_metrics)
        .service(metrics::export_metrics)
        .service(engine::show_actors)
        .service(engine::list_restarts)
        .service(engine::list_quarantine)
        .service(engine::resume_conversation)
        .service(engine::list_dead_letters)
        .service(engine::retry_dead_letter)
        .service(engine::discard_dead_letter)
        .service(engine::list_jobs)
        .service(engine::retry_job)
        .service(engine::discard_job);
}

/// What helps attendants in their work.
fn assistance(api: &mut ServiceConfig) {
    api.service(canned_replies::list_canned_replies)
        .service(canned_replies::create_canned_reply)
        .service(canned_replies::show_canned_reply)
        .service(canned_replies::update_canned_reply)
        .service(canned_replies::delete_canned_reply)
        .service(canned_replies::render_canned_reply)
        .service(customers::list_customers)
        .service(customers::undo_merge)
        .service(customers::show_customer)
        .service(customers::update_customer)
        .service(customers::merge_customers)
        .service(customers::customer_history)
        .service(customer_attributes::list_customer_attributes)
        .service(customer_attributes::create_customer_attribute)
        .service(customer_attributes::update_customer_attribute)
        .service(customer_attributes::delete_customer_attribute)
        .service(search::search_messages)
        .service(scheduled::schedule_message)
        .service(scheduled::list_scheduled_of_conversation)
        .service(scheduled::list_own_scheduled)
        .service(scheduled::edit_scheduled)
        .service(scheduled::cancel_scheduled)
        .service(templates::list_templates)
        .service(templates::sync_templates)
        .service(notifications::list_notifications)
        .service(notifications::read_notifications);
}

/// A body without anything in it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Tells a field that is `null` from one that is not there.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
