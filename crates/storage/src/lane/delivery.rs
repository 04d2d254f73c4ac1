//! How far sent messages have come. Every change of `messages.delivery` passes here, only
//! upwards, and each that really moved becomes an event of the stream.

use crate::engine::columns::{bigint, from_json, json, text};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::Row;
use crate::lane::stream::{Draft, Stream};
use papo_domain::conversation::Audience;
use papo_domain::ids::{ConversationId, DepartmentId, TenantId, UserId};
use papo_domain::ports::{DeliveryStatus, EventBody, ProviderError};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The list row is looked up for what moved, not joined: a join would tempt the planner to find
/// the message by its conversation alone.
const RAISE: &str = "
UPDATE messages m
SET delivery = u.delivery,
    delivery_error = coalesce(u.error::json, m.delivery_error),
    external_id = coalesce(m.external_id, u.external_id)
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::smallint[], $5::text[], $6::text[])
     AS u(tenant_id, conversation_id, seq, delivery, error, external_id)
WHERE m.tenant_id = u.tenant_id AND m.conversation_id = u.conversation_id AND m.seq = u.seq
  AND m.delivery < u.delivery
RETURNING m.tenant_id, m.conversation_id, m.seq, m.delivery, m.delivery_error::text,
          (SELECT ARRAY[c.assigned_user_id, c.department_id] FROM conversations c
           WHERE c.tenant_id = m.tenant_id AND c.id = m.conversation_id), m.external_id";

/// For messages whose status came before their id.
const NAME: &str = "
UPDATE messages m
SET external_id = u.external_id
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[])
     AS u(tenant_id, conversation_id, seq, external_id)
WHERE m.tenant_id = u.tenant_id AND m.conversation_id = u.conversation_id AND m.seq = u.seq
  AND m.external_id IS NULL";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[RAISE, NAME];

/// A message's place.
pub(crate) type Place = (TenantId, ConversationId, u64);

/// Changes of the running transaction, at most one for each message.
#[derive(Default)]
pub(crate) struct Moves {
    moves: BTreeMap<Place, Move>,
}

struct Move {
    status: DeliveryStatus,
    error: Option<ProviderError>,
    external_id: Option<String>,
}

impl Moves {
    /// Notes that a message came to `status`; of two notes the greater status stands.
    pub(crate) fn note(
        &mut self,
        place: Place,
        status: DeliveryStatus,
        error: Option<ProviderError>,
        external_id: Option<String>,
    ) {
        let noted = self.moves.entry(place).or_insert_with(|| Move {
            status,
            error: None,
            external_id: None,
        });
        if status >= noted.status {
            noted.status = status;
            noted.error = error;
        }
        noted.external_id = noted.external_id.take().or(external_id);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.moves.is_empty()
    }

    /// Stores the changes and tells the stream of those that moved something.
    pub(crate) async fn store(self, link: &Link, stream: &mut Stream) -> Result<(), Fault> {
        if self.moves.is_empty() {
            return Ok(());
        }
        let (tenants, conversations, seqs) = columns(self.moves.keys());
        let ranks: Vec<i16> = self.moves.values().map(|m| m.status.rank()).collect();
        let errors: Vec<Option<String>> = self
            .moves
            .values()
            .map(|m| m.error.as_ref().map(json).transpose())
            .collect::<Result<_, _>>()?;
        let names: Vec<Option<_>> = self
            .moves
            .values()
            .map(|m| m.external_id.as_deref().map(text))
            .collect();
        let rows = link
            .query(
                RAISE,
                &[&tenants, &conversations, &seqs, &ranks, &errors, &names],
            )
            .await?;
        let mut still_unnamed: BTreeMap<Place, &str> = self
            .moves
            .iter()
            .filter_map(|(place, m)| Some((*place, m.external_id.as_deref()?)))
            .collect();
        for row in rows {
            let draft = moved(&row)?;
            if let EventBody::Delivery { seq, .. } = &draft.body {
                still_unnamed.remove(&(draft.tenant, draft.conversation, *seq));
            }
            stream.push(draft);
        }
        name(link, &still_unnamed).await
    }
}

fn moved(row: &Row) -> Result<Draft, Fault> {
    let rank: i16 = row.try_get(3)?;
    let status = DeliveryStatus::from_rank(rank)
        .ok_or_else(|| Fault::Corrupt("messages.delivery".to_owned()))?;
    let error: Option<String> = row.try_get(4)?;
    let seq: i64 = row.try_get(2)?;
    Ok(Draft {
        tenant: TenantId(row.try_get(0)?),
        conversation: ConversationId(row.try_get(1)?),
        version: None,
        body: EventBody::Delivery {
            seq: crate::engine::columns::unsigned(seq),
            status,
            error: match (status, error) {
                (DeliveryStatus::Failed, Some(error)) => {
                    Some(from_json("messages.delivery_error", &error)?)
                }
                _ => None,
            },
            external_id: row.try_get(6)?,
        },
        audience: audience(row.try_get(5)?),
        prior: None,
        message: None,
    })
}

async fn name(link: &Link, unnamed: &BTreeMap<Place, &str>) -> Result<(), Fault> {
    if unnamed.is_empty() {
        return Ok(());
    }
    let (tenants, conversations, seqs) = columns(unnamed.keys());
    let names: Vec<_> = unnamed.values().map(|name| text(name)).collect();
    link.execute(NAME, &[&tenants, &conversations, &seqs, &names])
        .await?;
    Ok(())
}

fn columns<'a>(places: impl Iterator<Item = &'a Place>) -> (Vec<Uuid>, Vec<Uuid>, Vec<i64>) {
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for (tenant, conversation, seq) in places {
        columns.0.push(tenant.0);
        columns.1.push(conversation.0);
        columns.2.push(bigint(*seq));
    }
    columns
}

/// Who may see a conversation whose list row names these: who leads, and the department. The same
/// rule as [`Audience::of`], for rows whose state is not at hand.
pub(crate) fn audience(row: Option<Vec<Option<Uuid>>>) -> Audience {
    match row.as_deref() {
        Some([Some(user), _]) => Audience::User(UserId(*user)),
        Some([None, Some(department)]) => Audience::Department(DepartmentId(*department)),
        _ => Audience::Staff,
    }
}

#[cfg(test)]
mod tests {
    use super::audience;
    use papo_domain::conversation::{Audience, Listing, Mode, Owner, State};
    use papo_domain::ids::{ConversationId, DepartmentId, UserId};
    use uuid::Uuid;

    #[test]
    fn the_list_row_says_what_the_state_says() {
        let human = |owner| Mode::Human {
            owner,
            since: papo_domain::Timestamp::UNIX_EPOCH,
            handoff: None,
            unanswered_since: None,
            replied_seq: 0,
            skills: Vec::new(),
        };
        let user = UserId(Uuid::from_u128(1));
        for department in [None, Some(DepartmentId(Uuid::from_u128(2)))] {
            for mode in [
                Mode::Bot(papo_domain::conversation::BotState::default()),
                human(Owner::User(user)),
                human(Owner::Phone),
            ] {
                let mut state = State::new(ConversationId(Uuid::nil()));
                (state.mode, state.department) = (mode, department);
                let line = Listing::of(&state);
                let row = vec![
                    line.attendant.map(Uuid::from),
                    line.department.map(Uuid::from),
                ];
                assert_eq!(audience(Some(row)), Audience::of(&state), "{state:?}");
            }
        }
    }
}
