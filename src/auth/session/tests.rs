//! A look-up that is under way while its user's rights change.

use super::Sessions;
use crate::auth::{Claims, CurrentUser};
use futures_util::FutureExt as _;
use papo_domain::{Role, TenantId, UserId};
use papo_storage::app::SessionState;
use papo_storage::{Database, DbError, PoolSettings};
use secrecy::SecretString;
use std::future::ready;
use std::pin::pin;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use uuid::Uuid;

const HOUR: Duration = Duration::from_secs(3_600);

/// Logins that believe a look-up for an hour. Nobody answers at their database: it is not asked.
fn sessions() -> Sessions {
    let nowhere = SecretString::from("postgres://nobody@127.0.0.1:1/none");
    let database = Database::new(&nowhere, PoolSettings::default(), Handle::current());
    Sessions::new(database.unwrap(), HOUR, HOUR)
}

fn claims(user: u128) -> Claims {
    Claims {
        sub: UserId(Uuid::from_u128(user)),
        tid: TenantId(Uuid::from_u128(7)),
        role: Role::Supervisor,
        sid: Uuid::from_u128(user + 100),
        jti: Uuid::nil(),
        iat: 0,
        exp: 0,
        iss: String::new(),
        aud: String::new(),
    }
}

fn stored(role: Role) -> Result<Option<SessionState>, DbError> {
    Ok(Some(SessionState {
        role,
        name: "Bruno".to_owned(),
        departments: Vec::new(),
        must_set_up_two_factor: false,
    }))
}

/// Who the sessions say it is, if the database would say `role`.
async fn seen(sessions: &Sessions, claims: &Claims, role: Role) -> CurrentUser {
    let user = sessions.user_as_stored(claims, ready(stored(role)));
    user.await.unwrap()
}

/// Looks Bruno up, and before the answer comes, `change` happens.
async fn changed_meanwhile(sessions: &Sessions, change: impl FnOnce(&Sessions)) {
    let bruno = claims(1);
    let (answer, under_way) = oneshot::channel();
    let under_way = async move { under_way.await.unwrap() };
    let mut asked = pin!(sessions.user_as_stored(&bruno, under_way));
    assert!(asked.as_mut().now_or_never().is_none());
    change(sessions);
    assert!(answer.send(stored(Role::Supervisor)).is_ok());
    asked.await.unwrap();
}

#[tokio::test]
async fn what_was_looked_up_across_a_change_is_not_remembered() {
    let bruno = claims(1);
    let of_the_user = |sessions: &Sessions| sessions.refresh(bruno.sub);
    let of_the_tenant = |sessions: &Sessions| sessions.refresh_tenant(bruno.tid);
    let changes: [&dyn Fn(&Sessions); 2] = [&of_the_user, &of_the_tenant];
    for change in changes {
        let sessions = sessions();
        changed_meanwhile(&sessions, change).await;
        let now = seen(&sessions, &bruno, Role::Attendant).await;
        assert_eq!(now.role, Role::Attendant);
    }
}

#[tokio::test]
async fn what_is_remembered_is_believed_until_it_changes() {
    let (sessions, bruno, ana) = (sessions(), claims(1), claims(2));
    changed_meanwhile(&sessions, |_| ()).await;
    seen(&sessions, &ana, Role::Supervisor).await;
    sessions.refresh(ana.sub);
    for (claims, role) in [(&bruno, Role::Supervisor), (&ana, Role::Attendant)] {
        let now = seen(&sessions, claims, Role::Attendant).await;
        assert_eq!(now.role, role);
    }
    sessions.refresh_tenant(bruno.tid);
    let now = seen(&sessions, &bruno, Role::Attendant).await;
    assert_eq!(now.role, Role::Attendant);
}
