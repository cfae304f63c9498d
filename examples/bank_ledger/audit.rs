//! The audit: what the journal itself says, held against the file of transfers.

use std::collections::{BTreeMap, BTreeSet};

use casty::journal::{EntityId, Journal, Sequence};
use casty::persist::{Codec, Postcard};
use casty::sqlite::SqliteJournal;

use crate::account::{Event, OPENING_BALANCE, Outcome, PREFIX, Side};
use crate::transfers::Transfer;

/// How much is read at once.
const PAGE: usize = 1_000;

/// What the accounts have done about one transfer.
#[derive(Default)]
struct Found {
    paid: Vec<(String, Outcome)>,
    received: Vec<String>,
}

/// What there is to say when all is right.
///
/// # Errors
/// The first transfer that was lost, doubled or changed, or a sum that is not what it was.
pub(crate) async fn audit(journal: &SqliteJournal, transfers: &[Transfer]) -> casty::Result<String> {
    let mut found: BTreeMap<u64, Found> = BTreeMap::new();
    let mut sum = 0;
    let names: BTreeSet<&String> = transfers.iter().flat_map(|it| [&it.from, &it.to]).collect();
    for name in &names {
        sum += balance(journal, name, transfers, &mut found).await?;
    }
    let mut declined = 0;
    for (transfer, number) in transfers.iter().zip(0..) {
        declined += check(number, transfer, found.get(&number))?;
    }
    let expected = names.len() as u64 * OPENING_BALANCE;
    if sum != expected {
        return Err(format!("the accounts have {sum} instead of {expected}").into());
    }
    let (count, accounts) = (transfers.len(), names.len());
    Ok(format!(
        "verified: {count} transfers, {declined} of them declined; {accounts} accounts have {sum}, as before"
    ))
}

/// The balance of an account by its events, which are noted.
async fn balance(
    journal: &SqliteJournal,
    name: &str,
    transfers: &[Transfer],
    found: &mut BTreeMap<u64, Found>,
) -> casty::Result<u64> {
    let entity = EntityId::new(format!("{PREFIX}{name}"));
    let (mut balance, mut after) = (OPENING_BALANCE, Sequence::START);
    loop {
        let page = journal.replay(&entity, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(balance) };
        after = last.sequence;
        for stored in page {
            let event: Event = Postcard.decode(&stored.encoded)?;
            let known = usize::try_from(event.number).ok().and_then(|number| transfers.get(number));
            if known.is_none_or(|transfer| transfer.amount != event.amount) {
                return Err(format!("{name}: no transfer is like {event:?}").into());
            }
            let found = found.entry(event.number).or_default();
            let changed = match event.side {
                Side::Pays(outcome) => {
                    found.paid.push((name.into(), outcome));
                    let amount = if outcome == Outcome::Debited { event.amount } else { 0 };
                    balance.checked_sub(amount)
                }
                Side::Receives => {
                    found.received.push(name.into());
                    balance.checked_add(event.amount)
                }
            };
            balance = changed.ok_or_else(|| format!("{name}: has not enough for {event:?}"))?;
        }
    }
}

/// Whether a transfer was carried out once, or declined: then 1.
fn check(number: u64, transfer: &Transfer, found: Option<&Found>) -> casty::Result<u64> {
    let Transfer { from, to, .. } = transfer;
    let (paid, received) = found.map_or((&[][..], &[][..]), |found| (&found.paid, &found.received));
    match (paid, received) {
        ([(payer, Outcome::Debited)], [receiver]) if payer == from && receiver == to => Ok(0),
        ([(payer, Outcome::Declined)], []) if payer == from => Ok(1),
        _ => Err(format!("transfer {number}, {transfer:?}: paid {paid:?}, received {received:?}").into()),
    }
}
