//! Who has room is counted in the commit that gives them something, and with everything else that
//! is given to them at the same time.

use crate::bench::{Bench, Draft, Tenant, at};
use futures_util::future::join_all;
use papo_domain::conversation::{Listing, Mode, Offer, Owner, Priority, Rejection, Slot, State};
use papo_domain::ports::{CommitError, EngineStore};
use papo_domain::routing::{Availability, Led};
use papo_domain::{ConversationId, DepartmentId, HandoffId, Role, UserId};
use uuid::Uuid;

async fn staff(bench: &Bench, tenant: &Tenant, role: &str) -> UserId {
    let id = Uuid::now_v7();
    bench
        .run(
            "INSERT INTO users (tenant_id, id, email, password_hash, full_name, role)
             VALUES ($1, $2, $4, '', 'Ana', $3)",
            &[&tenant.id.0, &id, &role, &format!("{id}@example.com")],
        )
        .await;
    UserId(id)
}

async fn attendance(bench: &Bench, tenant: &Tenant, user: UserId, set: &str) {
    let row = "INSERT INTO attendants (tenant_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    bench.run(row, &[&tenant.id.0, &user.0]).await;
    let sql = format!("UPDATE attendants SET {set} WHERE tenant_id = $1 AND user_id = $2");
    bench.run(&sql, &[&tenant.id.0, &user.0]).await;
}

fn waiting(conversation: ConversationId, offered: Option<UserId>) -> State {
    let expires_at = at(30);
    State {
        mode: Mode::Waiting {
            handoff: HandoffId::of(conversation, 1),
            since: at(0),
            priority: Priority::High,
            notified: false,
            offer: offered.map(|to| Offer { to, expires_at }),
            passed_over: Vec::new(),
            skills: vec!["ingles".to_owned()],
            told_at: None,
        },
        ..State::new(conversation)
    }
}

fn led(conversation: ConversationId, user: UserId) -> State {
    State {
        mode: Mode::Human {
            owner: Owner::User(user),
            since: at(0),
            handoff: None,
            unanswered_since: None,
            replied_seq: 0,
            skills: Vec::new(),
        },
        ..State::new(conversation)
    }
}

/// A commit that makes a conversation look like this, and asks for room if it gives it to anybody.
fn to(tenant: &Tenant, state: State, version: u64, slot: bool) -> Draft {
    let holder = state.attendant().or(state.offer().map(|offer| offer.to));
    let skills = Vec::new();
    let slot = holder.filter(|_| slot).map(|user| Slot { user, skills });
    let listing = Some(Listing::of(&state));
    Draft::on(tenant, state, version).with(|commit| {
        commit.slot = slot;
        commit.listing = listing;
    })
}

async fn fresh(bench: &Bench, tenant: &Tenant, count: u32) -> Vec<ConversationId> {
    let mut fresh = Vec::new();
    for n in 0..count {
        fresh.push(bench.conversation(tenant, &format!("55119{n:08}")).await);
    }
    fresh
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_led_and_what_is_offered_takes_room_and_only_so_much() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let ana = staff(&bench, &one, "attendant").await;
    attendance(&bench, &one, ana, "capacity = 2").await;
    let c = fresh(&bench, &one, 4).await;
    let full = CommitError::Refused(Rejection::AtCapacity {
        user: ana,
        capacity: 2,
    });
    bench
        .commit(&one, to(&one, waiting(c[0], Some(ana)), 0, true))
        .await
        .unwrap();
    bench
        .commit(&one, to(&one, led(c[1], ana), 0, true))
        .await
        .unwrap();
    let refused = bench.commit(&one, to(&one, led(c[2], ana), 0, true)).await;
    assert_eq!(refused, Err(full.clone()));
    // What is theirs already is no second thing: they accept.
    bench
        .commit(&one, to(&one, led(c[0], ana), 1, true))
        .await
        .unwrap();
    // Nothing of what was refused is stored.
    let mode: String = bench
        .one("SELECT mode FROM conversations WHERE id = $1", &[&c[2].0])
        .await;
    assert_eq!(mode, "bot");
    // Somebody decides to exceed it; then there is even less room.
    bench
        .commit(&one, to(&one, led(c[2], ana), 0, false))
        .await
        .unwrap();
    let refused = bench
        .commit(&one, to(&one, waiting(c[3], Some(ana)), 0, true))
        .await;
    assert_eq!(refused, Err(full));
    bench
        .commit(&one, to(&one, waiting(c[1], None), 1, true))
        .await
        .unwrap();
    bench
        .commit(&one, to(&one, waiting(c[2], None), 1, true))
        .await
        .unwrap();
    bench
        .commit(&one, to(&one, waiting(c[3], Some(ana)), 0, true))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_as_many_fit_as_there_is_room() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let (ana, bia) = (
        staff(&bench, &one, "attendant").await,
        staff(&bench, &one, "attendant").await,
    );
    attendance(&bench, &one, ana, "capacity = 3").await;
    let c = fresh(&bench, &one, 40).await;
    // Mostly one batch: they are counted with each other.
    let drafts = c.iter().enumerate().map(|(n, conversation)| {
        let user = if n % 2 == 0 { ana } else { bia };
        let state = match n % 4 {
            0 | 1 => led(*conversation, user),
            _ => waiting(*conversation, Some(user)),
        };
        bench.commit(&one, to(&one, state, 0, true))
    });
    let outcomes = join_all(drafts).await;
    for (user, capacity) in [(ana, 3), (bia, 5)] {
        let held: i64 = bench
            .one(
                "SELECT count(*) FROM conversations WHERE $1 IN (assigned_user_id, offered_user_id)",
                &[&user.0],
            )
            .await;
        assert_eq!(held, i64::from(capacity));
        let full = Err(CommitError::Refused(Rejection::AtCapacity {
            user,
            capacity,
        }));
        let refused = outcomes.iter().filter(|outcome| **outcome == full).count();
        assert_eq!(i64::try_from(refused).unwrap(), 20 - held);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_or_cannot_do_it_gets_nothing() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let ana = staff(&bench, &one, "attendant").await;
    let c = fresh(&bench, &one, 1).await;
    let ask = |skills: &[&str]| {
        let skills = skills.iter().map(|skill| (*skill).to_owned()).collect();
        to(&one, led(c[0], ana), 0, false).with(|commit| {
            commit.slot = Some(Slot { user: ana, skills });
        })
    };
    attendance(&bench, &one, ana, "skills = '{ingles}'").await;
    let refused = bench.commit(&one, ask(&["ingles", "boletos"])).await;
    let missing = Rejection::SkillsMissing {
        user: ana,
        skills: vec!["boletos".to_owned()],
    };
    assert_eq!(refused, Err(CommitError::Refused(missing)));
    attendance(&bench, &one, ana, "availability = 'away'").await;
    let refused = bench.commit(&one, ask(&["ingles"])).await;
    let away = Rejection::AttendantAway { user: ana };
    assert_eq!(refused, Err(CommitError::Refused(away)));
    attendance(&bench, &one, ana, "availability = 'available'").await;
    bench.commit(&one, ask(&["ingles"])).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_knows_its_staff() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 1).await);
    let ana = staff(&bench, &one, "attendant").await;
    let boss = staff(&bench, &one, "supervisor").await;
    for (tenant, role) in [(&one, "member"), (&two, "attendant")] {
        staff(&bench, tenant, role).await;
    }
    let sales = DepartmentId(Uuid::now_v7());
    bench
        .admin
        .batch_execute(&format!(
            "INSERT INTO departments (tenant_id, id, name, strategy, offer_seconds, skills)
                 VALUES ('{0}', '{1}', 'Vendas', 'least_busy', 45, '{{ingles}}');
             INSERT INTO user_departments VALUES ('{0}', '{2}', '{1}');",
            one.id, sales, ana,
        ))
        .await
        .unwrap();
    attendance(
        &bench,
        &one,
        ana,
        "capacity = 9, availability = 'away', skills = '{a,b}'",
    )
    .await;
    let record = bench.store.load_tenant(one.id).await.unwrap();
    let routing = &record.departments[0].routing;
    assert_eq!(
        (routing.strategy.name(), routing.offer_seconds),
        ("least_busy", 45)
    );
    assert_eq!(routing.skills, ["ingles"]);
    let mut people = record.people;
    people.sort_by_key(|person| person.user);
    let known: Vec<_> = people
        .iter()
        .map(|p| (p.user, p.role, p.capacity))
        .collect();
    assert_eq!(
        known,
        [(ana, Role::Attendant, 9), (boss, Role::Supervisor, 5)]
    );
    assert_eq!(people[0].availability, Availability::Away);
    assert_eq!(
        (&people[0].departments[..], people[0].skills.len()),
        (&[sales][..], 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_starts_from_what_is_stored() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 1).await);
    let ana = staff(&bench, &one, "attendant").await;
    let c = fresh(&bench, &one, 3).await;
    let theirs = bench.conversation(&two, "5511999990001").await;
    let asked = waiting(c[0], Some(ana));
    bench
        .commit(&one, to(&one, asked.clone(), 0, false))
        .await
        .unwrap();
    bench
        .commit(&one, to(&one, led(c[1], ana), 0, false))
        .await
        .unwrap();
    bench
        .commit(&two, to(&two, waiting(theirs, None), 0, false))
        .await
        .unwrap();
    bench
        .run(
            "INSERT INTO handoffs (tenant_id, id, conversation_id, priority, reason, requested_by,
                                   requested_at, status, assigned_user_id, assigned_at)
             VALUES ($1, gen_random_uuid(), $2, 'low', 'staff', 'user', now(), 'assigned', $3, now())",
            &[&one.id.0, &c[2].0, &ana.0],
        )
        .await;
    // Hours ago, a session was opened. Of the third: one who passed it on, and one who ended it;
    // one that was put away meanwhile; one that is too old. The second still runs.
    bench
        .run(
            "INSERT INTO service_sessions (tenant_id, conversation_id, session, channel_id, opened_at,
                 transfers, inbound, bot, staff, stretches)
             SELECT $1, c, s, $2, now() - interval '9 hours', 0, 0, 0, 0, 0
             FROM unnest($3::uuid[]) c, generate_series(1, 3) s",
            &[&one.id.0, &one.channel.0, &vec![c[1].0, c[2].0]],
        )
        .await;
    bench
        .run(
            "INSERT INTO attendance_stretches (tenant_id, conversation_id, session, number, channel_id,
                 user_id, began_at, ended_at, end_kind, sent, away_seconds)
             SELECT $1, u.c, u.s, u.n, $2, $3, now() - u.began * interval '1 minute',
                    now() - u.ended * interval '1 minute', u.how, 1, u.away
             FROM (VALUES ($5::uuid, 1, 1, 400, 380, 'closed', 0), ($5, 2, 1, 90, 80, 'returned', 0),
                          ($5, 2, 2, 70, 65, 'transferred', 0), ($5, 2, 3, 65, 60, 'closed', 0),
                          ($5, 3, 1, 50, 10, 'closed', 600),
                          ($4::uuid, 3, 1, 70, 60, 'requeued', 0), ($4, 3, 2, 30, 20, 'transferred', 0),
                          ($4, 3, 3, 20, NULL, NULL, 0)) AS u(c, s, n, began, ended, how, away)",
            &[&one.id.0, &one.channel.0, &ana.0, &c[1].0, &c[2].0],
        )
        .await;
    let desk = bench.store.load_desk(one.id).await.unwrap();
    assert_eq!(desk.waiting, [asked]);
    assert!(
        matches!(desk.led[..], [Led { conversation, user, department: None, paused: false, .. }]
        if conversation == c[1] && user == ana)
    );
    let half_an_hour: bool = bench
        .one(
            "SELECT now() - interval '31 minutes' < $1::timestamptz
                    AND $1::timestamptz <= now() - interval '30 minutes'",
            &[&desk.led[0].since],
        )
        .await;
    assert!(half_an_hour, "the session is older");
    // Of the last two hours, oldest first.
    let took: Vec<_> = desk
        .services
        .iter()
        .map(|(_, s)| s.took.num_minutes())
        .collect();
    assert_eq!(took, [10, 10, 10]);
    assert_eq!(desk.given.len(), 1);
    assert_eq!(desk.dismissed, []);
    bench.run("UPDATE users SET is_active = false", &[]).await;
    let desk = bench.store.load_desk(one.id).await.unwrap();
    assert_eq!(desk.dismissed, [ana]);
}
