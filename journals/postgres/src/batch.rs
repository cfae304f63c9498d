//! Changes that go into one statement, and the columns they make there.

use std::collections::{HashMap, HashSet, VecDeque};

use casty_core::journal::{EntityId, Epoch, Fault, NewEvent, Opened, Sequence};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use crate::change::{Action, Change, Kind, Waiting};
use crate::line::Link;
use crate::numbers::{epoch, sequence, to_server};
use crate::statements::Changing;

const CHANGES_MAX: usize = 1_024;
const BYTES_MAX: usize = 4 << 20;

/// Where an entity is that did not take a change.
#[derive(Clone, Copy)]
pub(crate) struct Refused {
    pub(crate) epoch: Option<Epoch>,
    pub(crate) last: Option<Sequence>,
}

pub(crate) type Verdict = Result<Option<Opened>, Refused>;

/// Takes the changes of the first one's kind out of the line, at most one of each entity, and none before another of its entity.
pub(crate) fn next_batch(line: &mut VecDeque<Waiting>) -> Vec<Waiting> {
    let (mut batch, mut left, mut bytes) = (Vec::new(), Vec::new(), 0);
    let mut seen: HashSet<EntityId> = HashSet::new();
    while batch.len() < CHANGES_MAX && bytes < BYTES_MAX {
        let Some(next) = line.pop_front() else { break };
        if !next.is_wanted() {
            continue;
        }
        let same = batch.first().is_none_or(|first: &Waiting| first.change.kind() == next.change.kind());
        if seen.insert(next.change.entity.clone()) && same {
            bytes += next.change.bytes();
            batch.push(next);
        } else {
            left.push(next);
        }
    }
    left.into_iter().rev().for_each(|waiting| line.push_front(waiting));
    batch
}

/// Asks for all of a batch at once: what became of each, in their order.
pub(crate) async fn ask(link: &Link<Changing>, batch: &[Waiting]) -> Result<Vec<Verdict>, Error> {
    let changes: Vec<&Change> = batch.iter().map(|waiting| &waiting.change).collect();
    let entities: Vec<&str> = changes.iter().map(|change| change.entity.as_str()).collect();
    let (client, statements) = (&link.client, &link.statements);
    let delete = match batch.first().map(|first| first.change.kind()) {
        None => return Ok(Vec::new()),
        Some(Kind::Open) => return open(link, &entities).await,
        Some(Kind::Append) => return append(link, &entities, &changes).await,
        Some(Kind::Save) => return save(link, &entities, &changes).await,
        Some(Kind::DeleteSnapshots) => &statements.delete_snapshots,
        Some(Kind::DeleteEvents) => &statements.delete_events,
    };
    let numbers = changes.iter().map(|change| match &change.action {
        Action::DeleteSnapshots { epoch, before: sequence }
        | Action::DeleteEvents { epoch, through: sequence } => {
            (to_server(epoch.number()), to_server(sequence.number()))
        }
        Action::Open | Action::Append { .. } | Action::Save { .. } => (0, 0),
    });
    let (epochs, sequences): (Vec<i64>, Vec<i64>) = numbers.unzip();
    let rows = client.query(delete, &[&entities, &epochs, &sequences]).await?;
    refused(changes.len(), &rows)
}

type Parameter<'p> = &'p (dyn ToSql + Sync);

async fn append(
    link: &Link<Changing>,
    entities: &[&str],
    changes: &[&Change],
) -> Result<Vec<Verdict>, Error> {
    let columns = Columns::of(changes);
    let (client, statements) = (&link.client, &link.statements);
    if let ([entity], [], [_]) = (entities, columns.tags.as_slice(), changes) {
        let alone: [Parameter<'_>; 8] = [
            entity,
            &columns.epochs[0],
            &columns.afters[0],
            &columns.counts[0],
            &columns.places,
            &columns.names,
            &columns.versions,
            &columns.bytes,
        ];
        // As one row and its end, which comes after the commit.
        let rows = client.query(&statements.append_alone, &alone).await?;
        if rows.first().map(|row| row.try_get(0)).transpose()? == Some(true) {
            return Ok(vec![Ok(None)]);
        }
    }
    let Columns { epochs, afters, counts, nths, places, names, versions, bytes, .. } = &columns;
    let untagged: [Parameter<'_>; 9] =
        [&entities, epochs, afters, counts, nths, places, names, versions, bytes];
    let rows = if columns.tags.is_empty() {
        client.query(&statements.append, &untagged).await?
    } else {
        let tags: [Parameter<'_>; 3] = [&columns.tag_nths, &columns.tag_places, &columns.tags];
        client.query(&statements.append_tagged, &[&untagged[..], &tags].concat()).await?
    };
    refused(changes.len(), &rows)
}

/// Appends as columns: a row for each of them, for each of their events, and for each tag of these.
#[derive(Default)]
struct Columns<'c> {
    epochs: Vec<i64>,
    afters: Vec<i64>,
    counts: Vec<i64>,
    nths: Vec<i64>,
    places: Vec<i64>,
    names: Vec<&'c str>,
    versions: Vec<i64>,
    bytes: Vec<&'c [u8]>,
    tag_nths: Vec<i64>,
    tag_places: Vec<i64>,
    tags: Vec<&'c str>,
}

impl<'c> Columns<'c> {
    fn of(changes: &[&'c Change]) -> Self {
        let mut columns = Self::default();
        for (change, nth) in changes.iter().zip(1..) {
            let Action::Append { epoch, after, events } = &change.action else { continue };
            columns.epochs.push(to_server(epoch.number()));
            columns.afters.push(to_server(after.number()));
            columns.counts.push(to_server(events.len() as u64));
            events.iter().zip(1..).for_each(|(event, place)| columns.add(nth, place, event));
        }
        columns
    }

    fn add(&mut self, nth: i64, place: i64, NewEvent { encoded, tags }: &'c NewEvent) {
        self.nths.push(nth);
        self.places.push(place);
        self.names.push(&encoded.name);
        self.versions.push(i64::from(encoded.version));
        self.bytes.push(&encoded.bytes);
        for (at, tag) in tags.iter().enumerate() {
            // The same tag twice is one tag.
            if !tags[..at].contains(tag) {
                self.tag_nths.push(nth);
                self.tag_places.push(place);
                self.tags.push(tag);
            }
        }
    }
}

async fn save(link: &Link<Changing>, entities: &[&str], changes: &[&Change]) -> Result<Vec<Verdict>, Error> {
    let (mut epochs, mut sequences, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let (mut versions, mut bytes) = (Vec::new(), Vec::new());
    for change in changes {
        let Action::Save { epoch, snapshot } = &change.action else { continue };
        epochs.push(to_server(epoch.number()));
        sequences.push(to_server(snapshot.sequence.number()));
        names.push(snapshot.encoded.name.as_str());
        versions.push(i64::from(snapshot.encoded.version));
        bytes.push(snapshot.encoded.bytes.as_slice());
    }
    let save = &link.statements.save;
    let rows = link.client.query(save, &[&entities, &epochs, &sequences, &names, &versions, &bytes]).await?;
    refused(changes.len(), &rows)
}

/// All went well, except for those in `rows`.
fn refused(count: usize, rows: &[Row]) -> Result<Vec<Verdict>, Error> {
    let mut verdicts = vec![Ok(None); count];
    for row in rows {
        let (nth, at): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        let last: Option<i64> = row.try_get(2)?;
        let verdict = usize::try_from(nth - 1).ok().and_then(|at| verdicts.get_mut(at));
        if let Some(verdict) = verdict {
            *verdict = Err(Refused { epoch: at.map(epoch), last: last.map(sequence) });
        }
    }
    Ok(verdicts)
}

/// Opens entities: each from the epoch that it is seen to have, and again where another was faster.
async fn open(link: &Link<Changing>, entities: &[&str]) -> Result<Vec<Verdict>, Error> {
    let (client, statements) = (&link.client, &link.statements);
    let mut found: HashMap<String, Opened> = HashMap::new();
    let mut left = entities.to_vec();
    while !left.is_empty() {
        let mut seen: HashMap<String, i64> = HashMap::new();
        for row in client.query(&statements.epochs, &[&left]).await? {
            seen.insert(row.try_get(0)?, row.try_get(1)?);
        }
        let epochs: Vec<i64> = left.iter().map(|entity| seen.get(*entity).copied().unwrap_or(0)).collect();
        for row in client.query(&statements.open, &[&left, &epochs]).await? {
            let opened = Opened { epoch: epoch(row.try_get(1)?), last: sequence(row.try_get(2)?) };
            found.insert(row.try_get(0)?, opened);
        }
        left.retain(|entity| !found.contains_key(*entity));
    }
    let nowhere = Refused { epoch: None, last: None };
    Ok(entities.iter().map(|entity| found.get(*entity).copied().map(Some).ok_or(nowhere)).collect())
}

/// What an entity says that did not take a change.
pub(crate) fn fault(change: &Change, refused: Refused) -> Fault {
    let current = refused.epoch.unwrap_or(Epoch::START);
    match (&change.action, refused.last) {
        (Action::Append { epoch, .. }, Some(last)) if *epoch == current => Fault::StaleSequence { last },
        (Action::Open, _) => Fault::Failed("the server did not say where the entity is".into()),
        _ => Fault::StaleEpoch { current },
    }
}
