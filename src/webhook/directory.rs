//! Which channels a delivery could be for, with their app secrets. Remembered for a short while,
//! unknown ids too, since a body that nobody has verified names them.

use crate::recent::Cache;
use crate::vault::{Purpose, Vault};
use papo_domain::{ChannelId, TenantId};
use papo_storage::{ChannelFound, Database, DbError};
use papo_whatsapp::Routes;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// Ids remembered; unverified bodies can fill it, but not beyond.
const REMEMBERED: usize = 20_000;
const KNOWN_FOR: Duration = Duration::from_secs(30);
const UNKNOWN_FOR: Duration = Duration::from_secs(3);
/// How exactly the time of a channel's last delivery is kept.
const HEARD_FOR: Duration = Duration::from_secs(60);
/// A delivery is answered no later for it.
const NOTING: Duration = Duration::from_secs(1);

/// A channel that could have been meant.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub tenant: TenantId,
    pub channel: ChannelId,
    pub number: Option<String>,
    pub account: Option<String>,
    /// `None` if it cannot be opened.
    pub secret: Option<SecretString>,
    /// SHA-256 of the secret, for telling secrets apart without looking at them.
    pub secret_id: [u8; 32],
}

/// Every channel that a delivery's ids name.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    pub numbers: HashMap<String, Arc<[Candidate]>>,
    pub accounts: HashMap<String, Arc<[Candidate]>>,
}

/// Looks channels up by what webhooks call them.
pub struct Directory {
    database: Database,
    vault: Arc<Vault>,
    numbers: Names,
    accounts: Names,
    /// Channels whose last delivery was noted a moment ago.
    heard: Cache<(TenantId, ChannelId), ()>,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Directory")
    }
}

impl Directory {
    /// Secrets are opened with `vault`.
    #[must_use]
    pub fn new(database: Database, vault: Arc<Vault>) -> Self {
        Self {
            database,
            vault,
            numbers: Names::new(),
            accounts: Names::new(),
            heard: Cache::new(REMEMBERED),
        }
    }

    /// Notes that something came for these channels, for whoever sets them up. That it could not
    /// be noted is of no consequence.
    pub async fn delivered(&self, channels: BTreeSet<(TenantId, ChannelId)>) {
        let noting = async {
            for (tenant, channel) in channels {
                if self.heard.get(&(tenant, channel)).is_some() {
                    continue;
                }
                self.heard.put((tenant, channel), (), HEARD_FOR);
                if let Err(error) = self.database.webhook_delivered(tenant, channel).await {
                    tracing::debug!(tenant.id = %tenant, channel.id = %channel, %error, "delivery not noted");
                }
            }
        };
        if tokio::time::timeout(NOTING, noting).await.is_err() {
            tracing::debug!("deliveries not noted in time");
        }
    }

    /// A channel changed: look all of them up again.
    pub fn forget(&self) {
        self.numbers.forget();
        self.accounts.forget();
    }

    /// The channels that `routes` names. An unknown id has an empty list.
    ///
    /// # Errors
    /// The database is away.
    pub async fn candidates(&self, routes: &Routes) -> Result<Candidates, DbError> {
        let (mut numbers, new_numbers) = self.numbers.split(&routes.numbers);
        let (mut accounts, new_accounts) = self.accounts.split(&routes.accounts);
        if !new_numbers.is_empty() || !new_accounts.is_empty() {
            let rows = self
                .database
                .find_channels(&new_numbers, &new_accounts)
                .await?;
            // A channel out of use keeps its account's id, but speaks for nobody.
            let used = rows.into_iter().filter(|row| row.app_secret_enc.is_some());
            let rows: Vec<Candidate> = used.map(|row| self.open(row)).collect();
            for number in new_numbers {
                let own = |c: &&Candidate| c.number.as_deref() == Some(number.as_str());
                let list = self.numbers.remember(&number, rows.iter().filter(own));
                numbers.insert(number, list);
            }
            for account in new_accounts {
                let own = |c: &&Candidate| c.account.as_deref() == Some(account.as_str());
                let list = self.accounts.remember(&account, rows.iter().filter(own));
                accounts.insert(account, list);
            }
        }
        Ok(Candidates { numbers, accounts })
    }

    fn open(&self, row: ChannelFound) -> Candidate {
        let (tenant, channel) = (TenantId(row.tenant_id), ChannelId(row.channel_id));
        let secret = row.app_secret_enc.and_then(|sealed| {
            let opened = self.vault.open(tenant, channel, Purpose::AppSecret, &sealed);
            opened
                .inspect_err(|error| {
                    tracing::error!(tenant.id = %tenant, channel.id = %channel, %error, "app secret");
                })
                .ok()
        });
        let text = secret.as_ref().map_or("", |s| s.expose_secret());
        Candidate {
            tenant,
            channel,
            number: row.phone_number_id,
            account: row.waba_id,
            secret_id: Sha256::digest(text).into(),
            secret,
        }
    }
}

/// The channels behind ids of one kind. An unknown id has an empty list.
struct Names(Cache<String, Arc<[Candidate]>>);

impl Names {
    fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }

    fn forget(&self) {
        self.0.forget_where(|_, _| true);
    }

    /// What is remembered of `ids`, and those that must be looked up.
    fn split(&self, ids: &BTreeSet<String>) -> (HashMap<String, Arc<[Candidate]>>, Vec<String>) {
        let (mut known, mut new) = (HashMap::new(), Vec::new());
        for id in ids {
            match self.0.get(id) {
                Some(list) => drop(known.insert(id.clone(), list)),
                None => new.push(id.clone()),
            }
        }
        (known, new)
    }

    fn remember<'a>(&self, id: &str, own: impl Iterator<Item = &'a Candidate>) -> Arc<[Candidate]> {
        let list: Arc<[Candidate]> = own.cloned().collect();
        let ttl = if list.is_empty() {
            UNKNOWN_FOR
        } else {
            KNOWN_FOR
        };
        self.0.put(id.to_owned(), Arc::clone(&list), ttl);
        list
    }
}
