//! Delivery statuses only move forward: of two, the higher rank stands. Whatever order they come
//! in and however often, the outcome is one.

use crate::ports::DeliveryStatus;

/// What the lanes do with a new status: `greatest(stored, new)` by rank.
fn merge(stored: DeliveryStatus, new: DeliveryStatus) -> DeliveryStatus {
    if new.rank() > stored.rank() {
        new
    } else {
        stored
    }
}

/// Calls `check` with every order of `statuses`.
fn permute(
    statuses: &mut Vec<DeliveryStatus>,
    from: usize,
    check: &mut impl FnMut(&[DeliveryStatus]),
) {
    if from == statuses.len() {
        check(statuses);
        return;
    }
    for i in from..statuses.len() {
        statuses.swap(from, i);
        permute(statuses, from + 1, check);
        statuses.swap(from, i);
    }
}

#[test]
fn every_order_with_duplicates_has_one_outcome() {
    let all = DeliveryStatus::ALL;
    let mut orders = 0;
    // Every set of up to three statuses, each of them twice.
    for chosen in 1_u32..1 << all.len() {
        if chosen.count_ones() > 3 {
            continue;
        }
        let set: Vec<_> = (0..)
            .zip(all)
            .filter(|(i, _)| chosen & (1 << i) != 0)
            .collect();
        let mut twice: Vec<_> = set.iter().chain(&set).map(|(_, status)| *status).collect();
        let highest = *twice.iter().max().unwrap();
        permute(&mut twice, 0, &mut |order| {
            let outcome = order.iter().copied().fold(DeliveryStatus::Queued, merge);
            assert_eq!(outcome, highest.max(DeliveryStatus::Queued), "{order:?}");
            orders += 1;
        });
    }
    assert!(orders > 80_000);
}

#[test]
fn the_webhooks_of_one_message_converge_in_all_orders() {
    use DeliveryStatus as S;
    let mut heard = vec![
        S::Sent,
        S::Failed,
        S::Delivered,
        S::Read,
        S::Played,
        S::Sent,
        S::Delivered,
    ];
    permute(&mut heard, 0, &mut |order| {
        for known in [S::Queued, S::Sending, S::Unknown, S::Unconfirmed] {
            assert_eq!(order.iter().copied().fold(known, merge), S::Played);
        }
    });
}

#[test]
fn rank_order_and_stored_number_agree() {
    for (lower, higher) in DeliveryStatus::ALL.iter().zip(&DeliveryStatus::ALL[1..]) {
        assert!(lower < higher && lower.rank() < higher.rank());
    }
    for status in DeliveryStatus::ALL {
        assert_eq!(DeliveryStatus::from_rank(status.rank()), Some(status));
        let json = serde_json::to_value(status).unwrap();
        assert_eq!(json, status.name());
    }
    assert_eq!(DeliveryStatus::from_rank(1), None);
}

#[test]
fn a_failure_stands_over_sent_and_falls_to_delivered() {
    use DeliveryStatus as S;
    assert_eq!(merge(S::Sent, S::Failed), S::Failed);
    assert_eq!(merge(S::Failed, S::Sent), S::Failed);
    assert_eq!(merge(S::Failed, S::Delivered), S::Delivered);
    assert_eq!(merge(S::Cancelled, S::Sending), S::Sending);
}
