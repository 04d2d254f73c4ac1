//! What is known of customers, and merges of them.

use super::rows::EventRow;
use super::tables::{Fenced, Tables};
use papo_domain::ports::{
    AliasKind, CustomerChange, CustomerOutcome, CustomerRefusal, EventBody, Lease,
};
use papo_domain::{ConversationId, CustomerId, MergeId, TenantId};

/// A merge that stands: what it has moved.
#[derive(Debug)]
pub(super) struct Merged {
    source: CustomerId,
    target: CustomerId,
    names: Vec<(TenantId, AliasKind, String)>,
    conversations: Vec<ConversationId>,
    /// Whether the target had no name of its own.
    named: bool,
}

impl Tables {
    pub(super) fn change_customer(
        &mut self,
        node: &str,
        lease: Lease,
        tenant: TenantId,
        change: CustomerChange,
    ) -> Result<CustomerOutcome, Fenced> {
        self.fence(node, lease, tenant)?;
        let changed = match change {
            CustomerChange::Edit { customer, fields } => self.whole(customer).map(|()| {
                if let Some(name) = fields.name {
                    self.names.insert(customer, name);
                }
                vec![customer]
            }),
            CustomerChange::Merge {
                id, source, target, ..
            } => self.merge(id, source, target),
            CustomerChange::Unmerge { id, .. } => self.unmerge(id),
        };
        Ok(match changed {
            Ok(touched) => {
                for customer in &touched {
                    self.tell_of(tenant, *customer);
                }
                match touched.first() {
                    Some(now) => CustomerOutcome::Changed(*now),
                    None => self.violate("a change of nobody"),
                }
            }
            Err(refusal) => CustomerOutcome::Refused(refusal),
        })
    }

    /// Refuses records that are part of another one.
    fn whole(&self, customer: CustomerId) -> Result<(), CustomerRefusal> {
        if !self.names.contains_key(&customer) {
            return Err(CustomerRefusal::NotFound);
        }
        let into = self.merges.values().find(|m| m.source == customer);
        into.map_or(Ok(()), |m| Err(CustomerRefusal::Merged { into: m.target }))
    }

    fn merge(
        &mut self,
        id: MergeId,
        source: CustomerId,
        target: CustomerId,
    ) -> Result<Vec<CustomerId>, CustomerRefusal> {
        self.whole(target)?;
        self.whole(source)?;
        let of_source = self.customers.iter_mut().filter(|(_, c)| **c == source);
        let names = of_source
            .map(|(name, customer)| {
                *customer = target;
                name.clone()
            })
            .collect();
        let rows = self.conversations.iter_mut();
        let conversations = rows
            .filter(|(_, row)| row.customer == source)
            .map(|(id, row)| {
                row.customer = target;
                *id
            })
            .collect();
        let name = self.names.get(&source).cloned().flatten();
        let own = self.names.entry(target).or_default();
        let named = own.is_none() && name.is_some();
        *own = own.take().or(name);
        let merged = Merged {
            source,
            target,
            names,
            conversations,
            named,
        };
        self.merges.insert(id, merged);
        Ok(vec![target])
    }

    fn unmerge(&mut self, id: MergeId) -> Result<Vec<CustomerId>, CustomerRefusal> {
        let target = self.merges.get(&id).map(|merged| merged.target);
        let target = target.ok_or(CustomerRefusal::NotFound)?;
        if let Err(CustomerRefusal::Merged { into }) = self.whole(target) {
            return Err(CustomerRefusal::MergedOn { into });
        }
        let merged = self.merges.remove(&id).ok_or(CustomerRefusal::Undone)?;
        for name in &merged.names {
            self.customers.insert(name.clone(), merged.source);
        }
        for conversation in &merged.conversations {
            if let Some(row) = self.conversations.get_mut(conversation) {
                row.customer = merged.source;
            }
        }
        let same = self.names.get(&merged.source) == self.names.get(&target);
        if merged.named && same {
            self.names.insert(target, None);
        }
        Ok(vec![target, merged.source])
    }

    fn tell_of(&mut self, tenant: TenantId, customer: CustomerId) {
        let at = self.now();
        let rows = self.conversations.iter();
        let own: Vec<EventRow> = rows
            .filter(|(_, row)| row.customer == customer)
            .map(|(id, row)| EventRow {
                conversation: *id,
                version: None,
                at,
                body: EventBody::Customer { customer },
                audience: row.audience,
                prior: None,
                message_seq: None,
            })
            .collect();
        for event in own {
            self.emit(tenant, event);
        }
    }
}
