//! Carries a connection that asks to become a socket. The framework's dispatcher keeps two
//! buffers of 8 KiB for every connection for as long as it lives; sockets live for a working day
//! and are quiet for most of it, so they are taken over here and hold none. The application
//! answers the request as any other; what follows the answer's head is written as the peer takes
//! it, and the peer's bytes are read when somebody wants them. Nothing here knows frames.

use actix_codec::{Framed, FramedParts};
use actix_http::body::{BoxBody, MessageBody};
use actix_http::h1::{Codec, Message};
use actix_http::header::{CONTENT_LENGTH, UPGRADE};
use actix_http::{ConnectionType, Method, Payload, Request, Response, StatusCode};
use actix_service::apply_fn_factory;
use actix_web::dev::{Service as _, ServiceFactory};
use actix_web::error::PayloadError;
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use bytes::BytesMut;
use futures_util::Stream;
use socket2::SockRef;
use std::future::poll_fn;
use std::io;
use std::net::Shutdown;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio_util::codec::Encoder as _;

/// A peer that is refused while it still sends is read for so long, or the rest would make the
/// kernel throw the answer away.
pub const LAST_WORDS: Duration = Duration::from_secs(1);
/// Bytes read at once. Clients' frames are small.
const PORTION: usize = 4 << 10;

/// A request that asks for another protocol, and its connection.
pub type Upgrading = (Request, Framed<TcpStream, Codec>);

/// The service for such connections, for `HttpServiceBuilder::upgrade`. `application` answers
/// them; if it does not switch protocols, its answer is written and the connection closed.
pub fn carrier<F, B>(
    application: F,
) -> impl ServiceFactory<Upgrading, Config = (), Response = (), Error = F::Error, InitError = F::InitError>
where
    F: ServiceFactory<Request, Config = ()>,
    F::Response: Into<Response<B>>,
    F::Error: Into<Response<BoxBody>>,
    B: MessageBody + 'static,
{
    apply_fn_factory(
        application,
        |(mut request, framed): Upgrading, application: &F::Service| {
            let FramedParts {
                io,
                codec,
                read_buf,
                write_buf,
                ..
            } = framed.into_parts();
            let io = Rc::new(io);
            *request.payload() = if may_switch(&request) {
                Payload::Stream {
                    payload: Box::pin(Incoming::new(Rc::clone(&io), &read_buf)),
                }
            } else {
                request.head_mut().headers_mut().remove(UPGRADE);
                Payload::None
            };
            // In its box, since it is gone long before the connection is.
            let answer = Box::pin(application.call(request));
            async move {
                let answer = match answer.await {
                    Ok(answer) => answer.into().map_into_boxed_body(),
                    Err(error) => error.into(),
                };
                if let Err(error) = carry(&io, codec, write_buf, answer).await {
                    tracing::debug!(%error, "a connection broke off");
                }
                Ok(())
            }
        },
    )
}

/// A socket begins with a GET without a body. Whatever else names the protocol is answered as a
/// request that does not, with nothing in its body: the framework does not say where it ends.
fn may_switch(request: &Request) -> bool {
    let length = request.head().headers().get(CONTENT_LENGTH);
    request.method() == Method::GET && length.is_none_or(|length| length == "0")
}

/// Answers. A socket's connection ends with its answer; whoever is refused is heard out for a
/// moment, or what it still sends would make the kernel throw the answer away.
async fn carry(
    io: &TcpStream,
    codec: Codec,
    out: BytesMut,
    mut answer: Response<BoxBody>,
) -> io::Result<()> {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return write_answer(io, codec, out, answer).await;
    }
    // What else the peer may have sent is not looked at, so nothing can follow.
    let head = answer.head_mut();
    head.set_connection_type(ConnectionType::Close);
    head.no_chunking(true);
    write_answer(io, codec, out, answer).await?;
    SockRef::from(io).shutdown(Shutdown::Write)?;
    let rest = timeout(LAST_WORDS, pass_over(io)).await;
    rest.unwrap_or(Ok(()))
}

/// Writes the answer, and what follows its head, at the peer's pace. Ends when the answer does.
async fn write_answer(
    io: &TcpStream,
    mut codec: Codec,
    mut out: BytesMut,
    answer: Response<BoxBody>,
) -> io::Result<()> {
    let (head, body) = answer.into_parts();
    codec.encode(Message::Item((head, body.size())), &mut out)?;
    write(io, &out).await?;
    drop((out, codec));
    let mut body = pin!(body);
    while let Some(bytes) = poll_fn(|cx| body.as_mut().poll_next(cx)).await {
        let bytes = bytes.map_err(|error| io::Error::other(error.to_string()))?;
        write(io, &bytes).await?;
    }
    Ok(())
}

/// Reads to the end and keeps nothing.
async fn pass_over(io: &TcpStream) -> io::Result<()> {
    loop {
        poll_fn(|cx| io.poll_read_ready(cx)).await?;
        // Not kept across the wait, or every connection would hold it.
        let mut buffer = [0; PORTION];
        match io.try_read(&mut buffer) {
            Ok(0) => return Ok(()),
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
}

async fn write(io: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        poll_fn(|cx| io.poll_write_ready(cx)).await?;
        match io.try_write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What the peer sends, read when it is asked for. Whoever asks decides how much there can be.
struct Incoming {
    io: Rc<TcpStream>,
    /// What came together with the request.
    early: Bytes,
}

impl Incoming {
    fn new(io: Rc<TcpStream>, early: &[u8]) -> Self {
        let early = Bytes::copy_from_slice(early);
        Self { io, early }
    }
}

impl Stream for Incoming {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.early.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.early))));
        }
        let mut buffer = [0; PORTION];
        loop {
            ready!(self.io.poll_read_ready(cx))?;
            match self.io.try_read(&mut buffer) {
                Ok(0) => return Poll::Ready(None),
                Ok(read) => {
                    let bytes = buffer.get(..read).unwrap_or_default();
                    return Poll::Ready(Some(Ok(Bytes::copy_from_slice(bytes))));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Codec, Response, carry};
    use actix_http::ServiceConfig;
    use actix_web::rt::net::TcpStream;
    use bytes::BytesMut;

    #[actix_web::test]
    async fn a_connection_holds_next_to_nothing() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let io = TcpStream::connect(address).await.unwrap();
        let codec = Codec::new(ServiceConfig::default());
        let carried = carry(&io, codec, BytesMut::new(), Response::ok());
        assert!(size_of_val(&carried) < 1_024, "{}", size_of_val(&carried));
    }
}
