//! Sockets: what goes on without anybody's poll, and that they are given back.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use std::future::poll_fn;
use std::net::UdpSocket;

use casty_core::transport::{Connection, Listener, Transport};
use casty_udp::Udp;
use futures_lite::future;

/// A connection, its other end, and who has accepted it.
async fn pair() -> (Box<dyn Connection>, Box<dyn Connection>, Box<dyn Listener>) {
    let mut listener = Udp::new().listen("127.0.0.1:0").await.unwrap();
    let address = listener.address();
    let udp = Udp::new();
    let (near, far) = future::zip(udp.connect(&address), poll_fn(|cx| listener.poll_accept(cx))).await;
    (near.unwrap(), far.unwrap(), listener)
}

/// Waits until a socket can have that address.
async fn free(address: &str) {
    while UdpSocket::bind(address).is_err() {
        // The reactor's thread is at it.
        future::yield_now().await;
    }
}

#[test]
fn when_the_last_connection_has_ended_the_address_is_free() {
    future::block_on(async {
        let (mut near, far, listener) = pair().await;
        let address = listener.address();
        poll_fn(|cx| near.poll_write(cx, b"hello")).await.unwrap();
        drop(listener);
        assert!(UdpSocket::bind(&address).is_err(), "a connection is still there");
        drop((near, far));
        free(&address).await;
    });
}

#[test]
fn a_listener_without_connections_leaves_nothing() {
    future::block_on(async {
        let listener = Udp::new().listen("127.0.0.1:0").await.unwrap();
        let address = listener.address();
        drop(listener);
        free(&address).await;
    });
}

#[test]
fn what_was_written_arrives_although_its_writer_is_gone_and_nobody_polls() {
    future::block_on(async {
        let (mut near, mut far, _listener) = pair().await;
        // More than one burst: acknowledgements have to come, and more be said after them.
        let said = vec![7; 200_000];
        let mut written = 0;
        while written < said.len() {
            written += poll_fn(|cx| near.poll_write(cx, &said[written..])).await.unwrap();
        }
        drop(near);
        let (mut heard, mut bytes) = (0, vec![0; 5_000]);
        loop {
            match poll_fn(|cx| far.poll_read(cx, &mut bytes)).await.unwrap() {
                0 => break,
                read => heard += read,
            }
        }
        assert_eq!(heard, said.len());
    });
}
