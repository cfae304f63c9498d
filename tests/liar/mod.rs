//! A peer that is written by hand: it says whatever it is told to say.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use std::future::poll_fn;
use std::task::Poll;

use casty::MemoryNetwork;
use casty::transport::{Connection, Transport};
use serde::Serialize;

/// A peer that is written by hand: it says whatever it is told to say.
pub(crate) struct Liar {
    connection: Box<dyn Connection>,
    heard: Vec<u8>,
}

/// One thing that is said in a handshake: its length, and what it is.
fn greeting(it: impl Serialize) -> Vec<u8> {
    framed(&postcard::to_allocvec(&it).unwrap())
}

/// Behind its length.
pub(crate) fn framed(body: &[u8]) -> Vec<u8> {
    [&postcard::to_allocvec(&body.len()).unwrap()[..], body].concat()
}

impl Liar {
    /// Has said who it is and these terms, and proved that it knows no secret.
    pub(crate) async fn meets(network: &MemoryNetwork, node: &str, incarnation: u64, terms: &[u8]) -> Self {
        let mut liar = Self { connection: network.connect(node).await.unwrap(), heard: Vec::new() };
        let who = (
            0_u8,
            (1_u8, 1_u8),
            "bank",
            "liar",
            incarnation,
            "",
            false,
            1_u64 << 20,
            [incarnation as u8; 32],
        );
        let hello = framed(&[&postcard::to_allocvec(&who).unwrap()[..], terms].concat());
        liar.say(&[b"casty", &hello[..]].concat()).await;
        liar.hear(|heard| heard.len() > 100).await;
        liar.say(&[greeting((2_u8, [0_u8; 32])), greeting((3_u8, 0_u64))].concat()).await;
        liar.hear(|heard| heard.ends_with(&greeting((3_u8, 0_u64)))).await;
        liar
    }

    pub(crate) async fn say(&mut self, bytes: &[u8]) {
        let mut said = 0;
        poll_fn(|cx| {
            while said < bytes.len() {
                match self.connection.poll_write(cx, &bytes[said..]) {
                    Poll::Ready(more) => said += more.unwrap(),
                    Poll::Pending => return Poll::Pending,
                }
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Hears until that is what it has heard, or the other end has closed.
    pub(crate) async fn hear(&mut self, enough: impl Fn(&[u8]) -> bool) {
        let mut bytes = [0; 4_096];
        poll_fn(|cx| {
            while !enough(&self.heard) {
                match self.connection.poll_read(cx, &mut bytes) {
                    Poll::Ready(Ok(more @ 1..)) => self.heard.extend_from_slice(&bytes[..more]),
                    Poll::Ready(_) => break,
                    Poll::Pending => return Poll::Pending,
                }
            }
            Poll::Ready(())
        })
        .await;
    }
}
