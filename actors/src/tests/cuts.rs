//! G10: whose rights changed is cut, wherever they are and however busy their actors.

use super::fanout::{Connected, attach, socket};
use super::{Rig, ana, bruno};
use crate::api::DispatchError;
use crate::attendant::CutReason;
use crate::testing::{Point, Site};
use papo_domain::{Role, TenantId};
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
        rig.engine
            .follow_typing(rig.shop.id, ana(), id, conversation);
    }
    rig.engine.user_changed(rig.shop.id, ana()).await.unwrap();
    her
}

/// Her actor is too busy to hear that nobody needs it any more.
#[actix::test]
async fn whoever_leaves_in_a_flood_did_not_crash() {
    let rig = Rig::new().await;
    let (_her, id) = attach(&rig, ana(), Role::Supervisor, None, false)
        .await
        .unwrap();
    let conversation = rig.conversation();
    rig.world.run_for(Duration::from_millis(900)).await;
    rig.engine.detach(rig.shop.id, ana(), id);
    // Whenever the tenant looks who is alone, it has just handed on all of this.
    for _ in 0..200 {
        for _ in 0..FLOOD {
            rig.engine
                .follow_typing(rig.shop.id, ana(), id, conversation);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(rig.engine.online(rig.shop.id).await.unwrap(), [ana()]);
    rig.world.run_for(Duration::from_secs(2)).await;
    assert!(rig.engine.online(rig.shop.id).await.unwrap().is_empty());
    let report = rig.engine.describe(rig.shop.id).await.unwrap();
    assert!(report.restarts.is_empty(), "{:?}", report.restarts);
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

/// Nobody else runs in between: also the tenant itself has no room left.
#[actix::test]
async fn everybody_is_cut_however_busy_the_tenant_is() {
    let rig = Rig::new().await;
    let (her, id) = attach(&rig, ana(), Role::Supervisor, None, false)
        .await
        .unwrap();
    let (him, _) = attach(&rig, bruno(), Role::Attendant, None, false)
        .await
        .unwrap();
    let conversation = rig.conversation();
    for _ in 0..5 * FLOOD {
        rig.engine
            .follow_typing(rig.shop.id, ana(), id, conversation);
    }
    rig.engine.everybody_changed(rig.shop.id).await.unwrap();
    rig.world.run_for(Duration::from_secs(2)).await;
    for socket in [her, him] {
        assert_eq!(socket.cut.reason(), Some(CutReason::Revoked));
    }
}

/// The account is on the platform, the sockets are where it acts.
#[actix::test]
async fn a_user_of_the_platform_is_cut_at_every_tenant() {
    let rig = Rig::new().await;
    let other = rig.world.tenant("other");
    let (root, colleague) = (ana(), bruno());
    let mut connected = Vec::new();
    for (tenant, user) in [(rig.shop, root), (other, root), (other, colleague)] {
        let (socket, mut joining) = socket(&rig, user, Role::SuperAdmin, None, false).await;
        joining.viewer.tenant = tenant.id;
        rig.engine.attach(joining).await.unwrap();
        connected.push(socket);
    }
    rig.world.settle().await;
    rig.engine
        .user_changed(TenantId::PLATFORM, root)
        .await
        .unwrap();
    rig.world.settle().await;
    let reasons: Vec<_> = connected.iter().map(|c| c.cut.reason()).collect();
    assert_eq!(
        reasons,
        [Some(CutReason::Revoked), Some(CutReason::Revoked), None]
    );
}
