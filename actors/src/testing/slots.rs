//! Who has room for what, and what a desk starts from.

use super::tables::Tables;
use papo_domain::conversation::{Mode, Rejection};
use papo_domain::ports::{Commit, CommitError};
use papo_domain::routing::{Availability, DeskRecord, Led};
use papo_domain::{TenantId, UserId};

impl Tables {
    /// Refuses a commit that gives somebody more than they have room for. Whoever is not on the
    /// staff has all the room there is.
    pub(super) fn check_slot(&self, commit: &Commit) -> Result<(), CommitError> {
        let Some(slot) = &commit.slot else {
            return Ok(());
        };
        let staff = self.tenants.get(&commit.tenant);
        let staff = staff.map(|row| row.record.people.as_slice());
        let mut staff = staff.unwrap_or_default().iter();
        let Some(person) = staff.find(|person| person.user == slot.user) else {
            return Ok(());
        };
        let (user, capacity) = (slot.user, person.capacity);
        let others = self.held(commit.tenant, user);
        let others = others.filter(|held| *held != commit.conversation).count();
        let missing = person.lacks(&slot.skills);
        let rejection = if person.availability == Availability::Away {
            Rejection::AttendantAway { user }
        } else if !missing.is_empty() {
            let skills = missing;
            Rejection::SkillsMissing { user, skills }
        } else if others >= usize::try_from(capacity).unwrap_or(usize::MAX) {
            Rejection::AtCapacity { user, capacity }
        } else {
            return Ok(());
        };
        Err(CommitError::Refused(rejection))
    }

    fn held(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> impl Iterator<Item = papo_domain::ConversationId> {
        let rows = self.conversations.iter();
        rows.filter(move |(_, row)| {
            let offered = row.listing.offer.map(|offer| offer.to);
            row.tenant == tenant && row.listing.attendant.or(offered) == Some(user)
        })
        .map(|(id, _)| *id)
    }

    /// Services that ended are not kept here.
    pub(super) fn load_desk(&self, tenant: TenantId) -> DeskRecord {
        let mut record = DeskRecord::default();
        let rows = self.conversations.values();
        for state in rows
            .filter(|row| row.tenant == tenant)
            .filter_map(|row| row.state())
        {
            match (&state.mode, state.attendant()) {
                (Mode::Waiting { .. }, _) => record.waiting.push(state),
                (Mode::Human { since, .. }, Some(user)) => record.led.push(Led {
                    conversation: state.conversation,
                    user,
                    department: state.department,
                    since: *since,
                    paused: false,
                }),
                _ => {}
            }
        }
        record
    }
}
