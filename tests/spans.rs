//! What is logged of links with the feature `tracing`: a span for each, and what is said.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use casty::prelude::*;
use casty::remote::Secret;
use casty::simulation::{Host, Simulation};
use casty::{MemoryNetwork, Network, TraceContext};
use nodes::{Account, Place, balance, place};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Writes down what is logged of links: an event as its fields, after those of the spans that it is in.
#[derive(Clone)]
struct Notebook {
    at: Level,
    spans: Arc<Mutex<BTreeMap<u64, String>>>,
    within: Arc<Mutex<Vec<u64>>>,
    lines: Arc<Mutex<Vec<String>>>,
    next: Arc<AtomicU64>,
}

/// Fields as text.
struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Notebook {
    fn new(at: Level) -> Self {
        let (spans, within) = (Arc::default(), Arc::default());
        Self { at, spans, within, lines: Arc::default(), next: Arc::new(AtomicU64::new(1)) }
    }

    /// What was logged while two nodes talked and a stranger was refused, and one of them ended.
    fn of_a_talk(self) -> Vec<String> {
        self.of(async |host, network| {
            let one = place(&host, &network, "one").await;
            let other = place(&host, &network, "other").await;
            other.open("alice");
            let alice = one.find("other", "alice").await;
            alice.tell(Account::Deposit(7));
            assert_eq!(balance(&alice).await, Ok(7));
            let stranger = ActorSystem::on(host.clone()).name("bank").start().unwrap();
            let joining = Network::over(network.clone()).node("stranger").secret(Secret::new("another"));
            let stranger = joining.start(&stranger).await.unwrap();
            assert!(stranger.lookup::<Account>("one", "alice", millis(50)).await.is_err());
            other.system.shutdown().await;
            drop(other);
            one.system.sleep(secs(1)).await;
        })
    }

    /// What was logged in a scene.
    fn of(self, scene: impl AsyncFn(Host, MemoryNetwork)) -> Vec<String> {
        let lines = Arc::clone(&self.lines);
        tracing::subscriber::with_default(self, || {
            Simulation::new(7).run(|host| scene(host, MemoryNetwork::new()));
        });
        let lines = lines.lock().unwrap();
        lines.clone()
    }
}

impl Subscriber for Notebook {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "casty::link" && *metadata.level() <= self.at
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut text = String::new();
        span.record(&mut Fields(&mut text));
        self.spans.lock().unwrap().insert(id, text);
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut spans = self.spans.lock().unwrap();
        values.record(&mut Fields(spans.get_mut(&span.into_u64()).unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = String::new();
        for span in self.within.lock().unwrap().iter() {
            line += &self.spans.lock().unwrap()[span];
        }
        event.record(&mut Fields(&mut line));
        self.lines.lock().unwrap().push(line);
    }

    fn enter(&self, span: &Id) {
        self.within.lock().unwrap().push(span.into_u64());
    }

    fn exit(&self, span: &Id) {
        assert_eq!(self.within.lock().unwrap().pop(), Some(span.into_u64()));
    }
}

/// How many lines have all these words.
fn count(lines: &[String], words: &[&str]) -> usize {
    lines.iter().filter(|line| words.iter().all(|word| line.contains(word))).count()
}

#[test]
fn a_link_is_a_span_that_says_who_is_there_and_why_it_ended() {
    let lines = Notebook::new(Level::DEBUG).of_a_talk();
    let link = ["node=\"one\" role=Dialer address=\"other\" peer=other#", "message=up"];
    assert_eq!(count(&lines, &link), 1, "{lines:#?}");
    assert_eq!(count(&lines, &["node=\"other\" role=Acceptor", "peer=one#", "message=up"]), 1, "{lines:#?}");
    let refused = ["node=\"one\" role=Acceptor", "cause=", "message=refused"];
    assert!(count(&lines, &refused) > 0, "{lines:#?}");
    let ended = ["node=\"one\" role=Dialer", "peer=other#", "cause=", "message=down"];
    assert_eq!(count(&lines, &ended), 1, "{lines:#?}");
    assert_eq!(count(&lines, &["kind="]), 0, "what is said is for those who want every step");
}

#[test]
fn every_message_is_logged_with_its_name_where_it_is_told_and_within_the_link_where_it_is_heard() {
    let lines = Notebook::new(Level::TRACE).of_a_talk();
    let told =
        ["peer=\"other\"", "kind=\"tell\"", "message_type=\"bank.Account\"", "bytes=2 ", "message=said"];
    assert_eq!(count(&lines, &told), 1, "{lines:#?}");
    let heard =
        ["node=\"other\"", "peer=one#", "kind=\"tell\"", "message_type=\"bank.Account\"", "message=heard"];
    assert_eq!(count(&lines, &heard), 2, "{lines:#?}");
    assert!(count(&lines, &["node=\"one\"", "peer=other#", "kind=\"reply\"", "message=heard"]) > 0);
    assert_eq!(count(&lines, &["peer=\"one\"", "kind=\"reply\"", "message=said"]), 2, "{lines:#?}");
}

#[test]
fn what_is_of_a_trace_is_logged_with_it_on_both_sides() {
    let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let lines = Notebook::new(Level::TRACE).of(async |host, network| {
        let place = async |name: &str| {
            let system = ActorSystem::on(host.clone()).name("bank").traces().start().unwrap();
            let joining = Network::over(network.clone()).node(name).listen(name).insecure();
            Place { node: joining.start(&system).await.unwrap(), system }
        };
        let (one, other) = (place("one").await, place("other").await);
        other.open("alice");
        let alice = one.find("other", "alice").await;
        alice.traced(text.parse::<TraceContext>().unwrap()).tell(Account::Deposit(7));
        assert_eq!(balance(&alice).await, Ok(7));
    });
    // As many bytes as it has without, to both.
    let trace = format!("bytes=2 trace={text}");
    assert_eq!(count(&lines, &["kind=\"tell\"", &trace, "message=said"]), 1, "{lines:#?}");
    assert_eq!(count(&lines, &["node=\"other\"", "kind=\"tell\"", &trace, "message=heard"]), 1, "{lines:#?}");
    assert_eq!(count(&lines, &["trace="]), 2, "{lines:#?}");
}
