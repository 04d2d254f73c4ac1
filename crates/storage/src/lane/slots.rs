//! Whether people have room for what is given to them. Counted inside of the batch that gives it:
//! what is stored, and what the commits before it in the same batch change. A tenant's commits all
//! pass one writer, so nothing can come in between.

use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::lane::job::{Job, Refusal};
use papo_domain::conversation::{Rejection, Slot};
use papo_domain::ids::{TenantId, UserId};
use papo_domain::ports::Commit;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use uuid::Uuid;

/// Somebody without a row of their own is as the table's defaults say. Nobody may have more than
/// 500, so nobody's conversations beyond that are of interest.
const PEOPLE: &str = "
SELECT u.tenant_id, u.user_id, coalesce(a.availability, 'available'), coalesce(a.capacity, 5),
       coalesce(a.skills, '{}'),
       ARRAY(SELECT c.id FROM conversations c
             WHERE c.tenant_id = u.tenant_id AND c.assigned_user_id = u.user_id
             LIMIT 600),
       ARRAY(SELECT c.id FROM conversations c
             WHERE c.tenant_id = u.tenant_id AND c.offered_user_id = u.user_id
             LIMIT 600)
FROM unnest($1::uuid[], $2::uuid[]) AS u(tenant_id, user_id)
LEFT JOIN attendants a ON a.tenant_id = u.tenant_id AND a.user_id = u.user_id";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[PEOPLE];

type Key = (TenantId, UserId);

/// One person, and what is theirs.
struct Person {
    away: bool,
    capacity: u32,
    skills: Vec<String>,
    holds: HashSet<Uuid>,
}

/// Whoever is given something without having room for it, by their job's place in the batch.
/// `refused` are out already.
pub(crate) async fn refusals(
    link: &Link,
    jobs: &[Job],
    refused: &BTreeMap<usize, Refusal>,
) -> Result<BTreeMap<usize, Refusal>, Fault> {
    let wanted: BTreeSet<Key> = jobs
        .iter()
        .filter_map(|job| Some((job.tenant, job.commit()?.slot.as_ref()?.user)))
        .collect();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut people = read(link, &wanted).await?;
    let mut out = BTreeMap::new();
    for (place, job) in jobs.iter().enumerate() {
        let Some(commit) = job.commit().filter(|_| !refused.contains_key(&place)) else {
            continue;
        };
        if let Some(slot) = &commit.slot
            && let Some(person) = people.get(&(job.tenant, slot.user))
            && let Err(rejection) = person.takes(slot, commit)
        {
            out.insert(place, Refusal::Refused(rejection));
            continue;
        }
        give(&mut people, job.tenant, commit);
    }
    Ok(out)
}

async fn read(link: &Link, wanted: &BTreeSet<Key>) -> Result<BTreeMap<Key, Person>, Fault> {
    let tenants: Vec<Uuid> = wanted.iter().map(|(tenant, _)| tenant.0).collect();
    let users: Vec<Uuid> = wanted.iter().map(|(_, user)| user.0).collect();
    let rows = link.query(PEOPLE, &[&tenants, &users]).await?;
    rows.iter()
        .map(|row| {
            let availability: String = row.try_get(2)?;
            let mut holds: HashSet<Uuid> = row.try_get::<Vec<Uuid>>(5)?.into_iter().collect();
            holds.extend(row.try_get::<Vec<Uuid>>(6)?);
            let person = Person {
                away: availability == "away",
                capacity: u32::try_from(row.try_get::<i32>(3)?).unwrap_or_default(),
                skills: row.try_get(4)?,
                holds,
            };
            Ok(((TenantId(row.try_get(0)?), UserId(row.try_get(1)?)), person))
        })
        .collect()
}

/// What a commit changes about who has its conversation.
fn give(people: &mut BTreeMap<Key, Person>, tenant: TenantId, commit: &Commit) {
    let Some(listing) = &commit.listing else {
        return;
    };
    let offered = listing.offer.map(|offer| offer.to);
    let holder = listing.attendant.or(offered);
    for ((of, user), person) in people {
        if *of == tenant && Some(*user) == holder {
            person.holds.insert(commit.conversation.0);
        } else if *of == tenant {
            person.holds.remove(&commit.conversation.0);
        }
    }
}

impl Person {
    fn takes(&self, slot: &Slot, commit: &Commit) -> Result<(), Rejection> {
        let (user, capacity) = (slot.user, self.capacity);
        let missing = slot.skills.iter().filter(|s| !self.skills.contains(s));
        let missing: Vec<String> = missing.cloned().collect();
        let own = self.holds.contains(&commit.conversation.0);
        let others = self.holds.len() - usize::from(own);
        if self.away {
            Err(Rejection::AttendantAway { user })
        } else if !missing.is_empty() {
            let skills = missing;
            Err(Rejection::SkillsMissing { user, skills })
        } else if u32::try_from(others).unwrap_or(u32::MAX) >= capacity {
            Err(Rejection::AtCapacity { user, capacity })
        } else {
            Ok(())
        }
    }
}
