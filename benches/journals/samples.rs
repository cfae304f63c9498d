//! Measurements of the same thing: their median, and what lies around it.

/// The measurements of one contender.
#[derive(Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn add(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_by(f64::total_cmp);
    }

    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        let (low, high) = (self.0.get(self.0.len().saturating_sub(1) / 2), self.0.get(middle));
        low.zip(high).map_or(f64::NAN, |(low, high)| f64::midpoint(*low, *high))
    }

    /// The median, and in brackets the smallest and the largest.
    pub(crate) fn text(&self) -> String {
        let ends = self.0.first().zip(self.0.last());
        let (first, last) = ends.map_or((f64::NAN, f64::NAN), |(first, last)| (*first, *last));
        format!("{:.0} [{first:.0}-{last:.0}]", self.median())
    }
}
