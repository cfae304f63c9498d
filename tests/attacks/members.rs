//! Whoever has become a member of the system, and misbehaves.

use std::io::Write;
use std::net::TcpStream;

use casty::compression::Compression;
use casty::prelude::*;
use casty::{Deflate, Lz4, RemoteLimits};

use crate::member::Member;
use crate::resources::Held;
use crate::shop::{Order, Shop, alone};
use crate::wire::{frame, greeting, kind, number, put, text};

/// Small ones: what is kept for somebody is soon more than it may be.
fn small() -> RemoteLimits {
    RemoteLimits { link_bytes_max: 64 << 10, message_bytes_max: 64 << 10, ..RemoteLimits::default() }
}

#[test]
fn what_is_no_frame_or_says_what_cannot_be_ends_the_peer_that_says_it() {
    alone(async {
        let mut shop = Shop::open(None, small()).await;
        let held = Held::now();
        let mut long = Vec::new();
        put(&mut long, 1 << 40);
        let nonsense = [
            (long, "it said what is no frame: Long { bytes: 1099511627776 }"),
            (vec![0], "it said what is no frame: Empty"),
            (vec![0xff; 16], "it said what is no frame: Length"),
            (frame(0x55, &[], b"?"), "it said what is no frame: Kind(85)"),
            (frame(kind::WATCH, &[], b""), "it said what is no frame: Body(4)"),
            (frame(kind::PING, &[], b"more"), "it said what is no frame: Body(129)"),
            (frame(kind::TELL, &[7], b"hello"), "it told something to nobody it had named"),
            (frame(kind::ACK, &[1_000], b""), "it had what was not said"),
            (frame(kind::ALIAS, &[1, 1], &text("shop.Order")), "it has named too many actors"),
        ];
        for (number, (said, cause)) in nonsense.iter().enumerate() {
            let mut member = Member::join(shop.node.address(), "bad", number as u64 + 1);
            member.say(said);
            assert_eq!(shop.loss().await, *cause);
            member.hear_all();
            // A new incarnation of the name is what comes next, and the old one is lost already.
            shop.serves().await;
        }
        held.returns(&shop.system).await;
        shop.close().await;
    });
}

#[test]
fn a_frame_that_is_announced_and_does_not_come_costs_nothing() {
    alone(async {
        let limits = RemoteLimits { message_bytes_max: 64 << 20, ..RemoteLimits::default() };
        let mut shop = Shop::open(None, limits).await;
        let held = Held::now();
        let mut announced = Vec::new();
        put(&mut announced, 64 << 20);
        let members: Vec<_> = (1..=20)
            .map(|number| {
                let mut member = Member::join(shop.node.address(), &format!("bad-{number}"), number);
                member.say(&announced);
                member
            })
            .collect();
        while shop.node.connected().len() < 21 {
            shop.system.sleep(millis(5)).await;
        }
        shop.serves().await;
        held.has_grown_little();
        members.into_iter().for_each(Member::close);
        held.returns(&shop.system).await;
        shop.close().await;
    });
}

#[test]
fn a_message_that_becomes_more_than_it_may_or_says_is_the_end_of_who_says_it_and_costs_nothing() {
    alone(async {
        let limits = RemoteLimits { message_bytes_max: 32 << 20, ..small() };
        let mut shop = Shop::open(None, limits).await;
        let (lz4, deflate) =
            (Lz4.compress(&vec![0; 100 << 20]), Deflate::default().compress(&vec![0; 100 << 20]));
        let held = Held::now();
        let bombs: [(&str, u64, &[u8], &str); 6] = [
            ("lz4", 100 << 20, &lz4, "it compresses what is too long: "),
            ("deflate", 100 << 20, &deflate, "it compresses what is too long: "),
            ("lz4", 32 << 20, &lz4, "what it compresses cannot be decompressed: "),
            ("deflate", 32 << 20, &deflate, "what it compresses cannot be decompressed: "),
            // So much as these few bytes can become is not even made room for.
            (
                "lz4",
                32 << 20,
                &lz4[..1_000],
                "it says that 1000 bytes were 33554432 before they were compressed",
            ),
            ("deflate", 32 << 20, &deflate[..1_000], "it says that 1000 bytes were 33554432 before"),
        ];
        for (nth, (by, length, bytes, cause)) in bombs.iter().enumerate() {
            let mut member = Member::join_compressing(shop.node.address(), "bad", nth as u64 + 1, by);
            let message = [number(*length), bytes.to_vec()].concat();
            member.say(&frame(kind::TELL_COMPRESSED, &[0], &message));
            let loss = shop.loss().await;
            assert!(loss.starts_with(cause), "{loss}");
            member.hear_all();
            shop.serves().await;
            held.has_grown_little();
        }
        held.returns(&shop.system).await;
        shop.close().await;
    });
}

#[test]
fn who_names_more_actors_than_there_may_be_is_given_up() {
    alone(async {
        let mut shop = Shop::open(None, RemoteLimits::default()).await;
        let mut names = Vec::new();
        for alias in 0..=1 << 16 {
            names.extend(frame(kind::ALIAS, &[alias, 1 << 40], &text("shop.Order")));
        }
        let mut member = Member::join(shop.node.address(), "bad", 1);
        // It is closed while the last are said, perhaps, and nobody listens to what is answered.
        member.flood(&names, names.len());
        assert!(
            ["it has named too many actors", "it asks for more than it takes"].contains(&&*shop.loss().await)
        );
        shop.serves().await;
        shop.close().await;
    });
}

#[test]
fn who_asks_and_never_listens_is_given_up_before_the_answers_fill_the_memory() {
    alone(async {
        let mut shop = Shop::open(None, small()).await;
        let held = Held::now();
        let floods = [
            frame(kind::WATCH, &[1 << 40], b""),
            frame(kind::LOOKUP, &[1], &[text("x"), text("counter")].concat()),
            frame(kind::LOOKUP, &[1], &[text("x"), text("nobody")].concat()),
            frame(kind::ALIAS, &[0, 1 << 40], &text("x")),
        ];
        for (number, flood) in floods.iter().enumerate() {
            let mut member = Member::join(shop.node.address(), "bad", number as u64 + 1);
            assert!(member.flood(flood, 256 << 20), "flood {number} went on");
            assert_eq!(shop.loss().await, "it asks for more than it takes");
            shop.serves().await;
        }
        held.returns(&shop.system).await;
        shop.close().await;
    });
}

#[test]
fn floods_that_ask_for_nothing_that_is_kept_are_borne_and_cost_no_memory() {
    alone(async {
        let mut shop = Shop::open(None, small()).await;
        let held = Held::now();
        let ping = frame(kind::PING, &[], b"");
        let floods = [
            (ping.clone(), 4 << 20),
            // Each ping asks how much was had, which is more each time: far more answers than sockets hold.
            ([frame(kind::UNWATCH, &[1], b""), ping].concat(), 32 << 20),
            (frame(kind::REPLY, &[3], b"reply"), 4 << 20),
            (frame(kind::LET_GO, &[3], b""), 4 << 20),
        ];
        for (number, (flood, bytes)) in floods.iter().enumerate() {
            let mut member = Member::join(shop.node.address(), "bad", number as u64 + 1);
            assert!(!member.flood(flood, *bytes), "flood {number} was cut off");
            shop.serves().await;
            held.has_grown_little();
            member.close();
        }
        held.returns(&shop.system).await;
        shop.close().await;
    });
}

#[test]
fn a_member_cannot_answer_what_others_were_asked() {
    alone(async {
        let mut shop = Shop::open(None, RemoteLimits::default()).await;
        // The shop asks its good peer, who does not answer at once.
        let asked = shop.back.ask(Order::Later, secs(20));
        let mut member = Member::join(shop.node.address(), "bad", 1);
        let mut forged = Vec::new();
        for number in 0..10_000 {
            forged.extend(frame(kind::REPLY, &[number], &[42]));
            forged.extend(frame(kind::LET_GO, &[number], b""));
        }
        member.say(&forged);
        // All of it has been heard when what comes after it is answered.
        member.say(&frame(kind::WATCH, &[1 << 40], b""));
        member.hear(&frame(kind::TERMINATED, &[1 << 40], b""));
        assert_eq!(shop.back.ask(Order::Count, secs(10)).await, Ok(1));
        assert_eq!(asked.await, Ok(1), "the peer's own answer, and not the member's");
        shop.serves().await;
        shop.close().await;
    });
}

#[test]
fn a_member_that_goes_in_the_midst_of_anything_leaves_nothing_behind() {
    alone(async {
        let mut shop = Shop::open(None, RemoteLimits::default()).await;
        let held = Held::now();
        let note = postcard::to_allocvec(&(2_u8, [7_u8; 40].as_slice())).unwrap();
        let counter = 1 << 40;
        let talk = [
            frame(kind::ALIAS, &[0, counter], &text("shop.Order")),
            frame(kind::TELL, &[0], &note),
            frame(kind::LOOKUP, &[1], &[text("shop.Order"), text("counter")].concat()),
            frame(kind::WATCH, &[counter], b""),
            frame(kind::PING, &[], b""),
        ]
        .concat();
        let all = [greeting("bad", 1), talk].concat();
        for cut in 0..=all.len() {
            // Another incarnation each time: what one has begun, no other goes on with.
            let said = [greeting("bad", cut as u64 + 1), all[greeting("bad", 1).len()..].to_vec()].concat();
            let mut member = TcpStream::connect(shop.node.address()).unwrap();
            member.write_all(&said[..cut.min(said.len())]).unwrap();
            drop(member);
            if cut % 16 == 0 {
                shop.serves().await;
            }
        }
        held.returns(&shop.system).await;
        shop.serves().await;
        shop.close().await;
    });
}
