//! Transfers, as lines of a file: `from,to,amount`.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use casty::Rng;

/// The first line of a file.
const TITLE: &str = "from,to,amount";

/// How many transfers are made up, between how many accounts, and how large they are at most.
const TRANSFERS: usize = 60_000;
const ACCOUNTS: usize = 500;
const AMOUNT_MAX: usize = 400;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Transfer {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) amount: u64,
}

/// The transfers in a file.
pub(crate) fn read(file: &Path) -> casty::Result<Vec<Transfer>> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.is_empty() && *line != TITLE);
    let transfers = lines.map(|(line, number)| {
        transfer(line).ok_or_else(|| format!("{}, line {number}: not {TITLE}: {line}", file.display()).into())
    });
    transfers.collect()
}

fn transfer(line: &str) -> Option<Transfer> {
    let mut fields = line.split(',').map(str::trim);
    let [from, to, amount] = [(); 3].map(|()| fields.next());
    if fields.next().is_some() {
        return None;
    }
    Some(Transfer { from: from?.into(), to: to?.into(), amount: amount?.parse().ok()? })
}

/// The transfers in `folder`, which are made up if there are none: always the same.
pub(crate) fn made_up(folder: &Path) -> casty::Result<Vec<Transfer>> {
    let file = folder.join("transfers.csv");
    if !file.exists() {
        let mut rng = Rng::new(1);
        let mut text = format!("{TITLE}\n");
        for _ in 0..TRANSFERS {
            let (from, to, amount) = (rng.below(ACCOUNTS), rng.below(ACCOUNTS), 1 + rng.below(AMOUNT_MAX));
            writeln!(text, "customer-{from},customer-{to},{amount}")?;
        }
        // Whole, or not there: it may be killed here as well.
        let unfinished = folder.join("transfers.csv.part");
        fs::write(&unfinished, text)?;
        fs::rename(unfinished, &file)?;
    }
    read(&file)
}
