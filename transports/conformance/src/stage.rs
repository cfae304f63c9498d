//! What a sentence is played with: a transport, an executor, and two ends that talk.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use casty_core::transport::{Connection, Listener, Opening, Transport};
use casty_core::{Executor, millis};
use futures_lite::future;

use crate::sentence::{Failure, Verdict, ensure};

/// What a sentence is played with.
pub(crate) struct Stage {
    another: Box<dyn Fn() -> Box<dyn Executor> + Send + Sync>,
    transport: Shared,
    address: Box<dyn Fn(&str) -> String + Send + Sync>,
    calls_max: usize,
}

/// A transport for several nodes. A pointer of core's own may be another one than that of the standard library.
#[derive(Clone)]
pub(crate) struct Shared(Arc<dyn Transport>);

impl Transport for Shared {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        self.0.listen(address)
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        self.0.connect(address)
    }

    fn authenticates(&self) -> bool {
        self.0.authenticates()
    }
}

/// Two ends of a connection.
pub(crate) struct Pair {
    pub(crate) near: Box<dyn Connection>,
    pub(crate) far: Box<dyn Connection>,
    /// How many bytes were said each way.
    there: usize,
    back: usize,
}

impl Stage {
    pub(crate) fn new(
        another: impl Fn() -> Box<dyn Executor> + Send + Sync + 'static,
        transport: Box<dyn Transport>,
        address: Box<dyn Fn(&str) -> String + Send + Sync>,
        calls_max: usize,
    ) -> Self {
        Self { another: Box::new(another), transport: Shared(Arc::from(transport)), address, calls_max }
    }

    /// How many may call at once.
    pub(crate) const fn calls_max(&self) -> usize {
        self.calls_max
    }

    /// The executor, once more.
    pub(crate) fn executor(&self) -> Box<dyn Executor> {
        (self.another)()
    }

    pub(crate) fn transport(&self) -> Shared {
        self.transport.clone()
    }

    /// An address to listen at.
    pub(crate) fn address(&self, name: &str) -> String {
        (self.address)(name)
    }

    pub(crate) async fn listen(&self, name: &str) -> Result<Box<dyn Listener>, Failure> {
        Ok(self.transport.listen(&self.address(name)).await?)
    }

    /// A connection to a listener, and its other end, which have said a byte to each other: whatever a transport itself has to say first is said.
    pub(crate) async fn pair(&self, listener: &mut Box<dyn Listener>) -> Result<Pair, Failure> {
        let mut connecting = self.transport.connect(&listener.address());
        let mut far = None;
        let near = poll_fn(|cx| {
            if far.is_none()
                && let Poll::Ready(Ok(accepted)) = listener.poll_accept(cx)
            {
                far = Some(accepted);
            }
            // Who is called may have something to say before the call is through.
            far.iter_mut().for_each(|far: &mut Box<dyn Connection>| drop(far.poll_read(cx, &mut [0])));
            connecting.as_mut().poll(cx)
        });
        let near = near.await?;
        let far = match far {
            Some(far) => far,
            None => accept(listener).await?,
        };
        let mut pair = Pair { near, far, there: 0, back: 0 };
        pair.exchange(1, 1, 1).await?;
        Ok(pair)
    }

    /// Lets some time pass, in which others do what they have to do.
    pub(crate) async fn pause(&self) {
        let executor = self.executor();
        executor.sleep_until(executor.now() + millis(5)).await;
    }
}

/// The next connection, whatever became of those before it.
pub(crate) async fn accept(listener: &mut Box<dyn Listener>) -> Result<Box<dyn Connection>, Failure> {
    loop {
        if let Ok(connection) = poll_fn(|cx| listener.poll_accept(cx)).await {
            return Ok(connection);
        }
    }
}

/// The byte at that place of a stream.
pub(crate) const fn byte(stream: u8, at: usize) -> u8 {
    (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0] ^ stream
}

/// Writes that part of a stream. It may need further polls to go on its way.
pub(crate) async fn write(to: &mut Box<dyn Connection>, stream: u8, from: usize, bytes: usize) -> Verdict {
    let part: Vec<u8> = (from..from + bytes).map(|at| byte(stream, at)).collect();
    let mut left = &part[..];
    while !left.is_empty() {
        let written = poll_fn(|cx| to.poll_write(cx, left)).await?;
        ensure(written > 0, "a write took nothing")?;
        left = left.get(written..).ok_or_else(|| Failure::new("a write took more than there was"))?;
    }
    Ok(())
}

/// Reads that part of a stream, in pieces of at most so many bytes.
pub(crate) async fn read(
    from: &mut Box<dyn Connection>,
    stream: u8,
    range: std::ops::Range<usize>,
    piece: usize,
) -> Verdict {
    let (mut at, mut into) = (range.start, vec![0; piece]);
    while at < range.end {
        let most = piece.min(range.end - at);
        let read = poll_fn(|cx| from.poll_read(cx, &mut into[..most])).await?;
        ensure(read > 0, &format!("the stream ended at byte {at} instead of {}", range.end))?;
        ensure(read <= most, "a read was longer than its place")?;
        for (nth, heard) in into[..read].iter().enumerate() {
            ensure(*heard == byte(stream, at + nth), &format!("byte {} is another one", at + nth))?;
        }
        at += read;
    }
    Ok(())
}

/// Whether nothing is there to be read.
pub(crate) fn is_pending<T>(poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> bool {
    poll(&mut Context::from_waker(std::task::Waker::noop())).is_pending()
}

impl Pair {
    /// Both ends say so many bytes more to each other, at once, and hear them in pieces of at most `piece` bytes.
    ///
    /// Each end is polled for both, as a node does: what was written may need a further poll to go on its way.
    pub(crate) async fn exchange(&mut self, there: usize, back: usize, piece: usize) -> Verdict {
        let mut into = vec![0; piece];
        let mut near =
            Half { end: &mut self.near, says: THERE, said: self.there, hears: BACK, heard: self.back };
        let mut far =
            Half { end: &mut self.far, says: BACK, said: self.back, hears: THERE, heard: self.there };
        (self.there, self.back) = (self.there + there, self.back + back);
        let (there, back) = (self.there, self.back);
        poll_fn(|cx| {
            for _ in 0..ROUNDS {
                let nears = near.go_on(cx, there, back, &mut into)?;
                let fars = far.go_on(cx, back, there, &mut into)?;
                if near.heard == back && far.heard == there {
                    return Poll::Ready(Ok(()));
                }
                if !nears && !fars {
                    return Poll::Pending;
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }
}

impl Pair {
    /// Hears at the far end what was written already at the near one.
    pub(crate) async fn hear(&mut self, bytes: usize, piece: usize) -> Verdict {
        let (there, back) = (self.there, self.back);
        let mut into = vec![0; piece];
        let mut far = Half { end: &mut self.far, says: BACK, said: back, hears: THERE, heard: there - bytes };
        let mut near = Half { end: &mut self.near, says: THERE, said: there, hears: BACK, heard: back };
        poll_fn(|cx| {
            while near.go_on(cx, there, back, &mut into)? | far.go_on(cx, back, there, &mut into)? {}
            if far.heard == there { Poll::Ready(Ok(())) } else { Poll::Pending }
        })
        .await
    }
}

/// Writes from near to far until it has to wait, and longer than what is under way could take; says how much was written.
pub(crate) async fn fill(stage: &Stage, pair: &mut Pair) -> Result<usize, Failure> {
    let (begun, mut waited) = (pair.there, 0);
    while waited < 20 {
        let part: Vec<u8> = (pair.there..pair.there + 16_384).map(|at| byte(THERE, at)).collect();
        let polled = future::poll_once(poll_fn(|cx| pair.near.poll_write(cx, &part))).await;
        match polled {
            Some(written) => (pair.there, waited) = (pair.there + written?, 0),
            None => {
                stage.pause().await;
                waited += 1;
            }
        }
        ensure(pair.there - begun < 64 << 20, "it takes more than any memory has")?;
    }
    Ok(pair.there - begun)
}

/// The streams of a pair: from near to far, and back.
pub(crate) const THERE: u8 = 1;
pub(crate) const BACK: u8 = 2;
/// How much is done in a poll before others have their turn.
const ROUNDS: usize = 64;
/// As much as is written at once.
const WRITE_BYTES: usize = 9_000;

/// One end, what it says and what it hears.
struct Half<'a> {
    end: &'a mut Box<dyn Connection>,
    says: u8,
    said: usize,
    hears: u8,
    heard: usize,
}

impl Half<'_> {
    /// Says and hears some, up to these ends; says whether it has done anything.
    fn go_on(
        &mut self,
        cx: &mut Context<'_>,
        says: usize,
        hears: usize,
        into: &mut [u8],
    ) -> Result<bool, Failure> {
        let mut any = false;
        if self.said < says {
            let end = says.min(self.said + WRITE_BYTES);
            let part: Vec<u8> = (self.said..end).map(|at| byte(self.says, at)).collect();
            if let Poll::Ready(written) = self.end.poll_write(cx, &part) {
                let written = written?;
                ensure(written > 0 && written <= part.len(), "a write took nothing, or more than there was")?;
                self.said += written;
                any = true;
            }
        }
        if let Poll::Ready(read) = self.end.poll_read(cx, into) {
            let read = read?;
            ensure(read > 0, &format!("the stream ended at byte {} instead of {hears}", self.heard))?;
            ensure(self.heard + read <= hears, "more was heard than was said")?;
            for (nth, heard) in into[..read].iter().enumerate() {
                let at = self.heard + nth;
                ensure(*heard == byte(self.hears, at), &format!("byte {at} is another one"))?;
            }
            self.heard += read;
            any = true;
        }
        Ok(any)
    }
}
