//! A conversation: two streams over packets that may be lost, late or out of turn.

use core::task::Poll;
use core::time::Duration;

use casty_core::Instant;

use crate::congestion::Congestion;
use crate::ended::Ended;
use crate::flight::Flight;
use crate::inbox::Inbox;
use crate::outbox::Outbox;
use crate::packet::{Ack, Packet};
use crate::receipts::Receipts;
use crate::rtt::RoundTrip;
use crate::settings::Settings;
use crate::wire::Offer;

mod saying;
mod timing;

/// One end of a conversation.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// What the other end calls it.
    peer: u64,
    /// The smaller limit of both ends.
    datagram_bytes: usize,
    ack_delay: Duration,
    retry_max: Duration,
    linger: Duration,
    /// How long nothing may be heard.
    patience: Duration,
    inbox: Inbox,
    outbox: Outbox,
    receipts: Receipts,
    flight: Flight,
    trip: RoundTrip,
    congestion: Congestion,
    /// Up to here the peer takes what is said.
    limit: u64,
    heard_at: Instant,
    /// The peer has said something: it is there.
    confirmed: bool,
    /// The next packet is to be acknowledged, whatever it says.
    asks: bool,
    /// So many packets leave although too many are on their way.
    probes: u32,
    /// How often in a row nothing came back in time.
    timeouts: u32,
    /// How often in a row the peer was asked whether it takes more.
    inquiries: u32,
    /// A writer waits for room.
    crowded: bool,
    closed_at: Option<Instant>,
    ended: Option<Ended>,
    /// Whoever reads or writes should look again.
    news: bool,
}

impl Conversation {
    /// One with the end that calls it `peer`, and has made that offer.
    pub(crate) fn new(now: Instant, settings: &Settings, peer: u64, offer: Offer) -> Self {
        let datagram_bytes = usize::from(settings.datagram_bytes().min(offer.datagram_bytes_max));
        let congestion = Congestion::new(datagram_bytes);
        Self {
            peer,
            datagram_bytes,
            ack_delay: settings.ack_delay,
            retry_max: settings.retry_max,
            linger: settings.linger,
            patience: settings.dial,
            inbox: Inbox::new(settings.receive_bytes(), congestion.window()),
            outbox: Outbox::new(settings.send_bytes_max),
            receipts: Receipts::default(),
            flight: Flight::new(settings.packets_max.max(1)),
            trip: RoundTrip::new(settings.first_round_trip),
            congestion,
            limit: u64::from(offer.window),
            heard_at: now,
            confirmed: false,
            asks: false,
            probes: 0,
            timeouts: 0,
            inquiries: 0,
            crowded: false,
            closed_at: None,
            ended: None,
            news: false,
        }
    }

    /// The peer is known to be there.
    pub(crate) const fn confirm(&mut self, settings: &Settings) {
        self.confirmed = true;
        self.patience = settings.idle;
    }

    /// The peer is to hear that it was welcomed.
    pub(crate) const fn ask(&mut self) {
        self.asks = true;
    }

    pub(crate) const fn peer(&self) -> u64 {
        self.peer
    }

    pub(crate) const fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    pub(crate) const fn ended(&self) -> Option<Ended> {
        self.ended
    }

    pub(crate) const fn is_closed(&self) -> bool {
        self.closed_at.is_some()
    }

    /// Whether there is nothing left to do, neither here nor for the peer.
    pub(crate) fn is_over(&self) -> bool {
        let said = self.outbox.is_over() && self.receipts.due().is_none();
        self.is_closed() && (self.ended.is_some() || said)
    }

    /// Whether something has changed for whoever reads or writes, since this was last asked.
    pub(crate) const fn take_news(&mut self) -> bool {
        core::mem::replace(&mut self.news, false)
    }

    /// A packet has come; says whether it makes sense. If not, it was not heard.
    pub(crate) fn hear(&mut self, now: Instant, packet: &Packet<'_>) -> bool {
        if self.ended.is_some() {
            return true;
        }
        if let Some(ack) = &packet.ack
            && !self.acknowledged(now, ack)
        {
            return false;
        }
        if let Some(data) = &packet.data {
            let before = self.inbox.ready();
            if !self.inbox.take(data) {
                return false;
            }
            self.news |= self.inbox.ready() > before;
            if data.ends {
                // It reads nothing any more, so there is nothing to be said to it.
                self.outbox.stop();
                self.flight.clear();
                self.news = true;
            }
        }
        self.heard_at = now;
        self.receipts.note(now, packet.number, packet.elicits(), self.ack_delay);
        true
    }

    /// The peer has said what it has heard; says whether that can be.
    fn acknowledged(&mut self, now: Instant, ack: &Ack) -> bool {
        let filled = self.flight.bytes() * 2 >= self.congestion.window();
        let Some(heard) = self.flight.heard(ack) else { return false };
        if let Some(latest) = heard.iter().find(|sent| sent.number == ack.largest) {
            self.trip.measured(now.since(latest.at), Duration::from_micros(ack.delay_micros));
        }
        for sent in &heard {
            self.outbox.heard(&sent.piece);
            self.congestion.heard(sent.at, sent.bytes, filled);
        }
        if !heard.is_empty() {
            (self.timeouts, self.probes) = (0, 0);
        }
        if ack.limit > self.limit {
            (self.limit, self.inquiries) = (ack.limit, 0);
        }
        self.lose(now);
        if self.crowded && self.outbox.is_half_empty() {
            (self.crowded, self.news) = (false, true);
        }
        true
    }

    /// Gives up what is lost, to be said again.
    fn lose(&mut self, now: Instant) {
        let lost = self.flight.lose(now, self.trip.reordering());
        for sent in &lost {
            self.outbox.lost(&sent.piece);
            self.congestion.lost(now, sent.at);
        }
        // Section 7.6 of RFC 9002: nothing of what was said for so long has arrived.
        let long = (self.trip.timeout() + self.ack_delay) * 3;
        let mut runs = lost.chunk_by(|one, next| next.number == one.number + 1);
        if runs.any(|run| run[run.len() - 1].at.since(run[0].at) > long) {
            self.congestion.collapsed();
        }
    }

    /// The other end knows nothing of it.
    pub(crate) fn gone(&mut self) {
        // Whoever has heard all has lost nothing by that.
        if self.inbox.is_whole() {
            return;
        }
        self.end(Ended::Gone);
    }

    fn end(&mut self, ended: Ended) {
        self.ended.get_or_insert(ended);
        self.news = true;
    }

    /// Reads bytes; zero at the end of the stream.
    pub(crate) fn read(&mut self, now: Instant, into: &mut [u8]) -> Poll<Result<usize, Ended>> {
        if into.is_empty() {
            return Poll::Ready(Ok(0));
        }
        match (self.inbox.read(into), self.ended) {
            (Some(bytes), _) => {
                if self.inbox.has_news() {
                    self.receipts.hurry(now);
                }
                Poll::Ready(Ok(bytes))
            }
            (None, Some(ended)) => Poll::Ready(Err(ended)),
            (None, None) => Poll::Pending,
        }
    }

    /// Takes some of the bytes, and says how many.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Poll<Result<usize, Ended>> {
        if let Some(ended) = self.ended {
            return Poll::Ready(Err(ended));
        }
        if self.inbox.hears_no_more() {
            return Poll::Ready(Err(Ended::Closed));
        }
        let taken = self.outbox.write(bytes);
        self.crowded = taken < bytes.len();
        if taken == 0 && !bytes.is_empty() { Poll::Pending } else { Poll::Ready(Ok(taken)) }
    }

    /// Nothing is read or written any more; what was written is still said.
    pub(crate) fn close(&mut self, now: Instant) {
        if self.closed_at.is_none() {
            self.closed_at = Some(now);
            self.inbox.close();
            self.outbox.close();
            self.receipts.hurry(now);
        }
    }

    /// How much memory its streams take.
    pub(crate) fn bytes(&self) -> usize {
        self.inbox.bytes() + self.outbox.bytes()
    }
}
