//! Tenants to work for, and things that arrive. What arrives here is durable at once, as after
//! the webhook's 200, and the bell of every live node rings.

use super::tables::Tables;
use super::world::World;
use papo_domain::bot::default_flow;
use papo_domain::content::Content;
use papo_domain::conversation::Inbound;
use papo_domain::ports::{
    Alias, AliasKind, ChannelHealth, ChannelRecord, DeliveryStatus, InboxItem, Peer, PeerQuery,
    ProviderError, StatusUpdate, TenantRecord, Update,
};
use papo_domain::tenant::TenantPolicy;
use papo_domain::{ChannelId, ConversationId, MessageId, Shard, TenantId};

/// A tenant of the world and its first channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenant {
    pub id: TenantId,
    pub shard: Shard,
    pub channel: ChannelId,
}

impl World {
    /// A tenant with the default policy and flow, no departments and one channel.
    #[must_use]
    pub fn tenant(&self, slug: &str) -> Tenant {
        let ((id, channel), _) = self
            .shared
            .transact(|t| (TenantId(t.id()), ChannelId(t.id())));
        let shard = Shard::of(id);
        let record = TenantRecord {
            tenant: id,
            shard,
            slug: slug.to_owned(),
            served: true,
            policy: TenantPolicy::default(),
            flow: default_flow(),
            trials: Vec::new(),
            departments: Vec::new(),
            people: Vec::new(),
            channels: vec![number(channel)],
            head: 0,
        };
        self.shared.transact(|t| t.add_tenant(record));
        Tenant { id, shard, channel }
    }

    /// Changes what the next load of the tenant brings: policy, flow, departments, channels.
    pub fn change_tenant(&self, tenant: &Tenant, change: impl FnOnce(&mut TenantRecord)) {
        if let Some(row) = self.shared.tables().tenants.get_mut(&tenant.id) {
            change(&mut row.record);
        }
    }

    /// One more channel of the tenant.
    #[must_use]
    pub fn channel(&self, tenant: &Tenant) -> Tenant {
        let (channel, _) = self.shared.transact(|t| ChannelId(t.id()));
        self.change_tenant(tenant, |record| record.channels.push(number(channel)));
        Tenant { channel, ..*tenant }
    }

    /// The conversation with `phone`, made if there was none, as the pump would.
    #[must_use]
    pub fn open(&self, tenant: &Tenant, phone: &str) -> ConversationId {
        let query = PeerQuery {
            channel: tenant.channel,
            peer: peer(phone),
            name: Some("Cliente".to_owned()),
        };
        let (resolved, _) = self.shared.transact(|t| t.resolve_peer(tenant.id, &query));
        resolved.conversation
    }

    /// A customer writes. Returns the inbox row.
    pub fn inbound_text(&self, tenant: &Tenant, phone: &str, text: &str) -> i64 {
        self.inbound(
            tenant,
            phone,
            Content::Text {
                body: text.to_owned(),
            },
        )
    }

    /// A customer sends something. Returns the inbox row.
    pub fn inbound(&self, tenant: &Tenant, phone: &str, content: Content) -> i64 {
        let update = self.message(tenant, phone, content);
        self.arrive(&update)
    }

    /// The owner of the number writes on the phone. Returns the inbox row.
    pub fn echo_text(&self, tenant: &Tenant, phone: &str, text: &str) -> i64 {
        let update = self.message(
            tenant,
            phone,
            Content::Text {
                body: text.to_owned(),
            },
        );
        let item = match update.item {
            InboxItem::Message { peer, inbound, .. } => InboxItem::Echo { peer, inbound },
            other => other,
        };
        self.arrive(&Update { item, ..update })
    }

    /// A status arrives for the provider's id `external_id`. `failed` comes with error 131026.
    /// Returns the inbox row.
    pub fn status(&self, tenant: &Tenant, external_id: &str, status: DeliveryStatus) -> i64 {
        self.status_of(tenant, external_id, status, None)
    }

    /// A status arrives that also names our own id of the message. Returns the inbox row.
    pub fn tracked_status(
        &self,
        tenant: &Tenant,
        external_id: &str,
        status: DeliveryStatus,
        tracking: MessageId,
    ) -> i64 {
        self.status_of(tenant, external_id, status, Some(tracking))
    }

    /// An item arrives that this version cannot read. Returns the inbox row.
    pub fn unreadable(&self, tenant: &Tenant) -> i64 {
        let (id, hand_off) = self.shared.transact(|t| {
            let external_id = format!("wamid.DARK{}", t.number());
            t.receive(
                tenant.id,
                tenant.channel,
                &external_id,
                "{\"item\":\"dream\"}".to_owned(),
            )
        });
        self.shared.broadcast(&hand_off);
        id
    }

    /// A customer's message as the webhook would pass it on, for
    /// [`papo_domain::ports::InboxWriter::accept`]. Its external id is new.
    #[must_use]
    pub fn message(&self, tenant: &Tenant, phone: &str, content: Content) -> Update {
        let ((number, sent_at), _) = self.shared.transact(|t| (t.number(), t.now()));
        let external_id = format!("wamid.IN{number}");
        let inbound = Inbound {
            external_id: external_id.clone(),
            sent_at,
            content,
            quote: None,
            context: None,
        };
        let name = Some("Cliente".to_owned());
        let item = InboxItem::Message {
            peer: peer(phone),
            name,
            inbound,
        };
        Update {
            tenant: tenant.id,
            channel: tenant.channel,
            external_id,
            item,
        }
    }

    /// Stores `update` unless its key is known. Returns the row that has the key.
    pub fn arrive(&self, update: &Update) -> i64 {
        let (id, hand_off) = self.shared.transact(|t| {
            let item = match serde_json::to_string(&update.item) {
                Ok(item) => item,
                Err(fault) => t.violate(format!("an inbox item cannot be written: {fault}")),
            };
            t.receive(update.tenant, update.channel, &update.external_id, item)
        });
        self.shared.broadcast(&hand_off);
        id
    }

    /// Replaces the stored snapshot, to see what a damaged or a newer one does.
    pub fn overwrite_snapshot(&self, conversation: ConversationId, payload: &str) {
        if let Some(row) = self.shared.tables().conversations.get_mut(&conversation) {
            payload.clone_into(&mut row.payload);
        }
    }

    /// The provider took the message and says now that its number is locked (131031).
    pub fn number_locked(&self, tenant: &Tenant, external_id: &str) -> i64 {
        let update = StatusUpdate {
            external_id: external_id.to_owned(),
            status: DeliveryStatus::Failed,
            at: self.clock().now(),
            tracking: None,
            error: Some(ProviderError {
                code: 131_031,
                title: "Business Account locked".to_owned(),
                detail: None,
            }),
            number_down: true,
            pricing: None,
        };
        self.arrive(&Update {
            tenant: tenant.id,
            channel: tenant.channel,
            external_id: format!("{external_id}:failed"),
            item: InboxItem::Status(update),
        })
    }

    fn status_of(
        &self,
        tenant: &Tenant,
        external_id: &str,
        status: DeliveryStatus,
        tracking: Option<MessageId>,
    ) -> i64 {
        let at = self.clock().now();
        let error = (status == DeliveryStatus::Failed).then(|| ProviderError {
            code: 131_026,
            title: "Message undeliverable".to_owned(),
            detail: None,
        });
        let item = InboxItem::Status(StatusUpdate {
            external_id: external_id.to_owned(),
            status,
            at,
            tracking,
            error,
            number_down: false,
            pricing: None,
        });
        let key = format!("{external_id}:{}", status.name());
        self.arrive(&Update {
            tenant: tenant.id,
            channel: tenant.channel,
            external_id: key,
            item,
        })
    }
}

impl Tables {
    fn add_tenant(&mut self, record: TenantRecord) {
        let row = super::rows::TenantRow {
            record,
            events: Vec::new(),
        };
        self.tenants.insert(row.record.tenant, row);
    }
}

/// A number at the throughput that WhatsApp gives to all.
fn number(id: ChannelId) -> ChannelRecord {
    ChannelRecord {
        id,
        throughput: 80,
        revision: 0,
        health: ChannelHealth::default(),
    }
}

/// A person with one phone number.
pub(super) fn peer(phone: &str) -> Peer {
    let alias = Alias {
        kind: AliasKind::WaId,
        value: phone.to_owned(),
    };
    Peer {
        aliases: vec![alias],
        group: false,
    }
}
