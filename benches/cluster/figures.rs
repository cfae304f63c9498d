//! How long something took, many times, as a line of a table.

use std::time::Duration;

/// Prints what the columns are.
pub(crate) fn head() {
    println!("{:<56} {:>10} {:>10} {:>10} {:>7}", "", "median", "least", "most", "rounds");
}

/// Prints a line: in milliseconds.
pub(crate) fn line(what: &str, mut figures: Vec<Duration>) {
    figures.sort_unstable();
    let millis = |at: usize| figures.get(at).map_or(f64::NAN, |figure| figure.as_secs_f64() * 1e3);
    let (median, least, most) =
        (millis(figures.len() / 2), millis(0), millis(figures.len().saturating_sub(1)));
    println!("{what:<56} {median:>7.1} ms {least:>7.1} ms {most:>7.1} ms {:>7}", figures.len());
}
