//! The first leg of a batch: lease, idempotency keys, versions, inbox marks, sent as one
//! pipeline. Whoever is refused here is answered, the transaction is rolled back, and the rest
//! goes again without them: refusals are rare, and so nothing after this leg has to ask who is
//! still in.

use crate::engine::columns::{bigint, json, text};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::lane::items;
use crate::lane::job::{Job, Refusal};
use crate::lane::slots;
use crate::lane::stream::{self, KnownHeads};
use papo_domain::Timestamp;
use papo_domain::conversation::{SnapshotError, encode};
use papo_domain::ids::{ConversationId, TenantId};
use papo_domain::ports::{Commit, Idempotency};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

macro_rules! leases {
    ($lock:literal) => {
        concat!(
            "
SELECT t.tenant_id, u.shard, u.epoch, now()
FROM unnest($1::uuid[], $2::smallint[], $3::bigint[]) AS u(tenant_id, shard, epoch)
JOIN tenants t ON t.tenant_id = u.tenant_id AND t.shard = u.shard
JOIN shard_leases l ON l.shard = u.shard AND l.node = $4 AND l.epoch = u.epoch
FOR ",
            $lock,
            " OF l"
        )
    };
}

/// A renewal does not conflict with this lock; a take does, and so waits for this transaction,
/// or makes it see another epoch.
const LEASES: &str = leases!("KEY SHARE");

/// G3, G7: waits as well for a transaction of this very writer whose connection broke while its
/// COMMIT was under way, since that may still give out numbers.
const LEASES_ALONE: &str = leases!("UPDATE");

const KEYS: &str = "
INSERT INTO idempotency_keys (tenant_id, user_id, key, request, answer)
SELECT u.tenant_id, u.user_id, u.key, u.request, u.answer::jsonb
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::text[])
     AS u(tenant_id, user_id, key, request, answer)
ON CONFLICT DO NOTHING
RETURNING tenant_id, user_id, key";

const KEY_ANSWERS: &str = "
SELECT k.tenant_id, k.user_id, k.key, k.request, k.answer::text
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u(tenant_id, user_id, key)
CROSS JOIN LATERAL (
    SELECT * FROM idempotency_keys i
    WHERE i.tenant_id = u.tenant_id AND i.user_id = u.user_id AND i.key = u.key
    LIMIT 1
) k";

/// `wake_at` is a lower bound: touched only when it moves earlier or has fired, so that nearly
/// every commit stays a heap-only update.
const COMPARE_AND_SET: &str = "
UPDATE conversation_state s
SET version = u.version + 1,
    epoch = u.epoch,
    payload = u.payload,
    wake_at = CASE WHEN s.wake_at IS NULL OR s.wake_at <= now() OR u.wake_at < s.wake_at
                   THEN u.wake_at ELSE s.wake_at END
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::text[])
     AS u(tenant_id, conversation_id, version, epoch, wake_at, payload)
WHERE s.tenant_id = u.tenant_id AND s.conversation_id = u.conversation_id AND s.version = u.version
RETURNING s.tenant_id, s.conversation_id";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[LEASES, LEASES_ALONE, KEYS, KEY_ANSWERS, COMPARE_AND_SET];

/// What stands when nobody was refused.
pub(crate) struct Open {
    /// The transaction's time, by the database.
    pub(crate) now: Timestamp,
    /// Last event number of every tenant of the batch.
    pub(crate) heads: BTreeMap<TenantId, u64>,
    /// Tenant of each conversation as the updated state row says, not as the caller did.
    pub(crate) survivors: HashMap<ConversationId, TenantId>,
}

/// The outcome of the leg.
pub(crate) enum Gate {
    Open(Open),
    /// Jobs that are out, by their place in the batch. The transaction must be rolled back.
    Refused(BTreeMap<usize, Refusal>),
}

type LeaseKey = (Uuid, i16, i64);
type Key<'a> = (Uuid, Uuid, Cow<'a, str>);

/// Begins the transaction and asks everything that can refuse a job. No two commits of `jobs`
/// may share a conversation or an idempotency key.
pub(crate) async fn open(
    link: &Link,
    node: &str,
    remembered: &KnownHeads,
    jobs: &[Job],
) -> Result<Gate, Fault> {
    let leases = leases(jobs);
    let unknown: BTreeSet<Uuid> = jobs
        .iter()
        .filter(|job| remembered.of(job.tenant, job.lease.epoch).is_none())
        .map(|job| job.tenant.0)
        .collect();
    let unknown: Vec<Uuid> = unknown.into_iter().collect();
    let lock = if jobs.iter().any(|job| remembered.doubts(job.tenant)) {
        LEASES_ALONE
    } else {
        LEASES
    };
    let mut commits: Vec<&Commit> = jobs.iter().filter_map(Job::commit).collect();
    // Row locks are taken in one order by everybody.
    commits.sort_by_key(|c| (c.tenant, c.conversation));

    let (_, held, read, keys, states, marks) = tokio::try_join!(
        // In this order, so that of several failures the first one is seen, which caused the
        // others.
        biased;
        link.control("BEGIN"),
        lock_leases(link, lock, node, &leases),
        stream::read_heads(link, &unknown),
        insert_keys(link, &commits),
        compare_and_set(link, &commits),
        mark_done(link, &commits),
    )?;

    let mut refused = BTreeMap::new();
    let mut losers = Vec::new();
    for (place, job) in jobs.iter().enumerate() {
        if !held.leases.contains(&lease_of(job)) {
            refused.insert(place, Refusal::Fenced);
            continue;
        }
        let Some(commit) = job.commit() else { continue };
        let key = commit
            .idempotency
            .as_ref()
            .map(|key| key_of(job.tenant, key));
        if key.is_some_and(|key| !keys.contains(&key)) {
            losers.push((place, commit));
        } else if !states.contains_key(&commit.conversation) {
            refused.insert(place, Refusal::Conflict);
        } else if !commit
            .inbox_done
            .iter()
            .all(|id| marks.contains(&(job.tenant.0, *id)))
        {
            // Another commit was the outcome of this item: it must not have a second one.
            refused.insert(place, Refusal::Replayed(serde_json::Value::Null));
        }
    }
    refused.extend(earlier_answers(link, &losers).await?);
    refused.extend(slots::refusals(link, jobs, &refused).await?);
    let Some(now) = held.now.filter(|_| refused.is_empty()) else {
        return Ok(Gate::Refused(refused));
    };
    let mut heads: BTreeMap<TenantId, u64> = jobs
        .iter()
        .filter_map(|job| Some((job.tenant, remembered.of(job.tenant, job.lease.epoch)?)))
        .collect();
    heads.extend(read);
    Ok(Gate::Open(Open {
        now,
        heads,
        survivors: states,
    }))
}

fn lease_of(job: &Job) -> LeaseKey {
    (
        job.tenant.0,
        i16::from(job.lease.shard.0),
        bigint(job.lease.epoch),
    )
}

/// The distinct leases of a batch, in the order of their shards.
fn leases(jobs: &[Job]) -> Vec<LeaseKey> {
    let mut leases: Vec<LeaseKey> = jobs.iter().map(lease_of).collect();
    leases.sort_by_key(|(tenant, shard, epoch)| (*shard, *tenant, *epoch));
    leases.dedup();
    leases
}

struct Held {
    leases: HashSet<LeaseKey>,
    /// `None` when no lease holds.
    now: Option<Timestamp>,
}

async fn lock_leases(
    link: &Link,
    lock: &'static str,
    node: &str,
    leases: &[LeaseKey],
) -> Result<Held, Fault> {
    let tenants: Vec<Uuid> = leases.iter().map(|l| l.0).collect();
    let shards: Vec<i16> = leases.iter().map(|l| l.1).collect();
    let epochs: Vec<i64> = leases.iter().map(|l| l.2).collect();
    let rows = link
        .query(lock, &[&tenants, &shards, &epochs, &node])
        .await?;
    let mut held = Held {
        leases: HashSet::new(),
        now: None,
    };
    for row in rows {
        held.leases
            .insert((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        held.now = Some(row.try_get(3)?);
    }
    Ok(held)
}

fn key_of(tenant: TenantId, key: &Idempotency) -> Key<'_> {
    (tenant.0, key.user.0, text(&key.key))
}

async fn insert_keys(link: &Link, commits: &[&Commit]) -> Result<HashSet<Key<'static>>, Fault> {
    let keyed: Vec<(TenantId, &Idempotency)> = commits
        .iter()
        .filter_map(|c| Some((c.tenant, c.idempotency.as_ref()?)))
        .collect();
    if keyed.is_empty() {
        return Ok(HashSet::new());
    }
    let tenants: Vec<Uuid> = keyed.iter().map(|(tenant, _)| tenant.0).collect();
    let users: Vec<Uuid> = keyed.iter().map(|(_, key)| key.user.0).collect();
    let names: Vec<Cow<'_, str>> = keyed.iter().map(|(_, key)| text(&key.key)).collect();
    let requests: Vec<&[u8]> = keyed.iter().map(|(_, key)| &key.request[..]).collect();
    let answers: Vec<String> = keyed
        .iter()
        .map(|(_, key)| json(&key.answer))
        .collect::<Result<_, _>>()?;
    let rows = link
        .query(KEYS, &[&tenants, &users, &names, &requests, &answers])
        .await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get(0)?,
                row.try_get(1)?,
                Cow::Owned(row.try_get(2)?),
            ))
        })
        .collect()
}

/// What the first success of each key answered.
async fn earlier_answers(
    link: &Link,
    losers: &[(usize, &Commit)],
) -> Result<BTreeMap<usize, Refusal>, Fault> {
    if losers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let keys: Vec<(usize, &Idempotency, Key<'_>)> = losers
        .iter()
        .filter_map(|(place, commit)| {
            let key = commit.idempotency.as_ref()?;
            Some((*place, key, key_of(commit.tenant, key)))
        })
        .collect();
    let tenants: Vec<Uuid> = keys.iter().map(|(_, _, key)| key.0).collect();
    let users: Vec<Uuid> = keys.iter().map(|(_, _, key)| key.1).collect();
    let names: Vec<&str> = keys.iter().map(|(_, _, key)| key.2.as_ref()).collect();
    let mut stored: HashMap<Key<'_>, (Vec<u8>, String)> = HashMap::new();
    for row in link.query(KEY_ANSWERS, &[&tenants, &users, &names]).await? {
        let key = (
            row.try_get(0)?,
            row.try_get(1)?,
            Cow::Owned(row.try_get(2)?),
        );
        stored.insert(key, (row.try_get(3)?, row.try_get(4)?));
    }
    let mut refused = BTreeMap::new();
    for (place, asked, key) in &keys {
        let why = match stored.get(key) {
            Some((request, answer)) if request == &asked.request => {
                let answer = serde_json::from_str(answer)
                    .map_err(|_error| Fault::Corrupt("idempotency_keys.answer".to_owned()))?;
                Refusal::Replayed(answer)
            }
            Some(_) => Refusal::KeyReused,
            // Gone between the two statements: the key's time was over.
            None => return Err(Fault::Contention("idempotency key".to_owned())),
        };
        refused.insert(*place, why);
    }
    Ok(refused)
}

async fn compare_and_set(
    link: &Link,
    commits: &[&Commit],
) -> Result<HashMap<ConversationId, TenantId>, Fault> {
    if commits.is_empty() {
        return Ok(HashMap::new());
    }
    let tenants: Vec<Uuid> = commits.iter().map(|c| c.tenant.0).collect();
    let conversations: Vec<Uuid> = commits.iter().map(|c| c.conversation.0).collect();
    let versions: Vec<i64> = commits.iter().map(|c| bigint(c.expected_version)).collect();
    let epochs: Vec<i64> = commits.iter().map(|c| bigint(c.state.epoch)).collect();
    let wakes: Vec<Option<Timestamp>> = commits.iter().map(|c| c.state.wake_at()).collect();
    let payloads: Vec<String> = commits
        .iter()
        .map(|c| encode(&c.state))
        .collect::<Result<_, SnapshotError>>()
        .map_err(|e| Fault::Data(e.to_string()))?;
    let rows = link
        .query(
            COMPARE_AND_SET,
            &[
                &tenants,
                &conversations,
                &versions,
                &epochs,
                &wakes,
                &payloads,
            ],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((ConversationId(row.try_get(1)?), TenantId(row.try_get(0)?))))
        .collect()
}

async fn mark_done(link: &Link, commits: &[&Commit]) -> Result<HashSet<(Uuid, i64)>, Fault> {
    let marks: Vec<(Uuid, i64)> = commits
        .iter()
        .flat_map(|c| c.inbox_done.iter().map(|id| (c.tenant.0, *id)))
        .collect();
    items::done(link, &marks).await
}
