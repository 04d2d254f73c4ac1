//! `papo bench-seed`: tenants, attendants and assigned conversations for load tests, with ids
//! that depend on their numbers only. Prints them as JSON. Run it while no server runs: it writes
//! what is otherwise the engine's alone.

use super::accounts::new_user;
use super::{database, engine_database};
use crate::auth::{Passwords, Tokens};
use crate::boot;
use crate::cli::BenchSeed;
use crate::config::{Config, Environment};
use crate::http::TRIAL_DAYS;
use crate::http::channels::{Credentials, register, usual_throughput};
use anyhow::{Context as _, ensure};
use papo_domain::conversation::{Event, Owner, Sender, State, encode, evolve};
use papo_domain::ports::{Alias, AliasKind, Clock};
use papo_domain::{
    ChannelId, ConversationId, CustomerId, MessageId, Role, TenantId, Timestamp, UserId, content,
};
use papo_storage::app::{BenchAttendant, BenchConversation, NewTenant};
use papo_storage::{Database, PgClock};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use uuid::Uuid;

/// Days that the logins stay open.
const DAYS: i32 = 30;
const TOKEN_TTL: Duration = Duration::from_secs(30 * 24 * 3600);
/// Conversations of one statement.
const BATCH: usize = 2_000;
const TEXT: &str = "Olá";

/// What the number in an id stands for; the same as in the yardstick's adapters.
#[derive(Clone, Copy)]
enum Kind {
    Tenant,
    Channel,
    Conversation,
    Attendant,
    Session,
    Customer,
}

impl Kind {
    fn id(self, number: u32) -> Uuid {
        let kind: u16 = match self {
            Self::Tenant => 0x7000,
            Self::Channel => 0xa000,
            Self::Conversation => 0x8000,
            Self::Attendant => 0x9000,
            Self::Session => 0xb000,
            Self::Customer => 0xc000,
        };
        let variant: u16 = 0x4000;
        Uuid::from_fields(0, 0, variant, &{
            let [a, b] = kind.to_be_bytes();
            let [c, d, e, f] = number.to_be_bytes();
            [a, b, 0, 0, c, d, e, f]
        })
    }
}

#[derive(Serialize)]
struct Seeded {
    tenants: Vec<SeededTenant>,
    attendants: Vec<SeededAttendant>,
    conversations: Vec<SeededConversation>,
}

#[derive(Serialize)]
struct SeededTenant {
    id: TenantId,
    slug: String,
    channel_id: ChannelId,
    phone_number_id: String,
    waba_id: String,
    app_secret: String,
}

#[derive(Serialize)]
struct SeededAttendant {
    id: UserId,
    tenant_id: TenantId,
    email: String,
    access_token: String,
}

#[derive(Serialize)]
struct SeededConversation {
    id: ConversationId,
    tenant_id: TenantId,
    attendant_id: UserId,
    phone: String,
}

pub(super) async fn run(config: &Config, options: BenchSeed) -> anyhow::Result<ExitCode> {
    ensure!(
        config.environment != Environment::Production,
        "accounts for load tests do not belong into production"
    );
    ensure!(
        options.attendants >= options.tenants && options.attendants.is_multiple_of(options.tenants),
        "attendants must be a multiple of tenants, so that conversation c, attendant c % A and \
         tenant c % T belong together"
    );
    let io = Handle::current();
    let people = database(config)?;
    let limits = boot::session_limits(config);
    let engine = engine_database(config)?;
    let clock = PgClock::start(&config.database.engine_url, limits, io).await?;
    let now = clock.now();
    let clock: Arc<dyn Clock> = clock;
    let tokens = Tokens::new(&config.auth.access_secret, TOKEN_TTL, clock);
    // Nobody knows the password: these accounts are used by their tokens.
    let password = SecretString::from(Uuid::new_v4().to_string());
    let hash = Passwords::new(config.auth.bcrypt_cost)
        .hash(password)
        .await?;

    let mut tenants = Vec::new();
    let mut attendants = Vec::new();
    for t in 0..options.tenants {
        let own = (t..options.attendants).step_by(step(options.tenants));
        let own: Vec<BenchAttendant> = own.map(attendant).collect();
        tenants.push(tenant(config, &people, t, &options.app_secret).await?);
        let id = TenantId(Kind::Tenant.id(t));
        people
            .bench_attendants(id, &own, hash.expose_secret(), DAYS)
            .await
            .context("attendants")?;
        for attendant in own {
            let token = tokens.issue(attendant.id, id, attendant.role, attendant.session)?;
            attendants.push(SeededAttendant {
                id: attendant.id,
                tenant_id: id,
                email: attendant.email,
                access_token: token.expose_secret().to_owned(),
            });
        }
        let own = (t..options.conversations).step_by(step(options.tenants));
        let own: Vec<BenchConversation> = own
            .map(|c| conversation(c, c % options.attendants, now))
            .collect::<anyhow::Result<_>>()?;
        for batch in own.chunks(BATCH) {
            engine
                .bench_conversations(id, Kind::Channel.id(t), batch, now)
                .await
                .context("conversations")?;
        }
    }
    // In the order of their numbers, which load tools count by.
    attendants.sort_by_key(|attendant| attendant.id);
    let conversations = (0..options.conversations).map(|c| SeededConversation {
        id: ConversationId(Kind::Conversation.id(c)),
        tenant_id: TenantId(Kind::Tenant.id(c % options.tenants)),
        attendant_id: UserId(Kind::Attendant.id(c % options.attendants)),
        phone: phone(c),
    });
    let seeded = Seeded {
        tenants,
        attendants,
        conversations: conversations.collect(),
    };
    println!("{}", serde_json::to_string(&seeded)?);
    Ok(ExitCode::SUCCESS)
}

fn step(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn phone(c: u32) -> String {
    format!("55119{c:08}")
}

async fn tenant(
    config: &Config,
    database: &Database,
    t: u32,
    app_secret: &SecretString,
) -> anyhow::Result<SeededTenant> {
    let (id, channel) = (TenantId(Kind::Tenant.id(t)), ChannelId(Kind::Channel.id(t)));
    let seeded = SeededTenant {
        id,
        slug: format!("bench-{t}"),
        channel_id: channel,
        phone_number_id: format!("20000{t}"),
        waba_id: format!("10000{t}"),
        app_secret: app_secret.expose_secret().to_owned(),
    };
    if database.find_tenant(&seeded.slug).await?.is_none() {
        let password = SecretString::from(Uuid::new_v4().to_string());
        let email = format!("bench-admin-{t}@example.com");
        let admin = new_user(config, &email, "Bench", Role::TenantAdmin, password).await?;
        database
            .create_tenant(&NewTenant {
                id,
                slug: seeded.slug.clone(),
                name: format!("Bench {t}"),
                email: None,
                trial_days: TRIAL_DAYS,
                admin,
                invitation: None,
            })
            .await?;
    }
    let row = register(
        &boot::vault(config)?,
        id,
        channel,
        "Bench",
        (&seeded.phone_number_id, &seeded.waba_id),
        &Credentials {
            access_token: &SecretString::from("bench-access-token"),
            app_secret,
            verify_token: &SecretString::from(format!("bench-verify-token-{t}")),
        },
        usual_throughput(config),
    )?;
    if database.list_channels(id).await?.is_empty() {
        database.create_channel(&row).await.context("channel")?;
    } else {
        let change = papo_storage::app::ChannelChange {
            app_secret_enc: Some(row.app_secret_enc),
            ..Default::default()
        };
        database.update_channel(id, channel, &change).await?;
    }
    Ok(seeded)
}

fn attendant(a: u32) -> BenchAttendant {
    BenchAttendant {
        id: UserId(Kind::Attendant.id(a)),
        email: format!("bench-{a}@example.com"),
        name: format!("Atendente {a}"),
        role: Role::Attendant,
        session: Kind::Session.id(a),
    }
}

/// A conversation in which the customer has written once and an attendant has taken over.
fn conversation(c: u32, attendant: u32, now: Timestamp) -> anyhow::Result<BenchConversation> {
    let id = ConversationId(Kind::Conversation.id(c));
    let attendant = UserId(Kind::Attendant.id(attendant));
    let mut state = State::new(id);
    for event in [
        Event::SessionOpened { at: now },
        Event::MessageAdded {
            seq: 1,
            sender: Sender::Customer,
            kind: content::MessageKind::Text,
            at: now,
            utterance: true,
            late: false,
            scheduled: false,
        },
        Event::TakenOver {
            owner: Owner::User(attendant),
            from: None,
            at: now,
            handoff: None,
        },
    ] {
        evolve(&mut state, &event);
    }
    let phone = phone(c);
    let alias = Alias {
        kind: AliasKind::WaId,
        value: phone.clone(),
    };
    Ok(BenchConversation {
        id,
        customer: CustomerId(Kind::Customer.id(c)),
        name: format!("Cliente {c}"),
        key: alias.key(),
        phone,
        attendant,
        message: MessageId::of(id, 1),
        text: TEXT.to_owned(),
        payload: encode(&state)?,
        epoch: i64::try_from(state.epoch).context("epoch")?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Kind, conversation, phone};
    use papo_domain::conversation::{Listing, decode};
    use papo_domain::{Timestamp, UserId};

    #[test]
    fn ids_depend_on_the_number_only() {
        let id = Kind::Conversation.id(0x2a).to_string();
        assert_eq!(id, "00000000-0000-4000-8000-00000000002a");
        let id = Kind::Attendant.id(3).to_string();
        assert_eq!(id, "00000000-0000-4000-9000-000000000003");
        assert_eq!(phone(7), "5511900000007");
    }

    #[test]
    fn the_snapshot_says_what_the_rows_say() {
        let now = Timestamp::from_timestamp(1_700_000_000, 0).expect("time");
        let seeded = conversation(5, 2, now).expect("made");
        let state = decode(&seeded.payload).expect("snapshot");
        let listing = Listing::of(&state);
        assert_eq!((listing.mode, listing.last_seq), ("human", 1));
        assert_eq!(listing.attendant, Some(UserId(Kind::Attendant.id(2))));
        assert_eq!(listing.unread, 1);
        assert_eq!(listing.last_inbound_at, Some(now));
        assert_eq!(seeded.epoch, i64::try_from(state.epoch).expect("small"));
    }
}
