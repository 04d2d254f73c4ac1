//! The HTTP side's rows about people: tenants, users, logins.

use crate::bench::Bench;
use papo_domain::routing::Routing;
use papo_domain::{DepartmentId, Role, TenantId, UserId};
use papo_storage::app::{
    Device, NewDepartment, NewTenant, NewToken, NewUser, Rotation, TenantChange, UserChange,
    UserFilter,
};
use papo_storage::{Database, DbError, PoolSettings};
use papo_test_support::database::TestDatabase;
use std::time::Duration;
use tokio::runtime::Handle;
use uuid::Uuid;

const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

pub(crate) fn app(db: &TestDatabase) -> Database {
    let url = db.app_url().into();
    Database::new(&url, PoolSettings::default(), Handle::current()).unwrap()
}

pub(crate) fn user(email: &str, role: Role) -> NewUser {
    NewUser {
        id: UserId(Uuid::now_v7()),
        email: email.to_owned(),
        full_name: email.to_owned(),
        role,
        password_hash: "hash".into(),
        must_change_password: false,
        departments: vec![],
    }
}

fn token(digest: u8) -> NewToken {
    NewToken {
        id: Uuid::now_v7(),
        digest: [digest; 32],
        ttl: WEEK,
        in_cookie: false,
    }
}

/// A user with an open login.
async fn logged_in(app: &Database, tenant: TenantId) -> (UserId, Uuid, NewToken) {
    let email = format!("{}@example.com", Uuid::new_v4());
    let made = app
        .create_user(tenant, &user(&email, Role::Attendant))
        .await
        .unwrap();
    let (family, first) = (Uuid::now_v7(), token(1));
    app.open_session(
        (tenant, made.id),
        &"hash".into(),
        family,
        &first,
        &Device::default(),
    )
    .await
    .unwrap();
    (made.id, family, first)
}

/// Offers `held` in exchange for `next`.
async fn exchange(app: &Database, tenant: TenantId, held: &NewToken, next: &NewToken) -> Rotation {
    app.rotate_token(
        tenant,
        held.id,
        &held.digest,
        next,
        Duration::ZERO,
        &Device::default(),
    )
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_comes_with_its_administrator_and_its_slug_is_its_own() {
    let db = TestDatabase::create().await.unwrap();
    let app = app(&db);
    let new = NewTenant {
        id: TenantId(Uuid::new_v4()),
        slug: "hotel".to_owned(),
        name: "Hotel".to_owned(),
        email: None,
        trial_days: 14,
        admin: user("Admin@example.com", Role::TenantAdmin),
        invitation: None,
    };
    let tenant = app.create_tenant(&new).await.unwrap();
    let trial = tenant.trial_ends_at.unwrap() - tenant.created_at;
    assert_eq!((tenant.status.as_str(), trial.num_days()), ("trial", 14));
    // Found whatever the case of the address.
    let found = app
        .password_of(tenant.id, "admin@EXAMPLE.com")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.user, new.admin.id);
    assert!(
        app.password_of(TenantId::PLATFORM, "admin@example.com")
            .await
            .unwrap()
            .is_none()
    );
    let again = NewTenant {
        id: TenantId(Uuid::new_v4()),
        ..new.clone()
    };
    let error = app.create_tenant(&again).await.unwrap_err();
    assert!(error.violates("tenants_slug_unique"), "{error:?}");
    // Nothing of the refused one is left.
    assert!(matches!(
        app.find_tenant_by_id(again.id).await,
        Err(DbError::NotFound)
    ));
    let listed = app.list_tenants(None, 10).await.unwrap();
    assert_eq!(
        listed.iter().map(|t| t.slug.as_str()).collect::<Vec<_>>(),
        ["hotel"]
    );
    assert!(
        app.list_tenants(Some("hotel"), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_the_tenants_own() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let app = app(&bench.db);
    let ana = app
        .create_user(one.id, &user("ana@example.com", Role::Attendant))
        .await
        .unwrap();
    // The same address elsewhere is somebody else; in the same place, in any case, it is taken.
    app.create_user(two.id, &user("ana@example.com", Role::Attendant))
        .await
        .unwrap();
    let error = app
        .create_user(one.id, &user("ANA@example.com", Role::Attendant))
        .await;
    assert!(error.unwrap_err().violates("users_email_unique"));
    assert!(matches!(
        app.find_user(two.id, ana.id).await,
        Err(DbError::NotFound)
    ));
    let change = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    let foreign = app.update_user(two.id, ana.id, &change).await;
    assert!(matches!(foreign, Err(DbError::NotFound)), "{foreign:?}");
    assert!(app.find_user(one.id, ana.id).await.unwrap().is_active);
    // A super admin belongs on the platform.
    let boss = app
        .create_user(one.id, &user("boss@example.com", Role::SuperAdmin))
        .await;
    assert!(boss.unwrap_err().violates("users_super_admin_home"));
}

#[tokio::test(flavor = "multi_thread")]
async fn departments_of_a_user_are_replaced_as_a_whole() {
    let bench = Bench::new().await;
    let (tenant, other) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let app = app(&bench.db);
    let mut departments = Vec::new();
    for (home, name) in [(tenant.id, "A"), (tenant.id, "B"), (other.id, "C")] {
        let id = DepartmentId(Uuid::now_v7());
        let new = NewDepartment {
            id,
            name: name.to_owned(),
            position: 0,
            business_hours: None,
            routing: Routing::default(),
        };
        app.create_department(home, &new).await.unwrap();
        departments.push(id);
    }
    let (a, b, foreign) = (departments[0], departments[1], departments[2]);
    let mut ana = user("ana@example.com", Role::Attendant);
    ana.departments = vec![a];
    assert_eq!(
        app.create_user(tenant.id, &ana).await.unwrap().departments,
        [a]
    );
    let to = |departments: Vec<DepartmentId>| UserChange {
        departments: Some(departments),
        ..UserChange::default()
    };
    app.update_user(tenant.id, ana.id, &to(vec![b, b]))
        .await
        .unwrap();
    assert_eq!(
        app.find_user(tenant.id, ana.id).await.unwrap().departments,
        [b]
    );
    let refused = app
        .update_user(tenant.id, ana.id, &to(vec![a, foreign]))
        .await;
    assert!(
        refused
            .unwrap_err()
            .violates("user_departments_department_fk")
    );
    assert_eq!(
        app.find_user(tenant.id, ana.id).await.unwrap().departments,
        [b]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_users_has_each_of_them_once() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    for i in 0..7 {
        let mut new = user(&format!("u{i}@example.com"), Role::Attendant);
        // Some share a name.
        new.full_name = format!("Nome {}", i / 3);
        app.create_user(tenant.id, &new).await.unwrap();
    }
    let filter = UserFilter::default();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = app
            .list_users(tenant.id, &filter, after.as_ref(), 3)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.full_name.clone(), last.id));
        seen.extend(page.iter().map(|user| (user.full_name.clone(), user.id)));
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.is_sorted());
    // As a dictionary has them, page by page.
    let named = bench.tenant("two", 2).await;
    for (n, name) in ["Zeca", "Érica", "ana", "Ágata", "Bia"].iter().enumerate() {
        let mut new = user(&format!("n{n}@example.com"), Role::Attendant);
        new.full_name = (*name).to_owned();
        app.create_user(named.id, &new).await.unwrap();
    }
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let page = app
            .list_users(named.id, &filter, after.as_ref(), 1)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.full_name.clone(), last.id));
        names.push(last.full_name.clone());
    }
    assert_eq!(names, ["Ágata", "ana", "Bia", "Érica", "Zeca"]);
    let narrow = UserFilter {
        text: Some("U3@EXAMPLE".to_owned()),
        role: Some(Role::Attendant),
        is_active: Some(true),
    };
    assert_eq!(
        app.list_users(tenant.id, &narrow, None, 10)
            .await
            .unwrap()
            .len(),
        1
    );
    let mut jose = user("j@example.com", Role::Attendant);
    jose.full_name = "José Ávila".to_owned();
    app.create_user(tenant.id, &jose).await.unwrap();
    for text in ["jose avi", "JOSÉ", "sé á"] {
        let plain = UserFilter {
            text: Some(text.to_owned()),
            ..UserFilter::default()
        };
        let found = app.list_users(tenant.id, &plain, None, 10).await.unwrap();
        let names: Vec<_> = found.into_iter().map(|user| user.full_name).collect();
        assert_eq!(names, ["José Ávila"], "{text}");
    }
    let wildcard = UserFilter {
        text: Some("%".to_owned()),
        ..UserFilter::default()
    };
    assert!(
        app.list_users(tenant.id, &wildcard, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

/// Tabs of a browser share one, and an answer can get lost.
#[tokio::test(flavor = "multi_thread")]
async fn within_its_grace_a_token_can_be_exchanged_again() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let (user, family, first) = logged_in(&app, tenant.id).await;
    let cookie = "UPDATE refresh_tokens SET in_cookie = true WHERE id = $1";
    bench.run(cookie, &[&first.id]).await;
    let graceful = async |next: &NewToken| {
        let grace = Duration::from_secs(20);
        app.rotate_token(
            tenant.id,
            first.id,
            &first.digest,
            next,
            grace,
            &Device::default(),
        )
        .await
        .unwrap()
    };
    for next in [token(2), token(3)] {
        assert_eq!(graceful(&next).await, Rotation::Rotated { user, family });
    }
    let earlier = "UPDATE refresh_tokens SET used_at = used_at - interval '21 seconds'
                   WHERE id = $1";
    bench.run(earlier, &[&first.id]).await;
    assert_eq!(graceful(&token(4)).await, Rotation::Reused { user, family });
    // What ended stays ended.
    bench
        .run(
            "UPDATE refresh_tokens SET used_at = now() WHERE id = $1",
            &[&first.id],
        )
        .await;
    assert_eq!(graceful(&token(5)).await, Rotation::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_good_for_one_exchange() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let (user, family, first) = logged_in(&app, tenant.id).await;
    let second = token(2);
    // Knowing the id is not enough.
    let guess = app
        .rotate_token(
            tenant.id,
            first.id,
            &[9; 32],
            &second,
            Duration::ZERO,
            &Device::default(),
        )
        .await
        .unwrap();
    assert_eq!(guess, Rotation::Refused);
    let rotated = exchange(&app, tenant.id, &first, &second).await;
    assert_eq!(rotated, Rotation::Rotated { user, family });
    let third = token(3);
    let rotated = exchange(&app, tenant.id, &second, &third).await;
    assert_eq!(rotated, Rotation::Rotated { user, family });
    assert!(
        app.session_state(tenant.id, user, family)
            .await
            .unwrap()
            .is_some()
    );

    let reused = exchange(&app, tenant.id, &first, &token(4)).await;
    assert_eq!(reused, Rotation::Reused { user, family });
    assert_eq!(
        app.session_state(tenant.id, user, family).await.unwrap(),
        None
    );
    // Whoever holds the newest one is out as well.
    let last = exchange(&app, tenant.id, &third, &token(5)).await;
    assert_eq!(last, Rotation::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_exchanges_at_once_one_succeeds() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let (user, family, first) = logged_in(&app, tenant.id).await;
    let exchanges = (0..10).map(|_| async { exchange(&app, tenant.id, &first, &token(2)).await });
    let outcomes = futures_util::future::join_all(exchanges).await;
    let rotated = outcomes
        .iter()
        .filter(|o| matches!(o, Rotation::Rotated { .. }));
    assert_eq!(rotated.count(), 1, "{outcomes:?}");
    assert_eq!(
        app.session_state(tenant.id, user, family).await.unwrap(),
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_lives_as_long_as_everything_behind_it() {
    let bench = Bench::new().await;
    let (tenant, other) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let app = app(&bench.db);
    let (ana, family, _) = logged_in(&app, tenant.id).await;
    let (bruno, brunos, _) = logged_in(&app, tenant.id).await;
    let state = async |tenant, user, family| app.session_state(tenant, user, family).await.unwrap();
    assert_eq!(
        state(tenant.id, ana, family).await.unwrap().role,
        Role::Attendant
    );
    // Neither another user's nor another tenant's.
    assert_eq!(state(tenant.id, bruno, family).await, None);
    assert_eq!(state(other.id, ana, family).await, None);

    let active = |is_active| UserChange {
        is_active: Some(is_active),
        ..UserChange::default()
    };
    app.update_user(tenant.id, ana, &active(false))
        .await
        .unwrap();
    assert_eq!(state(tenant.id, ana, family).await, None);
    app.update_user(tenant.id, ana, &active(true))
        .await
        .unwrap();
    assert!(state(tenant.id, ana, family).await.is_some());

    let standing = |status: &str| TenantChange {
        status: Some(status.to_owned()),
        ..TenantChange::default()
    };
    app.update_tenant(tenant.id, &standing("suspended"))
        .await
        .unwrap();
    assert_eq!(state(tenant.id, ana, family).await, None);
    app.update_tenant(tenant.id, &standing("active"))
        .await
        .unwrap();

    bench
        .run(
            "UPDATE refresh_tokens SET expires_at = now() WHERE family = $1",
            &[&family],
        )
        .await;
    assert_eq!(state(tenant.id, ana, family).await, None);

    // All but the one in use.
    let second = Uuid::now_v7();
    app.open_session(
        (tenant.id, bruno),
        &"hash".into(),
        second,
        &token(6),
        &Device::default(),
    )
    .await
    .unwrap();
    let ended = app
        .revoke_sessions_of(tenant.id, bruno, Some(second))
        .await
        .unwrap();
    assert_eq!(ended, [brunos]);
    assert_eq!(state(tenant.id, bruno, brunos).await, None);
    assert!(state(tenant.id, bruno, second).await.is_some());
}

/// A login that was under way with the old password comes too late.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_opens_nothing_that_the_old_one_began() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let (user, family, first) = logged_in(&app, tenant.id).await;
    app.set_up_second_factor(tenant.id, user, b"secret")
        .await
        .unwrap();
    let (old, new) = ("hash".into(), "another".into());
    let minute = Duration::from_secs(60);
    let challenge = async |hash, digest| {
        app.open_challenge(tenant.id, user, hash, digest, minute)
            .await
            .unwrap()
    };
    assert!(challenge(&old, &[1; 32]).await);
    let other = Uuid::now_v7();
    let device = Device::default();
    app.open_session((tenant.id, user), &old, other, &token(2), &device)
        .await
        .unwrap();
    let ended = app
        .change_password(tenant.id, user, &old, &new, family)
        .await
        .unwrap();
    assert_eq!(ended, [other]);
    assert!(!challenge(&old, &[2; 32]).await);
    let late = app
        .open_session((tenant.id, user), &old, other, &token(3), &device)
        .await;
    assert!(matches!(late, Err(DbError::NotFound)), "{late:?}");
    // Nor can the old one be changed twice.
    let late = app
        .change_password(tenant.id, user, &old, &new, family)
        .await;
    assert!(matches!(late, Err(DbError::Stale)), "{late:?}");
    let open: i64 = bench
        .one(
            "SELECT count(*) FROM second_factors WHERE challenge_hash IS NOT NULL",
            &[],
        )
        .await;
    assert_eq!(open, 0);
    let kept = exchange(&app, tenant.id, &first, &token(4)).await;
    assert_eq!(kept, Rotation::Rotated { user, family });
}
