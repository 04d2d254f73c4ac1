//! G10: whose rights changed is cut, however busy the person's actor is.

use super::fanout::{Connected, attach, socket};
use super::{Rig, ana};
use crate::api::DispatchError;
use crate::attendant::CutReason;
use crate::testing::{Point, Site};
use papo_domain::Role;
use std::time::Duration;

/// More than the mailbox of a person's actor takes, and less than that of the tenant's.
const FLOOD: usize = 400;

/// Ana's socket, whose actor has no room left when her rights change.
async fn changed_in_a_flood(rig: &Rig) -> Connected {
    let (her, id) = attach(rig, ana(), Role::Supervisor, None, false)
        .await
        .unwrap();
    // Until everybody was told that she is online.
    rig.world.run_for(Duration::from_secs(2)).await;
    let conversation = rig.conversation();
    // Nobody else runs in between: the tenant hands all of it on in one go.
    for _ in 0..FLOOD {
        rig.engine.join(rig.shop.id, ana(), id, conversation);
    }
    rig.engine.user_changed(rig.shop.id, ana()).await.unwrap();
    her
}

/// Nothing else is told to her, and the table does not answer.
#[actix::test]
async fn a_cut_without_room_is_made_when_there_is_some() {
    let rig = Rig::new().await;
    let _table = rig.store.faults().hold(Site::Head, Point::Before);
    let her = changed_in_a_flood(&rig).await;
    rig.world.settle().await;
    assert_eq!(her.cut.reason(), None, "there was room");
    rig.world.run_for(Duration::from_secs(2)).await;
    assert_eq!(her.cut.reason(), Some(CutReason::Revoked));
    assert!(rig.engine.online(rig.shop.id).await.unwrap().is_empty());
}

#[actix::test]
async fn a_cut_without_room_spares_the_socket_that_comes_after_it() {
    let rig = Rig::new().await;
    let (_early, joining) = socket(&rig, ana(), Role::Supervisor, None, false).await;
    let lost = changed_in_a_flood(&rig).await;
    let at_once = rig.engine.attach(joining).await;
    assert!(
        matches!(at_once, Err(DispatchError::Busy)),
        "there was room"
    );
    let (back, _) = attach(&rig, ana(), Role::Supervisor, None, false)
        .await
        .unwrap();
    assert_eq!(lost.cut.reason(), Some(CutReason::Revoked));
    rig.says("oi").await;
    rig.world.run_for(Duration::from_secs(3)).await;
    assert_eq!(back.cut.reason(), None);
    assert!(!back.seqs().is_empty());
}
