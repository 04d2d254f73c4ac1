//! The files of a commit: announced by the provider, attached to what is sent, or in another state
//! than before. Most commits have none.

use crate::engine::columns::{bigint, text};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::lane::children::Winner;
use papo_domain::ids::{ConversationId, TenantId};
use papo_domain::media::MediaNews;
use papo_domain::ports::{ExpectedMedia, MediaChange};

const EXPECT: &str = "
INSERT INTO media (tenant_id, conversation_id, id, message_seq, direction, kind, state, mime_type,
                   filename, channel_id, provider_id, provider_sha256, provider_expires_at)
VALUES ($1, $2, $3, $4, 'inbound', $5, 'pending', $6, $7, $8, $9, $10,
        now() + $11 * interval '1 second')
ON CONFLICT DO NOTHING";

/// What was uploaded belongs to the conversation that it is first sent in.
const ATTACH: &str = "
UPDATE media SET conversation_id = $2, message_seq = $4
WHERE tenant_id = $1 AND id = $3 AND conversation_id IS NULL";

/// What is stored stays so, whoever asked for it again at the same time.
const SETTLE: &str = "
UPDATE media
SET state = $4, mime_type = coalesce($5, mime_type), size = coalesce($6, size),
    sha256 = coalesce($7, sha256), storage_key = coalesce($8, storage_key), error = $9
WHERE tenant_id = $1 AND id = $3 AND conversation_id = $2 AND state <> 'stored'";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[EXPECT, ATTACH, SETTLE];

/// Stores the files of every commit, in its order.
pub(crate) async fn store(link: &Link, winners: &[Winner<'_>]) -> Result<(), Fault> {
    for (tenant, commit) in winners {
        let place = (*tenant, commit.conversation);
        for change in &commit.media {
            match change {
                MediaChange::Expect(expected) => expect(link, place, expected).await?,
                MediaChange::Attach { id, seq } => {
                    let (tenant, conversation) = (&place.0.0, &place.1.0);
                    link.execute(ATTACH, &[tenant, conversation, &id.0, &bigint(*seq)])
                        .await?;
                }
                MediaChange::Settle { id, news } => settle(link, place, id.0, news).await?,
            }
        }
    }
    Ok(())
}

async fn expect(
    link: &Link,
    (tenant, conversation): (TenantId, ConversationId),
    expected: &ExpectedMedia,
) -> Result<(), Fault> {
    link.execute(
        EXPECT,
        &[
            &tenant.0,
            &conversation.0,
            &expected.id.0,
            &bigint(expected.seq),
            &expected.kind.name(),
            &expected.mime_type.as_deref().map(text),
            &expected.filename.as_deref().map(text),
            &expected.channel.0,
            &text(&expected.provider_id),
            &expected.sha256.as_deref().map(text),
            &expected.lives.as_secs_f64(),
        ],
    )
    .await?;
    Ok(())
}

async fn settle(
    link: &Link,
    (tenant, conversation): (TenantId, ConversationId),
    id: uuid::Uuid,
    news: &MediaNews,
) -> Result<(), Fault> {
    link.execute(
        SETTLE,
        &[
            &tenant.0,
            &conversation.0,
            &id,
            &news.state.name(),
            &news.mime_type.as_deref().map(text),
            &news.size.map(bigint),
            &news.sha256.as_deref().map(text),
            &news.storage_key.as_deref().map(text),
            &news.error.as_deref().map(text),
        ],
    )
    .await?;
    Ok(())
}
