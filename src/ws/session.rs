//! One socket, and the only file that knows `actix_web_actors` (docs/adr/0002). Its actor is
//! the body of an HTTP response: it runs only while the peer takes bytes. A peer that stops
//! reading freezes it, timers included; so nothing outside ever waits for it, what comes for it
//! is bounded, and whatever may have happened meanwhile (a cut, an expired token) is looked at
//! before every write. It translates frames and owns nothing of the business.

mod arrival;
mod asking;
mod outflow;

use super::Sockets;
use super::gate::Proof;
use super::guard::{Guarded, Intake};
use super::pace::{Pace, Typing};
use super::protocol::{Farewell, SUBPROTOCOL};
use super::seats::Seat;
use crate::auth::CurrentUser;
use crate::error::AuthFault;
use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Handler, Running, SpawnHandle,
    StreamHandler, WrapFuture, fut,
};
use actix_http::ws::Item;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{
    CloseCode, CloseReason, Message, ProtocolError, WebsocketContext, WsResponseBuilder,
};
use bytestring::ByteString;
use outflow::{Outflow, Waiting};
use papo_actors::{CutFlag, SocketId, ToSocket, Viewer};
use papo_domain::ConversationId;
use secrecy::SecretString;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long the peer has to take our farewell before the connection goes.
const FAREWELL: Duration = Duration::from_secs(2);
/// How often it is looked up whether the login still stands and may do what it did. Changes made
/// on this node cut at once; this is for all others.
const RECHECK: Duration = Duration::from_secs(60);

type Ctx = WebsocketContext<Session>;

/// What came with the handshake.
pub(super) struct Entry {
    pub(super) token: Option<SecretString>,
    pub(super) tenant: Option<String>,
}

/// Makes the connection a socket.
pub(super) fn start(
    sockets: Arc<Sockets>,
    entry: Entry,
    req: &HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let limit = sockets.settings.max_frame;
    let (payload, intake) = Guarded::new(payload, limit);
    let session = Session::new(sockets, entry, intake);
    WsResponseBuilder::new(session, req, payload)
        .protocols(&[SUBPROTOCOL])
        .frame_size(limit)
        .start()
}

struct Session {
    sockets: Arc<Sockets>,
    entry: Entry,
    id: SocketId,
    cut: CutFlag,
    stage: Stage,
    /// Who it is; set once the proof was accepted.
    guest: Option<Guest>,
    /// When the client was last heard.
    heard: Instant,
    pace: Pace,
    typing: Typing,
    /// The parts of a message that comes in several frames.
    parts: Option<Vec<u8>>,
    waiting: Waiting,
    /// Ends a client that is not greeted in time, or before the server goes.
    unwelcome: Option<SpawnHandle>,
    intake: Rc<Intake>,
    _counted: Counted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was said yet.
    New,
    /// It said hello; the greeting is on its way.
    Greeting,
    /// It follows the stream.
    Open,
    /// It was told farewell.
    Closing,
}

struct Guest {
    user: CurrentUser,
    viewer: Viewer,
    proof: Proof,
    expires: Instant,
    joined: HashSet<ConversationId>,
    /// Asked for; whether they may be seen is being looked up.
    joining: HashSet<ConversationId>,
    _seat: Seat,
}

/// Counts the socket as long as it lives.
struct Counted;

impl Counted {
    fn new() -> Self {
        metrics::gauge!("papo_ws_connections").increment(1.0);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("papo_ws_connections").decrement(1.0);
    }
}

impl Session {
    fn new(sockets: Arc<Sockets>, entry: Entry, intake: Rc<Intake>) -> Self {
        let now = Instant::now();
        Self {
            id: sockets.next_id(),
            pace: Pace::per_second(sockets.settings.client_frames_per_second, now),
            sockets,
            entry,
            cut: CutFlag::default(),
            stage: Stage::New,
            guest: None,
            heard: now,
            typing: Typing::default(),
            parts: None,
            waiting: Waiting::new(),
            unwelcome: None,
            intake,
            _counted: Counted::new(),
        }
    }

    /// Whether anything may be written. If not, the farewell is said here. Every write asks
    /// first: while the peer did not read, nobody could tell this actor anything.
    fn may_write(&mut self, ctx: &mut Ctx) -> bool {
        if self.stage == Stage::Closing {
            return false;
        }
        let expired = |guest: &Guest| guest.expires <= Instant::now();
        if let Some(reason) = self.cut.reason() {
            self.close(reason.into(), ctx);
        } else if self.guest.as_ref().is_some_and(expired) {
            self.close(Farewell::of(AuthFault::Expired), ctx);
        }
        self.stage != Stage::Closing
    }

    fn write(&mut self, text: ByteString, ctx: &mut Ctx) {
        if self.may_write(ctx) {
            metrics::counter!("papo_ws_frames_total", "direction" => "out").increment(1);
            ctx.text(text);
        }
    }

    /// Says farewell, and goes once the peer has answered or had its time.
    fn close(&mut self, farewell: Farewell, ctx: &mut Ctx) {
        if self.stage == Stage::Closing {
            return;
        }
        self.stage = Stage::Closing;
        self.waiting = Waiting::new();
        self.detach();
        let user = self.guest.as_ref().map(|guest| guest.user.id);
        tracing::debug!(user.id = ?user, socket.id = self.id.0, code = farewell.code,
            reason = farewell.reason, "socket closed");
        metrics::counter!("papo_ws_closed_total", "code" => farewell.code.to_string()).increment(1);
        ctx.close(Some(CloseReason {
            code: CloseCode::from(farewell.code),
            description: Some(farewell.reason.to_owned()),
        }));
        ctx.run_later(FAREWELL, |_, ctx| ctx.stop());
    }

    fn detach(&self) {
        if let Some(guest) = &self.guest {
            self.sockets.feed.detach(&guest.viewer, self.id);
        }
    }

    fn beat(&mut self, ctx: &mut Ctx) {
        if !self.may_write(ctx) {
            return;
        }
        if self.heard.elapsed() > self.sockets.settings.idle_timeout {
            self.close(Farewell::IDLE, ctx);
        } else {
            ctx.ping(b"");
        }
    }

    /// A message that comes in parts counts as one of the same greatest length.
    fn gather(&mut self, item: Item, ctx: &mut Ctx) {
        let limit = self.sockets.settings.max_frame;
        let (bytes, last) = match (item, &mut self.parts) {
            (Item::FirstText(bytes), parts @ None) => {
                *parts = Some(Vec::new());
                (bytes, false)
            }
            (Item::Continue(bytes), Some(_)) => (bytes, false),
            (Item::Last(bytes), Some(_)) => (bytes, true),
            (Item::FirstBinary(_), _) => return self.close(Farewell::BINARY, ctx),
            _ => return self.close(Farewell::PROTOCOL, ctx),
        };
        let Some(parts) = &mut self.parts else { return };
        if parts.len() + bytes.len() > limit {
            return self.close(Farewell::TOO_LONG, ctx);
        }
        parts.extend_from_slice(&bytes);
        if last {
            match String::from_utf8(self.parts.take().unwrap_or_default()) {
                Ok(text) => self.read(&text, ctx),
                Err(_) => self.close(Farewell::PROTOCOL, ctx),
            }
        }
    }
}

impl Actor for Session {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        let sockets = Arc::clone(&self.sockets);
        let settings = &sockets.settings;
        ctx.set_mailbox_capacity(settings.socket_queue);
        ctx.spawn(Outflow);
        ctx.run_interval(settings.ping_interval, Self::beat);
        ctx.run_interval(RECHECK, Self::recheck);
        let limit = settings.hello_timeout;
        // One future for both, and none once the client is in.
        let ends = async move { timeout(limit, sockets.closing.cancelled()).await.is_ok() };
        let ends = ends.into_actor(self).map(|closing, actor, ctx| {
            let farewell = match actor.stage {
                Stage::Open | Stage::Closing => return,
                Stage::New | Stage::Greeting if closing => Farewell::AWAY,
                Stage::New => Farewell::of(AuthFault::Missing),
                Stage::Greeting => Farewell::BUSY,
            };
            actor.close(farewell, ctx);
        });
        self.unwelcome = Some(ctx.spawn(ends));
    }

    fn stopping(&mut self, _: &mut Ctx) -> Running {
        if self.stage != Stage::Closing {
            self.stage = Stage::Closing;
            self.detach();
        }
        Running::Stop
    }
}

impl Handler<ToSocket> for Session {
    type Result = ();

    fn handle(&mut self, ToSocket { texts, revoked }: ToSocket, ctx: &mut Ctx) {
        for conversation in revoked {
            self.forget_joined(conversation);
        }
        if self.may_write(ctx) {
            // The first thing the engine sends is the greeting.
            self.stage = Stage::Open;
            if let Some(unwelcome) = self.unwelcome.take() {
                ctx.cancel_future(unwelcome);
            }
            self.waiting.extend(texts);
        }
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Session {
    fn handle(&mut self, message: Result<Message, ProtocolError>, ctx: &mut Ctx) {
        self.intake.handled();
        let Ok(message) = message else {
            let farewell = if self.intake.too_long() {
                Farewell::TOO_LONG
            } else {
                Farewell::PROTOCOL
            };
            self.close(farewell, ctx);
            // What comes after a broken frame means nothing: nothing is read any more.
            return ctx.wait(fut::wrap_future::<_, Self>(actix_rt::time::sleep(FAREWELL)));
        };
        if self.stage == Stage::Closing {
            if matches!(message, Message::Close(_)) {
                ctx.stop();
            }
            return;
        }
        self.heard = Instant::now();
        metrics::counter!("papo_ws_frames_total", "direction" => "in").increment(1);
        if !self.pace.take(self.heard) {
            return self.close(Farewell::TOO_FAST, ctx);
        }
        match message {
            Message::Text(text) => self.read(&text, ctx),
            Message::Continuation(item) => self.gather(item, ctx),
            Message::Binary(_) => self.close(Farewell::BINARY, ctx),
            Message::Ping(data) => {
                if self.may_write(ctx) {
                    ctx.pong(&data);
                }
            }
            Message::Close(_) => {
                self.close(Farewell::GOODBYE, ctx);
                ctx.stop();
            }
            Message::Pong(_) | Message::Nop => {}
        }
    }
}
