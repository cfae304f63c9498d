//! The table: a line for each row, with how casty stands beside the others.

use crate::other_process::Side;
use crate::row::Row;

/// The table.
pub(crate) struct Table<'s> {
    sides: &'s [Side],
}

impl<'s> Table<'s> {
    pub(crate) const fn new(sides: &'s [Side]) -> Self {
        Self { sides }
    }

    /// Its first line.
    pub(crate) fn head(&self) -> String {
        let names: String = self.sides.iter().map(|side| format!(" {:>12}", side.name)).collect();
        format!("{:<24}{names} {:>12} {:>24}", "", "beside bare", "beside the best rival")
    }

    /// The line of a row.
    pub(crate) fn line(&self, row: Row, medians: &[Option<f64>]) -> String {
        let show = |nanos: &Option<f64>| nanos.map_or("-".into(), |nanos| row.show(nanos));
        let figures: String = medians.iter().map(|nanos| format!(" {:>12}", show(nanos))).collect();
        let bare = match medians {
            [Some(casty), Some(bare), ..] => format!("{:.2}x", bare / casty),
            _ => "-".into(),
        };
        let best = match self.best_rival(medians) {
            Some((ratio, rival)) => format!("{ratio:.2}x {rival}"),
            None => "-".into(),
        };
        format!("{:<24}{figures} {bare:>12} {best:>24}", row.name())
    }

    /// How many times as fast as the best rival casty is, and who that is.
    pub(crate) fn best_rival(&self, medians: &[Option<f64>]) -> Option<(f64, &'s str)> {
        let casty = (*medians.first()?)?;
        let rivals = self.sides.iter().zip(medians).filter(|(side, _)| side.rival);
        let best = rivals.filter_map(|(side, nanos)| Some(((*nanos)?, side.name.as_str())));
        let (nanos, name) = best.min_by(|(one, _), (other, _)| one.total_cmp(other))?;
        Some((nanos / casty, name))
    }
}
