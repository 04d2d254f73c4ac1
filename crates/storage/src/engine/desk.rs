//! What the desk starts from: the people, and who waits, who serves whom, and what came of it
//! lately.

use crate::engine::columns::from_word;
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::readers::Readers;
use crate::engine::statement::{Params, Row};
use chrono::TimeDelta;
use papo_domain::Timestamp;
use papo_domain::conversation::decode;
use papo_domain::ids::{ConversationId, DepartmentId, TenantId, UserId};
use papo_domain::routing::{Attendant, DeskRecord, Led, Service};
use uuid::Uuid;

/// Somebody without a row of their own is as the table's defaults say.
const PEOPLE: &str = "
SELECT u.id, u.full_name, u.role, coalesce(a.availability, 'available'), coalesce(a.capacity, 5),
       coalesce(a.skills, '{}'),
       ARRAY(SELECT d.department_id FROM user_departments d
             WHERE d.tenant_id = u.tenant_id AND d.user_id = u.id)
FROM users u
LEFT JOIN attendants a ON a.tenant_id = u.tenant_id AND a.user_id = u.id
WHERE u.tenant_id = $1 AND u.is_active AND u.role <> 'member'
LIMIT 10000";

/// The longest waits, where there are too many. Each by its key: where the planner believes that
/// few wait, it would read all states.
const WAITING: &str = "
SELECT s.payload
FROM (SELECT c.tenant_id, c.id FROM conversations c
      WHERE c.tenant_id = $1 AND c.status = 'waiting'
      ORDER BY c.waiting_since
      LIMIT 20000) w
CROSS JOIN LATERAL (
    SELECT p.payload FROM conversation_state p
    WHERE p.tenant_id = w.tenant_id AND p.conversation_id = w.id
    LIMIT 1
) s";

/// Since the first of those who passed it on to each other. What reports do not know of yet began
/// a moment ago, or before there were reports.
const LED: &str = "
SELECT c.id, c.assigned_user_id, c.department_id, coalesce(s.since, now()), coalesce(s.paused, true)
FROM conversations c
LEFT JOIN LATERAL (
    SELECT r.session, r.number, r.ended_at FROM attendance_stretches r
    WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id
    ORDER BY r.session DESC, r.number DESC LIMIT 1
) l ON l.ended_at IS NULL
LEFT JOIN LATERAL (
    SELECT min(r.began_at) AS since,
           bool_or(r.away_since IS NOT NULL OR r.away_seconds > 0) AS paused
    FROM attendance_stretches r
    WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.session = l.session
      AND r.number > coalesce((SELECT max(q.number) FROM attendance_stretches q
                               WHERE q.tenant_id = c.tenant_id AND q.conversation_id = c.id
                                 AND q.session = l.session AND q.number < l.number
                                 AND q.end_kind <> 'transferred'), 0)
) s ON true
WHERE c.tenant_id = $1 AND c.assigned_user_id IS NOT NULL
LIMIT 50000";

/// As [`LED`], of what ended. What took longer than a day was put out of the way or forgotten.
const SERVICES: &str = "
SELECT e.department_id, e.ended_at, greatest(0, extract(epoch FROM e.ended_at - s.since))::int8
FROM attendance_stretches e
CROSS JOIN LATERAL (
    SELECT min(r.began_at) AS since,
           bool_or(r.away_since IS NOT NULL OR r.away_seconds > 0) AS paused
    FROM attendance_stretches r
    WHERE r.tenant_id = e.tenant_id AND r.conversation_id = e.conversation_id
      AND r.session = e.session AND r.number <= e.number
      AND r.number > coalesce((SELECT max(q.number) FROM attendance_stretches q
                               WHERE q.tenant_id = e.tenant_id
                                 AND q.conversation_id = e.conversation_id
                                 AND q.session = e.session AND q.number < e.number
                                 AND q.end_kind <> 'transferred'), 0)
) s
WHERE e.tenant_id = $1 AND e.began_at > now() - interval '1 day'
  AND e.ended_at > now() - interval '2 hours' AND e.end_kind <> 'transferred'
  AND e.user_id IS NOT NULL AND NOT s.paused
ORDER BY e.ended_at
LIMIT 5000";

const GIVEN: &str = "
SELECT h.assigned_user_id, max(h.assigned_at)
FROM handoffs h
WHERE h.tenant_id = $1 AND h.assigned_at > now() - interval '12 hours'
  AND h.assigned_user_id IS NOT NULL
GROUP BY h.assigned_user_id";

/// Those of the platform who lead something here are not of this staff.
const DISMISSED: &str = "
SELECT DISTINCT u.id
FROM conversations c
JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.assigned_user_id
WHERE c.tenant_id = $1 AND c.assigned_user_id IS NOT NULL
  AND (NOT u.is_active OR u.role = 'member')
LIMIT 1000";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[PEOPLE, WAITING, LED, SERVICES, GIVEN, DISMISSED];

/// Active staff who may serve.
pub(crate) async fn people(link: &Link, tenant: TenantId) -> Result<Vec<Attendant>, Fault> {
    let rows = link.query(PEOPLE, &[&tenant.0]).await?;
    rows.iter().map(attendant).collect()
}

/// The tenant's queue and services.
pub(crate) async fn load(readers: &Readers, tenant: TenantId) -> Result<DeskRecord, Fault> {
    let link = readers.link().await?;
    let params: Params<'_> = &[&tenant.0];
    let (waiting, led, services, given, dismissed) = tokio::try_join!(
        biased;
        link.query(WAITING, params),
        link.query(LED, params),
        link.query(SERVICES, params),
        link.query(GIVEN, params),
        link.query(DISMISSED, params),
    )?;
    let mut states = Vec::new();
    for row in &waiting {
        // One that cannot be read is looked at by people when it is activated.
        states.extend(decode(&row.try_get::<String>(0)?).ok());
    }
    Ok(DeskRecord {
        waiting: states,
        led: led.iter().map(one_led).collect::<Result<_, _>>()?,
        services: services.iter().map(service).collect::<Result<_, _>>()?,
        given: given
            .iter()
            .map(|row| Ok((UserId(row.try_get(0)?), row.try_get::<Timestamp>(1)?)))
            .collect::<Result<_, Fault>>()?,
        dismissed: dismissed
            .iter()
            .map(|row| Ok(UserId(row.try_get(0)?)))
            .collect::<Result<_, Fault>>()?,
    })
}

fn attendant(row: &Row) -> Result<Attendant, Fault> {
    let departments: Vec<Uuid> = row.try_get(6)?;
    Ok(Attendant {
        user: UserId(row.try_get(0)?),
        name: row.try_get(1)?,
        role: from_word("users.role", &row.try_get::<String>(2)?)?,
        availability: from_word("attendants.availability", &row.try_get::<String>(3)?)?,
        capacity: u32::try_from(row.try_get::<i32>(4)?).unwrap_or_default(),
        skills: row.try_get(5)?,
        departments: departments.into_iter().map(DepartmentId).collect(),
    })
}

fn one_led(row: &Row) -> Result<Led, Fault> {
    Ok(Led {
        conversation: ConversationId(row.try_get(0)?),
        user: UserId(row.try_get(1)?),
        department: row.try_get::<Option<Uuid>>(2)?.map(DepartmentId),
        since: row.try_get(3)?,
        paused: row.try_get(4)?,
    })
}

fn service(row: &Row) -> Result<(Option<DepartmentId>, Service), Fault> {
    let service = Service {
        ended_at: row.try_get(1)?,
        took: TimeDelta::seconds(row.try_get::<i64>(2)?),
    };
    let department: Option<Uuid> = row.try_get(0)?;
    Ok((department.map(DepartmentId), service))
}
