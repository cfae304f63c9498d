//! Transports that each break one rule, and the sentence that finds each out.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use casty_core::transport::{Connection, Listener, Opening, Transport, TransportError};
use casty_memory::MemoryNetwork;
use casty_simulation::Simulation;
use casty_transport_conformance::{Failure, SENTENCES, Sentence, Verdict};

/// A rule that is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Flaw {
    Nothing,
    ChangesABit,
    LosesWhatIsReadSlowly,
    KeepsAll,
    WakesTheFirstReader,
    WakesTheFirstWriter,
    WakesTheFirstToAccept,
    ForgetsWhatWasWritten,
    NeverEnds,
    TakesWhatNobodyReads,
    ListensForEver,
    FindsAnybody,
    NamesAnotherAddress,
    LetsTwoListen,
    SaysAnotherAddress,
    TakesOneOnly,
}

const FOUND_OUT: &[(Flaw, &str)] = &[
    (Flaw::ChangesABit, "bytes_arrive_unchanged_and_in_order_both_ways_at_once"),
    (Flaw::ChangesABit, "connections_do_not_meet"),
    (Flaw::ChangesABit, "nodes_exchange_messages_in_their_order"),
    (Flaw::ChangesABit, "a_watch_is_answered_across_nodes"),
    (Flaw::LosesWhatIsReadSlowly, "a_slow_reader_loses_nothing"),
    (Flaw::KeepsAll, "a_writer_waits_while_nobody_reads_and_then_goes_on"),
    (Flaw::WakesTheFirstReader, "whoever_polled_last_is_woken_when_there_are_bytes"),
    (Flaw::WakesTheFirstWriter, "whoever_polled_last_is_woken_when_there_is_room"),
    (Flaw::WakesTheFirstToAccept, "whoever_polled_last_is_woken_when_somebody_calls"),
    (
        Flaw::ForgetsWhatWasWritten,
        "what_was_written_before_a_connection_was_dropped_is_read_and_then_it_ends",
    ),
    (Flaw::NeverEnds, "what_was_written_before_a_connection_was_dropped_is_read_and_then_it_ends"),
    (Flaw::TakesWhatNobodyReads, "writes_fail_in_the_end_when_the_other_end_was_dropped"),
    (Flaw::ListensForEver, "a_listener_that_is_dropped_takes_nobody_and_its_connections_go_on"),
    (Flaw::FindsAnybody, "a_connection_to_nobody_is_an_error_that_names_the_address"),
    (Flaw::NamesAnotherAddress, "a_connection_to_nobody_is_an_error_that_names_the_address"),
    (Flaw::NamesAnotherAddress, "a_second_listener_at_an_address_is_an_error_that_names_it"),
    (Flaw::LetsTwoListen, "a_second_listener_at_an_address_is_an_error_that_names_it"),
    (Flaw::SaysAnotherAddress, "the_address_of_a_listener_leads_to_it"),
    (Flaw::TakesOneOnly, "many_may_connect_at_once"),
    (Flaw::TakesOneOnly, "a_connection_that_is_given_up_hinders_no_other"),
    (Flaw::TakesOneOnly, "somebody_who_connects_and_goes_away_hinders_no_other"),
];

fn verdict(sentence: &Sentence, flaw: Flaw) -> Verdict {
    let scene = sentence.scene();
    let played = Simulation::new(7).try_run(|host| scene.play(host, Broken::with(flaw), str::to_owned));
    played.map_err(|stall| Failure::new(stall.to_string()))?.value
}

#[test]
fn each_flaw_is_found_out() {
    for (flaw, name) in FOUND_OUT {
        let sentence = SENTENCES.iter().find(|sentence| sentence.name() == *name).unwrap();
        assert!(verdict(sentence, *flaw).is_err(), "{flaw:?} passes {name}");
    }
}

#[test]
fn without_a_flaw_every_sentence_holds() {
    for sentence in SENTENCES {
        assert_eq!(verdict(sentence, Flaw::Nothing), Ok(()), "{}", sentence.name());
    }
}

#[test]
fn every_sentence_finds_something_out() {
    let found = |name: &str| FOUND_OUT.iter().any(|(_, by)| *by == name);
    let idle: Vec<_> = SENTENCES.iter().map(Sentence::name).filter(|name| !found(name)).collect();
    assert_eq!(idle, [""; 0]);
}

/// Pipes in memory, with a flaw.
#[derive(Clone)]
struct Broken {
    network: MemoryNetwork,
    flaw: Flaw,
    /// Those that were to listen no more.
    ears: Arc<Mutex<BTreeMap<String, Box<dyn Listener>>>>,
}

impl Broken {
    fn with(flaw: Flaw) -> Self {
        Self { network: MemoryNetwork::new(), flaw, ears: Arc::default() }
    }

    fn error(&self, mut error: TransportError) -> TransportError {
        if self.flaw == Flaw::NamesAnotherAddress {
            error.address = "elsewhere".into();
        }
        error
    }

    fn end(&self, inner: Box<dyn Connection>) -> Box<dyn Connection> {
        Box::new(End { inner: Some(inner), flaw: self.flaw, first: [None, None], read: 0 })
    }
}

impl Transport for Broken {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        let (this, text) = (self.clone(), String::from(address));
        Box::pin(async move {
            let two = this.flaw == Flaw::LetsTwoListen;
            let mut listening = this.network.listen(&text).await;
            if two && listening.is_err() {
                listening = this.network.listen("another").await;
            }
            let inner = listening.map_err(|error| this.error(error))?;
            let ear: Box<dyn Listener> =
                Box::new(Ear { inner: Some(inner), broken: this, first: None, accepted: 0 });
            Ok(ear)
        })
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        let (this, text) = (self.clone(), String::from(address));
        Box::pin(async move {
            let mut connecting = this.network.connect(&text).await;
            if this.flaw == Flaw::FindsAnybody && connecting.is_err() {
                let _anybody = this.network.listen("anybody").await?;
                connecting = this.network.connect("anybody").await;
            }
            Ok(this.end(connecting.map_err(|error| this.error(error))?))
        })
    }
}

struct Ear {
    inner: Option<Box<dyn Listener>>,
    broken: Broken,
    first: Option<Waker>,
    accepted: usize,
}

impl Listener for Ear {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Connection>, TransportError>> {
        let flaw = self.broken.flaw;
        if flaw == Flaw::TakesOneOnly && self.accepted > 0 {
            return Poll::Pending;
        }
        let first = self.first.get_or_insert_with(|| cx.waker().clone()).clone();
        let waker = if flaw == Flaw::WakesTheFirstToAccept { first } else { cx.waker().clone() };
        let accepted = self.inner.as_mut().unwrap().poll_accept(&mut Context::from_waker(&waker));
        self.accepted += usize::from(accepted.is_ready());
        accepted.map_ok(|connection| self.broken.end(connection))
    }

    fn address(&self) -> String {
        if self.broken.flaw == Flaw::SaysAnotherAddress {
            return "one".into();
        }
        self.inner.as_ref().unwrap().address()
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take()
            && self.broken.flaw == Flaw::ListensForEver
        {
            self.broken.ears.lock().unwrap().insert(inner.address(), inner);
        }
    }
}

struct End {
    inner: Option<Box<dyn Connection>>,
    flaw: Flaw,
    /// Who polled first: to read, and to write.
    first: [Option<Waker>; 2],
    read: usize,
}

impl End {
    fn inner(&mut self) -> &mut Box<dyn Connection> {
        self.inner.as_mut().unwrap()
    }

    /// The context of whoever is to be woken.
    fn waker(&mut self, whose: usize, cx: &Context<'_>) -> Waker {
        let flaws = [Flaw::WakesTheFirstReader, Flaw::WakesTheFirstWriter];
        let first = self.first[whose].get_or_insert_with(|| cx.waker().clone());
        if self.flaw == flaws[whose] { first.clone() } else { cx.waker().clone() }
    }
}

impl Connection for End {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>> {
        let waker = self.waker(0, cx);
        let flaw = self.flaw;
        let mut cx = Context::from_waker(&waker);
        if flaw == Flaw::LosesWhatIsReadSlowly && self.read > 100_000 && self.read.is_multiple_of(7) {
            let _ = self.inner().poll_read(&mut cx, &mut [0]);
        }
        let read = self.inner().poll_read(&mut cx, into);
        match &read {
            Poll::Ready(Ok(0)) if flaw == Flaw::NeverEnds => return Poll::Pending,
            Poll::Ready(Ok(bytes)) => {
                // Somewhere in what is read: sooner or later in all that matters.
                if flaw == Flaw::ChangesABit && *bytes > 0 && self.read + bytes > 90 {
                    into[bytes - 1] ^= 1;
                }
                self.read += bytes;
            }
            _ => {}
        }
        read
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>> {
        let waker = self.waker(1, cx);
        let flaw = self.flaw;
        let mut cx = Context::from_waker(&waker);
        let written = match flaw {
            Flaw::ForgetsWhatWasWritten if bytes.len() > 1_000 => Poll::Ready(Ok(bytes.len())),
            Flaw::KeepsAll if bytes.len() > 9_000 => Poll::Ready(Ok(bytes.len())),
            _ => self.inner().poll_write(&mut cx, bytes),
        };
        if flaw == Flaw::TakesWhatNobodyReads && matches!(written, Poll::Ready(Err(_))) {
            return Poll::Ready(Ok(bytes.len()));
        }
        written
    }

    fn peer(&self) -> String {
        self.inner.as_ref().map_or_else(String::new, |inner| inner.peer())
    }
}
