//! The socket of a link. It listens to what the server says for one thing: diesel passes on the
//! text of a refusal and drops its SQLSTATE, without which a deadlock, a value that cannot be
//! stored and a full disk look alike. Nothing is changed on the way, and no text is kept.

use socket2::{SockRef, TcpKeepalive};
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_postgres::config::{Config, Host};

/// Refusals that nobody asked for yet; more than a pipeline can bring.
const KEPT: usize = 64;
/// Most bytes of one refusal. Its code and its message come first.
const LONGEST: usize = 64 * 1024;
const DEFAULT_PORT: u16 = 5432;

/// What the server named when it refused something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// SQLSTATE.
    pub(crate) code: String,
    /// Where in the server's source it was refused.
    pub(crate) routine: String,
}

/// The refusals of one connection, found again by their message. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals {
    /// By a hash: a message may hold somebody's words.
    heard: Arc<Mutex<VecDeque<(u64, Refusal)>>>,
}

impl Refusals {
    /// What came with `message`. Two refusals of the same message have the same code.
    pub(crate) fn take(&self, message: &str) -> Option<Refusal> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(message.as_bytes());
        let place = heard.iter().position(|(of, _)| *of == key)?;
        heard.remove(place).map(|(_, refusal)| refusal)
    }

    fn note(&self, body: &[u8]) {
        let mut message: &[u8] = &[];
        let mut refusal = Refusal::default();
        // Fields of a letter and a text, each with a NUL at its end.
        for field in body.split(|byte| *byte == 0) {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            match field {
                [b'M', bytes @ ..] => message = bytes,
                [b'C', bytes @ ..] => refusal.code = text(bytes),
                [b'R', bytes @ ..] => refusal.routine = text(bytes),
                _ => {}
            }
        }
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.len() >= KEPT {
            heard.pop_front();
        }
        heard.push_back((key(message), refusal));
    }
}

fn key(message: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    message.hash(&mut hasher);
    hasher.finish()
}

/// Finds the refusals among the server's messages, however they are cut. A message is a letter,
/// its length without the letter in four bytes, and a body.
#[derive(Debug, Default)]
struct Ear {
    head: Vec<u8>,
    /// Bytes of the body to come.
    left: usize,
    /// The body so far, if it is a refusal's.
    refusal: Option<Vec<u8>>,
    refusals: Refusals,
}

const HEAD: usize = 5;

impl Ear {
    fn hear(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let wanted = if self.left == 0 {
                HEAD - self.head.len()
            } else {
                self.left
            };
            let (now, later) = bytes.split_at(wanted.min(bytes.len()));
            bytes = later;
            if self.left == 0 {
                self.head.extend_from_slice(now);
                self.begin();
            } else {
                self.left -= now.len();
                self.go_on(now);
            }
        }
    }

    fn begin(&mut self) {
        if let [letter, a, b, c, d] = *self.head.as_slice() {
            let length = u32::from_be_bytes([a, b, c, d]).saturating_sub(4);
            self.left = usize::try_from(length).unwrap_or(usize::MAX);
            self.refusal = (letter == b'E').then(Vec::new);
            self.head.clear();
        }
    }

    fn go_on(&mut self, part: &[u8]) {
        if let Some(body) = &mut self.refusal {
            let room = LONGEST.saturating_sub(body.len());
            body.extend(part.iter().take(room));
        }
        if self.left == 0
            && let Some(body) = self.refusal.take()
        {
            self.refusals.note(&body);
        }
    }
}

/// A socket to the server.
trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

/// The socket that listens.
pub(crate) struct Wire {
    socket: Box<dyn Socket>,
    ear: Ear,
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let done = ready!(Pin::new(&mut this.socket).poll_read(cx, buffer));
        this.ear
            .hear(buffer.filled().get(before..).unwrap_or_default());
        Poll::Ready(done)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

/// Connects to the first server of `config` that answers; what it refuses goes to `refusals`.
pub(crate) async fn dial(config: &Config, refusals: &Refusals) -> io::Result<Wire> {
    let limit = config.get_connect_timeout().copied();
    let mut last = io::Error::new(io::ErrorKind::InvalidInput, "no host to connect to");
    for (place, host) in config.get_hosts().iter().enumerate() {
        let ports = config.get_ports();
        let port = ports.get(place).or(ports.first()).copied();
        let opening = open(config, host, place, port.unwrap_or(DEFAULT_PORT));
        let opened = match tokio::time::timeout(limit.unwrap_or(Duration::MAX), opening).await {
            Ok(opened) => opened,
            Err(_elapsed) => Err(io::ErrorKind::TimedOut.into()),
        };
        match opened {
            Ok(socket) => {
                let ear = Ear {
                    refusals: refusals.clone(),
                    ..Ear::default()
                };
                return Ok(Wire { socket, ear });
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn open(
    config: &Config,
    host: &Host,
    place: usize,
    port: u16,
) -> io::Result<Box<dyn Socket>> {
    let stream = match (host, config.get_hostaddrs().get(place)) {
        (Host::Unix(folder), _) => {
            let path = folder.join(format!(".s.PGSQL.{port}"));
            return Ok(Box::new(UnixStream::connect(path).await?));
        }
        (Host::Tcp(_), Some(address)) => TcpStream::connect((*address, port)).await?,
        (Host::Tcp(name), None) => TcpStream::connect((name.as_str(), port)).await?,
    };
    stream.set_nodelay(true)?;
    let socket = SockRef::from(&stream);
    if config.get_keepalives() {
        let keepalive = TcpKeepalive::new().with_time(config.get_keepalives_idle());
        socket.set_tcp_keepalive(&keepalive)?;
    }
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(config.get_tcp_user_timeout().copied())?;
    Ok(Box::new(stream))
}

#[cfg(test)]
mod tests {
    use super::{Ear, KEPT, Refusal, Refusals};

    fn message(letter: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[letter][..], &length.to_be_bytes(), body].concat()
    }

    fn refusal(code: &str, message_text: &str) -> Vec<u8> {
        let fields = format!("SERROR\0VERROR\0C{code}\0M{message_text}\0Rsomewhere\0\0");
        message(b'E', fields.as_bytes())
    }

    #[test]
    fn refusals_are_found_however_the_bytes_are_cut() {
        let row = b"E\0\0\0\x08not a refusal, but the inside of a row";
        let said = [
            message(b'1', b""),
            message(b'D', row),
            refusal("55P03", "wait"),
            message(b'Z', b"E"),
            refusal("22P05", "bad\u{e9}"),
            message(b'Z', b"I"),
        ]
        .concat();
        for size in 1..=said.len() {
            let refusals = Refusals::default();
            let mut ear = Ear {
                refusals: refusals.clone(),
                ..Ear::default()
            };
            said.chunks(size).for_each(|part| ear.hear(part));
            let code = |text| refusals.take(text).map(|refusal| refusal.code);
            assert_eq!(code("bad\u{e9}").as_deref(), Some("22P05"), "cut at {size}");
            assert_eq!(code("wait").as_deref(), Some("55P03"), "cut at {size}");
            assert_eq!(code("wait"), None, "taken once");
        }
    }

    #[test]
    fn what_nobody_asks_for_is_forgotten() {
        let refusals = Refusals::default();
        let mut ear = Ear {
            refusals: refusals.clone(),
            ..Ear::default()
        };
        for number in 0..=KEPT {
            ear.hear(&refusal("40P01", &number.to_string()));
        }
        assert_eq!(refusals.take("0"), None);
        let expected = Refusal {
            code: "40P01".to_owned(),
            routine: "somewhere".to_owned(),
        };
        assert_eq!(refusals.take(&KEPT.to_string()), Some(expected));
    }
}
