use super::{Post, Ready, Schedule};
use crate::webhook::{Kind, Update};
use crate::world::ChatKey;
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn update(chat: Option<&str>, id: &str) -> Update {
    Update {
        number: "1".into(),
        lane: chat.map(|customer| ChatKey::new("1", customer)),
        kind: Kind::Message,
        message_id: id.into(),
        contact: None,
        body: Value::Null,
    }
}

fn to_app(_: &Update) -> Option<Arc<str>> {
    Some("app".into())
}

/// The ids of each POST that is due, and the POSTs as they would be sent.
fn take(schedule: &mut Schedule, now: Instant, batch: usize) -> Vec<(Vec<String>, Post)> {
    let taken = schedule.take(now, 100, batch, to_app);
    taken
        .ready
        .into_iter()
        .map(|ready| match ready {
            Ready::First { id, updates } => Post {
                id,
                number: "1".into(),
                updates: updates.into(),
                body: bytes::Bytes::new(),
                attempts: 1,
            },
            Ready::Again(post) => post,
        })
        .map(|post| {
            let ids = post.updates.iter().map(|u| u.message_id.clone());
            (ids.collect(), post)
        })
        .collect()
}

fn ids(posts: &[(Vec<String>, Post)]) -> Vec<Vec<&str>> {
    posts
        .iter()
        .map(|(ids, _)| ids.iter().map(String::as_str).collect())
        .collect()
}

#[test]
fn a_lane_posts_one_after_another_in_order_of_time() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    schedule.add(
        now + Duration::from_millis(5),
        update(Some("ana"), "second"),
    );
    schedule.add(now, update(Some("ana"), "first"));
    schedule.add(
        now + Duration::from_millis(5),
        update(Some("rui"), "other chat"),
    );
    let later = now + Duration::from_millis(10);

    let posts = take(&mut schedule, later, 1);
    assert_eq!(ids(&posts), [["first"], ["other chat"]]);
    assert_eq!((schedule.waiting(), schedule.in_flight()), (1, 2));
    assert!(take(&mut schedule, later, 1).is_empty(), "its lane is busy");

    schedule.release(&posts[0].1);
    assert_eq!(ids(&take(&mut schedule, later, 1)), [["second"]]);
}

#[test]
fn without_a_lane_everything_goes_at_once() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    for id in ["a", "b", "c"] {
        schedule.add(now, update(None, id));
    }
    assert_eq!(ids(&take(&mut schedule, now, 1)), [["a"], ["b"], ["c"]]);
}

#[test]
fn what_is_not_due_waits() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    let at = now + Duration::from_secs(1);
    schedule.add(at, update(None, "a"));
    assert!(take(&mut schedule, now, 1).is_empty());
    assert_eq!(schedule.next_due(), Some(at));
}

#[test]
fn a_batch_takes_all_chats_and_several_of_one_in_order() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    for (chat, id) in [("ana", "1"), ("rui", "2"), ("ana", "3"), ("ana", "4")] {
        schedule.add(now, update(Some(chat), id));
    }
    let posts = take(&mut schedule, now, 3);
    assert_eq!(ids(&posts), [["1", "2", "3"]], "4 does not fit and waits");
    schedule.release(&posts[0].1);
    assert_eq!(ids(&take(&mut schedule, now, 3)), [["4"]]);
}

#[test]
fn routes_are_not_mixed_and_no_route_is_lost() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    for id in ["x1", "y1", "x2", "none"] {
        schedule.add(now, update(None, id));
    }
    let taken = schedule.take(now, 100, 10, |update| {
        (update.message_id != "none")
            .then(|| update.message_id.chars().take(1).collect::<String>().into())
    });
    assert_eq!(taken.lost, 1);
    let sizes: Vec<_> = taken
        .ready
        .iter()
        .map(|ready| match ready {
            Ready::First { updates, .. } => updates.len(),
            Ready::Again(_) => 0,
        })
        .collect();
    assert_eq!(sizes, [2, 1]);
}

#[test]
fn a_repeat_does_not_hold_its_lane() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    schedule.add(now, update(Some("ana"), "1"));
    schedule.add(now, update(Some("ana"), "2"));
    let first = take(&mut schedule, now, 1).remove(0).1;
    schedule.release(&first);
    schedule.add_again(now + Duration::from_secs(1), first);
    assert_eq!(ids(&take(&mut schedule, now, 1)), [["2"]]);
    let later = now + Duration::from_secs(1);
    assert_eq!(ids(&take(&mut schedule, later, 1)), [["1"]]);
}

#[test]
fn a_post_of_before_a_clearing_frees_no_lane_of_after_it() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    schedule.add(now, update(Some("ana"), "old"));
    let old = take(&mut schedule, now, 1).remove(0).1;
    schedule.clear();
    schedule.add(now, update(Some("ana"), "new"));
    let new = take(&mut schedule, now, 1).remove(0).1;
    schedule.add(now, update(Some("ana"), "newer"));
    assert!(take(&mut schedule, now, 1).is_empty());
    schedule.release(&old);
    assert!(
        take(&mut schedule, now, 1).is_empty(),
        "new is still under way"
    );
    schedule.release(&new);
    assert_eq!(ids(&take(&mut schedule, now, 1)), [["newer"]]);
}
