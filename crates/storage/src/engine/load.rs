//! What actors start from: a tenant's rules, a conversation's snapshot with its newest messages.

use crate::engine::columns::{bigint, from_json, from_sender, from_word, unsigned};
use crate::engine::desk;
use crate::engine::fault::Fault;
use crate::engine::heads::Heads;
use crate::engine::link::Link;
use crate::engine::readers::Readers;
use crate::engine::reads::unreadable;
use crate::engine::statement::{Params, Row};
use papo_domain::bot::{Trial, default_flow};
use papo_domain::conversation::{Body, Mode, RecentMessage, State, decode};
use papo_domain::ids::{ChannelId, ConversationId, CustomerId, DepartmentId, Shard, TenantId};
use papo_domain::ports::{
    Activation, ChannelHealth, ChannelRecord, HealthLevel, StoreError, TenantRecord,
};
use papo_domain::routing::Routing;
use papo_domain::tenant::Department;
use std::collections::BTreeSet;

/// Messages that an actor always knows.
const RECENT: u64 = 20;
/// Most messages of one activation, however long a burst is.
const MOST_RECENT: u64 = 200;

const TENANT: &str = "
SELECT t.slug, t.shard, is_served(t.status, t.trial_ends_at), t.policy::text,
       (SELECT f.definition::text FROM bot_flows f WHERE f.tenant_id = t.tenant_id AND f.is_active)
FROM tenants t WHERE t.tenant_id = $1";

/// One that is over still says from when on its customer has the usual flow again.
const TRIALS: &str = "
SELECT b.customer_id, f.definition::text, b.since, b.until
FROM bot_trials b JOIN bot_flows f ON f.tenant_id = b.tenant_id AND f.id = b.flow_id
WHERE b.tenant_id = $1 AND b.until > now() - interval '1 day'";

const DEPARTMENTS: &str = "
SELECT d.id, d.name, d.business_hours::text, d.strategy, d.offer_seconds, d.skills
FROM departments d WHERE d.tenant_id = $1 ORDER BY d.position, d.name";

/// The last column tells whether anything changed that is needed to send. The health is not among
/// it, so the time of the row's last change will not do.
const CHANNELS: &str = "
SELECT c.id, c.throughput_per_second, c.health, c.health_code, c.health_detail,
       hashtextextended(ROW(c.driver, c.phone_number_id, c.access_token_enc,
                            c.throughput_per_second)::text, 0)
FROM channels c WHERE c.tenant_id = $1 AND c.is_active ORDER BY c.id";

const CONVERSATION: &str = "
SELECT s.version, s.payload, c.channel_id, k.name, c.customer_id
FROM conversation_state s
JOIN conversations c ON c.tenant_id = s.tenant_id AND c.id = s.conversation_id
JOIN customers k ON k.tenant_id = c.tenant_id AND k.id = c.customer_id
WHERE s.tenant_id = $1 AND s.conversation_id = $2";

const MESSAGES_FROM: &str = "
SELECT m.seq, m.sender, m.sender_user_id, m.kind, m.body::text
FROM messages m
WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.seq >= $3
ORDER BY m.seq";

const MESSAGES_AT: &str = "
SELECT m.seq, m.sender, m.sender_user_id, m.kind, m.body::text
FROM unnest($3::bigint[]) AS u(seq)
JOIN messages m ON m.tenant_id = $1 AND m.conversation_id = $2 AND m.seq = u.seq
ORDER BY m.seq";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[
    TENANT,
    TRIALS,
    DEPARTMENTS,
    CHANNELS,
    CONVERSATION,
    MESSAGES_FROM,
    MESSAGES_AT,
];

pub(crate) async fn tenant(
    readers: &Readers,
    heads: &Heads,
    tenant: TenantId,
) -> Result<TenantRecord, StoreError> {
    let link = readers.link().await?;
    let params: Params<'_> = &[&tenant.0];
    let (own, trials, departments, people, channels, head) = tokio::try_join!(
        biased;
        link.query(TENANT, params),
        link.query(TRIALS, params),
        link.query(DEPARTMENTS, params),
        desk::people(&link, tenant),
        link.query(CHANNELS, params),
        heads.of(&link, tenant),
    )?;
    let row = own.first().ok_or(StoreError::NotFound)?;
    Ok(TenantRecord {
        trials: trials.iter().map(trial).collect::<Result<_, _>>()?,
        departments: departments
            .iter()
            .map(department)
            .collect::<Result<_, _>>()?,
        people,
        channels: channels.iter().map(number).collect::<Result<_, _>>()?,
        head,
        ..record(tenant, row)?
    })
}

fn record(tenant: TenantId, row: &Row) -> Result<TenantRecord, Fault> {
    let (shard, served): (i16, bool) = (row.try_get(1)?, row.try_get(2)?);
    let (policy, flow): (String, Option<String>) = (row.try_get(3)?, row.try_get(4)?);
    Ok(TenantRecord {
        tenant,
        shard: Shard(
            u8::try_from(shard).map_err(|_range| Fault::Corrupt("tenants.shard".to_owned()))?,
        ),
        slug: row.try_get(0)?,
        served,
        policy: from_json("tenants.policy", &policy)?,
        flow: match flow {
            Some(flow) => from_json("bot_flows.definition", &flow)?,
            None => default_flow(),
        },
        trials: Vec::new(),
        departments: Vec::new(),
        people: Vec::new(),
        channels: Vec::new(),
        head: 0,
    })
}

fn number(row: &Row) -> Result<ChannelRecord, Fault> {
    let (throughput, level): (i32, String) = (row.try_get(1)?, row.try_get(2)?);
    let corrupt = |place: &str| Fault::Corrupt(place.to_owned());
    Ok(ChannelRecord {
        id: ChannelId(row.try_get(0)?),
        throughput: u32::try_from(throughput)
            .map_err(|_range| corrupt("channels.throughput_per_second"))?,
        revision: row.try_get(5)?,
        health: ChannelHealth {
            level: HealthLevel::from_name(&level).ok_or_else(|| corrupt("channels.health"))?,
            code: row.try_get(3)?,
            detail: row.try_get(4)?,
        },
    })
}

fn trial(row: &Row) -> Result<Trial, Fault> {
    Ok(Trial {
        customer: CustomerId(row.try_get(0)?),
        flow: from_json("bot_flows.definition", &row.try_get::<String>(1)?)?,
        since: row.try_get(2)?,
        until: row.try_get(3)?,
    })
}

fn department(row: &Row) -> Result<Department, Fault> {
    let hours: Option<String> = row.try_get(2)?;
    Ok(Department {
        id: DepartmentId(row.try_get(0)?),
        name: row.try_get(1)?,
        business_hours: hours
            .map(|hours| from_json("departments.business_hours", &hours))
            .transpose()?,
        routing: Routing {
            strategy: from_word("departments.strategy", &row.try_get::<String>(3)?)?,
            offer_seconds: u32::try_from(row.try_get::<i32>(4)?).unwrap_or_default(),
            skills: row.try_get(5)?,
        },
    })
}

pub(crate) async fn conversation(
    readers: &Readers,
    tenant: TenantId,
    conversation: ConversationId,
) -> Result<Activation, StoreError> {
    let link = readers.link().await?;
    let rows = link
        .query(CONVERSATION, &[&tenant.0, &conversation.0])
        .await?;
    let row = rows.first().ok_or(StoreError::NotFound)?;
    let columns = || -> Result<_, Fault> {
        let (version, payload): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        Ok((
            version,
            payload,
            ChannelId(row.try_get(2)?),
            row.try_get(3)?,
            CustomerId(row.try_get(4)?),
        ))
    };
    let (version, payload, channel, name, customer) = columns()?;
    let state = decode(&payload).map_err(|error| unreadable(&error))?;
    let from = oldest_needed(&state);
    let recent = messages(
        &link
            .query(MESSAGES_FROM, &[&tenant.0, &conversation.0, &bigint(from)])
            .await?,
    )?;
    let answers = answers(&link, tenant, conversation, &state, from).await?;
    Ok(Activation {
        version: unsigned(version),
        state,
        channel,
        customer,
        name,
        recent,
        answers,
    })
}

/// The newest messages, and further back to the beginning of a burst that waits for its answer.
fn oldest_needed(state: &State) -> u64 {
    let newest = state.seq.saturating_sub(RECENT - 1);
    let burst = state.turn.map_or(newest, |turn| turn.from_seq);
    newest
        .min(burst)
        .max(state.seq.saturating_sub(MOST_RECENT - 1))
}

/// Messages that hold collected inputs and are older than the recent ones.
async fn answers(
    link: &Link,
    tenant: TenantId,
    conversation: ConversationId,
    state: &State,
    from: u64,
) -> Result<Vec<RecentMessage>, Fault> {
    let Mode::Bot(bot) = &state.mode else {
        return Ok(Vec::new());
    };
    let seqs: BTreeSet<i64> = bot
        .answers
        .values()
        .filter(|seq| **seq < from)
        .map(|seq| bigint(*seq))
        .collect();
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let seqs: Vec<i64> = seqs.into_iter().collect();
    messages(
        &link
            .query(MESSAGES_AT, &[&tenant.0, &conversation.0, &seqs])
            .await?,
    )
}

fn messages(rows: &[Row]) -> Result<Vec<RecentMessage>, Fault> {
    rows.iter()
        .map(|row| {
            let (seq, body): (i64, Option<String>) = (row.try_get(0)?, row.try_get(4)?);
            let body: Option<Body> = body.map(|b| from_json("messages.body", &b)).transpose()?;
            let (sender, kind): (String, String) = (row.try_get(1)?, row.try_get(3)?);
            Ok(RecentMessage {
                seq: unsigned(seq),
                sender: from_sender(&sender, row.try_get(2)?)?,
                kind: from_word("messages.kind", &kind)?,
                text: body
                    .as_ref()
                    .map(|b| b.text().to_owned())
                    .unwrap_or_default(),
                choice: body.as_ref().and_then(Body::choice).map(str::to_owned),
            })
        })
        .collect()
}
