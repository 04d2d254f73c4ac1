//! Files of messages, which are fetched outside of the conversation: it is told what became of
//! them, and tells those who look at it.

use super::scratch::Scratch;
use crate::conversation::decision::Effect;
use crate::conversation::event::Event;
use crate::conversation::rejection::Rejection;
use crate::ids::MediaId;
use crate::media::{MediaNews, MediaState};

/// A file was fetched, or could not be. One of a message that is not of this conversation is
/// nobody's.
pub(super) fn record(s: &mut Scratch<'_>, seq: u64, news: &MediaNews) {
    if (1..=s.state.seq).contains(&seq) {
        s.happen(Event::MediaChanged {
            seq,
            media: MediaId::of(s.state.conversation, seq),
            state: news.state,
            mime_type: news.mime_type.clone(),
            size: news.size,
        });
    }
}

/// A file that could not be fetched is fetched once more. The caller has seen to it that the
/// message has one.
pub(super) fn fetch_again(s: &mut Scratch<'_>, seq: u64) -> Result<(), Rejection> {
    if !(1..=s.state.seq).contains(&seq) {
        return Err(Rejection::Invalid {
            field: "seq",
            problem: "is no message of this conversation",
        });
    }
    s.happen(Event::MediaChanged {
        seq,
        media: MediaId::of(s.state.conversation, seq),
        state: MediaState::Pending,
        mime_type: None,
        size: None,
    });
    s.effect(Effect::FetchMedia { seq });
    Ok(())
}
