//! The desk at work: who is here is asked, and what they are asked finds an end whatever happens.

use super::fanout::{Connected, attach};
use super::{PHONE, Rig, ana, bruno};
use crate::api::{Dispatch, DispatchError, Outcome};
use crate::attendant::SocketId;
use crate::testing::{Fault, Site, World};
use papo_domain::conversation::{Command, Mode, Owner, Rejection};
use papo_domain::routing::{Attendant, Availability, Routing, Strategy};
use papo_domain::{ConversationId, HandoffId, Role, UserId};
use std::sync::atomic::Ordering;
use std::time::Duration;

const OTHER: &str = "5511977776666";

fn attendant(user: UserId) -> Attendant {
    Attendant {
        user,
        name: "Ana".to_owned(),
        role: Role::Attendant,
        departments: Vec::new(),
        availability: Availability::Available,
        capacity: 1,
        skills: Vec::new(),
    }
}

/// A shop whose queue is handed out in turn to Ana and Bruno, who can take one each.
async fn shop() -> Rig {
    tokio::time::pause();
    let world = World::new();
    let shop = world.tenant("shop");
    world.change_tenant(&shop, |record| {
        record.policy.routing = Routing {
            strategy: Strategy::RoundRobin,
            ..Routing::default()
        };
        record.people = vec![attendant(ana()), attendant(bruno())];
    });
    Rig::on(world, shop, "a", |_| {}).await
}

impl Rig {
    /// A customer asks for a person.
    async fn asks(&self, phone: &str) -> ConversationId {
        for text in ["oi", "atendente"] {
            self.world.inbound_text(&self.shop, phone, text);
            self.world.settle().await;
        }
        self.run(1).await;
        self.world.open(&self.shop, phone)
    }

    async fn run(&self, seconds: u64) {
        self.world.run_for(Duration::from_secs(seconds)).await;
    }

    async fn comes(&self, user: UserId) -> (Connected, SocketId) {
        attach(self, user, Role::Attendant, None, false)
            .await
            .unwrap()
    }

    /// Who is being asked.
    fn asked(&self, conversation: ConversationId) -> Option<UserId> {
        let offer = self.world.state(conversation).offer();
        offer.map(|offer| offer.to)
    }

    fn leads(&self, conversation: ConversationId) -> Option<UserId> {
        match self.world.state(conversation).mode {
            Mode::Human {
                owner: Owner::User(user),
                ..
            } => Some(user),
            _ => None,
        }
    }

    fn handoff(&self, conversation: ConversationId) -> HandoffId {
        match self.world.state(conversation).mode {
            Mode::Waiting { handoff, .. } => handoff,
            mode => panic!("{mode:?}"),
        }
    }

    async fn orders(
        &self,
        conversation: ConversationId,
        command: Command,
    ) -> Result<Outcome, DispatchError> {
        let dispatch = Dispatch {
            tenant: self.shop.id,
            conversation,
            command,
            idempotency: None,
        };
        let outcome = self.engine.dispatch(dispatch).await;
        self.run(1).await;
        outcome
    }

    async fn accepts(&self, conversation: ConversationId, by: UserId) {
        let handoff = self.handoff(conversation);
        let name = "Ana".to_owned();
        let yes = Command::AcceptOffer { by, handoff, name };
        self.orders(conversation, yes).await.unwrap();
    }
}

fn close(by: UserId) -> Command {
    Command::Close {
        by,
        force: true,
        handoff: None,
        resolution: None,
        satisfaction: None,
    }
}

#[actix::test]
async fn who_is_here_is_asked_and_leads_when_they_accept() {
    let rig = shop().await;
    let first = rig.asks(PHONE).await;
    assert_eq!(rig.asked(first), None, "nobody is here");
    let (_ana, _) = rig.comes(ana()).await;
    rig.run(1).await;
    assert_eq!(rig.asked(first), Some(ana()));
    // She has no room for a second one, also not while she is only asked.
    let second = rig.asks(OTHER).await;
    assert_eq!(rig.asked(second), None);
    rig.accepts(first, ana()).await;
    assert_eq!((rig.leads(first), rig.asked(second)), (Some(ana()), None));
    rig.orders(first, close(ana())).await.unwrap();
    assert_eq!(rig.asked(second), Some(ana()));
}

#[actix::test]
async fn who_says_nothing_or_no_is_followed_by_the_next() {
    let rig = shop().await;
    let conversation = rig.asks(PHONE).await;
    let (_ana, _) = rig.comes(ana()).await;
    let (_bruno, _) = rig.comes(bruno()).await;
    rig.run(1).await;
    assert_eq!(rig.asked(conversation), Some(ana()));
    rig.run(30).await;
    assert_eq!(rig.asked(conversation), Some(bruno()));
    let (by, handoff) = (bruno(), rig.handoff(conversation));
    let no = Command::RejectOffer { by, handoff };
    rig.orders(conversation, no).await.unwrap();
    assert_eq!(
        rig.asked(conversation),
        None,
        "both are left alone for a while"
    );
    rig.run(60).await;
    assert_eq!(rig.asked(conversation), Some(ana()));
}

#[actix::test]
async fn who_goes_for_longer_than_a_moment_is_not_waited_for() {
    let rig = shop().await;
    let conversation = rig.asks(PHONE).await;
    let (_ana, socket) = rig.comes(ana()).await;
    let (_bruno, _) = rig.comes(bruno()).await;
    rig.run(1).await;
    assert_eq!(rig.asked(conversation), Some(ana()));
    rig.engine.detach(rig.shop.id, ana(), socket);
    rig.run(5).await;
    assert_eq!(
        rig.asked(conversation),
        Some(ana()),
        "a lost connection comes back"
    );
    rig.run(10).await;
    assert_eq!(rig.asked(conversation), Some(bruno()));
    // It is held against nobody.
    assert!(matches!(rig.world.state(conversation).mode,
        Mode::Waiting { passed_over, .. } if passed_over.is_empty()));
}

/// Ana is being asked when the process ends, and it comes back.
async fn asked_before_a_restart() -> (Rig, ConversationId) {
    let rig = shop().await;
    let conversation = rig.asks(PHONE).await;
    let (_ana, _) = rig.comes(ana()).await;
    rig.run(1).await;
    assert_eq!(rig.asked(conversation), Some(ana()));
    let rig = rig.restart().await;
    assert_eq!(rig.asked(conversation), Some(ana()));
    (rig, conversation)
}

#[actix::test]
async fn an_offer_outlives_the_process() {
    let (rig, conversation) = asked_before_a_restart().await;
    let (_again, _) = rig.comes(ana()).await;
    rig.run(15).await;
    assert_eq!(rig.asked(conversation), Some(ana()));
    rig.accepts(conversation, ana()).await;
    assert_eq!(rig.leads(conversation), Some(ana()));
}

#[actix::test]
async fn who_does_not_come_back_with_the_process_is_not_waited_for() {
    let (rig, conversation) = asked_before_a_restart().await;
    let (_bruno, _) = rig.comes(bruno()).await;
    rig.run(15).await;
    assert_eq!(rig.asked(conversation), Some(bruno()));
}

#[actix::test]
async fn nobody_comes_back_and_the_time_of_an_offer_ends_all_the_same() {
    // Nothing but what is stored is left of it.
    let (rig, conversation) = asked_before_a_restart().await;
    rig.run(40).await;
    assert_eq!(rig.asked(conversation), None);
}

#[actix::test]
async fn an_offer_that_could_not_be_stored_is_made_again() {
    let rig = shop().await;
    let conversation = rig.asks(PHONE).await;
    rig.store.faults().fail(Site::Commit, Fault::Unavailable, 1);
    let (_ana, _) = rig.comes(ana()).await;
    rig.run(1).await;
    assert_eq!(rig.asked(conversation), None);
    rig.run(10).await;
    assert_eq!(rig.asked(conversation), Some(ana()));
}

#[actix::test]
async fn who_is_away_from_now_on_is_asked_no_more_and_everybody_hears_of_it() {
    let rig = shop().await;
    let conversation = rig.asks(PHONE).await;
    let (_ana, _) = rig.comes(ana()).await;
    rig.run(1).await;
    let (colleague, _) = rig.comes(bruno()).await;
    rig.world.change_tenant(&rig.shop, |record| {
        record.people[0].availability = Availability::Away;
    });
    rig.engine.reload_tenant(rig.shop.id).await.unwrap();
    rig.run(1).await;
    assert_eq!(rig.asked(conversation), Some(bruno()));
    let told = format!("0:{}:away", ana());
    assert!(
        colleague.frames().contains(&told),
        "{:?}",
        colleague.frames()
    );
}

#[actix::test]
async fn who_pulls_gets_the_best_and_no_more_than_they_have_room_for() {
    let rig = shop().await;
    rig.world.change_tenant(&rig.shop, |record| {
        record.policy.routing.strategy = Strategy::Pull;
    });
    rig.engine.reload_tenant(rig.shop.id).await.unwrap();
    let (first, second) = (rig.asks(PHONE).await, rig.asks(OTHER).await);
    let (_ana, _) = rig.comes(ana()).await;
    rig.run(5).await;
    assert_eq!((rig.asked(first), rig.asked(second)), (None, None));
    let choices = rig.engine.choices(rig.shop.id, ana()).await.unwrap();
    let of: Vec<_> = choices
        .iter()
        .map(|(conversation, _)| *conversation)
        .collect();
    assert_eq!(of, [first, second]);
    let take = |handoff| Command::Assign {
        by: ana(),
        handoff,
        to: ana(),
        name: "Ana".to_owned(),
        force: false,
    };
    rig.orders(first, take(choices[0].1)).await.unwrap();
    let refused = rig.orders(second, take(choices[1].1)).await;
    let full = Rejection::AtCapacity {
        user: ana(),
        capacity: 1,
    };
    assert!(matches!(refused, Err(DispatchError::Rejected(why)) if why == full));
    let queues = rig.engine.queues(rig.shop.id).await.unwrap();
    assert_eq!((queues[0].waiting, queues[0].people[0].load), (1, 1));
}

impl Rig {
    /// How often the desk was worked so far.
    async fn desk_works(&self) -> u64 {
        let shared = self.engine.inside(self.shop.id).await;
        shared.desk_works.load(Ordering::Relaxed)
    }
}

#[actix::test]
async fn a_desk_rests_while_nothing_happens_and_nobody_waits() {
    let rig = shop().await;
    rig.says("oi").await;
    let (_ana, _) = rig.comes(ana()).await;
    rig.run(5).await;
    let before = rig.desk_works().await;
    // The rules and the staff are read again meanwhile, and are what they were.
    rig.run(120).await;
    assert_eq!(rig.desk_works().await, before);
    // One request that is taken at once: a handful of events, not ten looks a second.
    let conversation = rig.asks(OTHER).await;
    rig.accepts(conversation, ana()).await;
    rig.run(60).await;
    let worked = rig.desk_works().await - before;
    assert!((1..20).contains(&worked), "{worked}");
    let before = rig.desk_works().await;
    rig.run(60).await;
    assert_eq!(rig.desk_works().await, before);
}

#[actix::test]
async fn who_waits_hears_their_place_as_the_queue_moves() {
    let rig = shop().await;
    let first = rig.asks(PHONE).await;
    let second = rig.asks(OTHER).await;
    let words = |said: &str| {
        rig.gateway
            .texts()
            .iter()
            .filter(|s| s.contains(said))
            .count()
    };
    assert_eq!(words("Sua posição na fila: 2."), 1);
    rig.run(400).await;
    assert_eq!(words("Sua posição na fila"), 1, "nothing has moved");
    rig.orders(first, close(ana())).await.unwrap();
    rig.run(60).await;
    assert_eq!(words("Sua posição na fila: 1."), 1);
    rig.run(600).await;
    assert_eq!(words("Sua posição na fila"), 2);
    assert_eq!(rig.leads(second), None);
}

#[actix::test]
async fn nobody_is_asked_while_the_tenant_is_not_served() {
    let rig = shop().await;
    let serve = async |served| {
        rig.world
            .change_tenant(&rig.shop, |record| record.served = served);
        rig.engine.reload_tenant(rig.shop.id).await.unwrap();
    };
    let (_ana, _) = rig.comes(ana()).await;
    serve(false).await;
    let said = rig.gateway.texts().len();
    let conversation = rig.asks(PHONE).await;
    rig.run(60).await;
    assert_eq!(
        (rig.asked(conversation), rig.gateway.texts().len()),
        (None, said)
    );
    assert_eq!(rig.world.state(conversation).seq, 2, "what came is kept");
    serve(true).await;
    rig.run(1).await;
    assert_eq!(rig.asked(conversation), Some(ana()));
}

#[actix::test]
async fn who_waits_while_it_is_closed_is_offered_when_it_opens() {
    let rig = shop().await;
    // The clock shows nine o'clock of a Monday.
    let hours = serde_json::json!({ "weekly": { "1": ["09:10-18:00"] } });
    rig.world.change_tenant(&rig.shop, |record| {
        record.policy.business_hours = serde_json::from_value(hours).unwrap();
    });
    rig.engine.reload_tenant(rig.shop.id).await.unwrap();
    let (_ana, _) = rig.comes(ana()).await;
    let conversation = rig.asks(PHONE).await;
    rig.run(500).await;
    assert_eq!(rig.asked(conversation), None);
    rig.run(100).await;
    assert_eq!(rig.asked(conversation), Some(ana()));
}
