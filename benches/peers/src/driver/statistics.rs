//! Medians, ranges, and figures as people read them.

/// What a number of samples comes down to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Summary {
    /// The one in the middle, or the mean of the two there.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Summary {
    /// Of some samples; of none there is no summary.
    #[must_use]
    pub fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Some(Self { median, min, max })
    }
}

/// Three significant digits, and thousands apart.
#[must_use]
pub fn figure(value: f64) -> String {
    if value < 9.995 {
        return format!("{value:.2}");
    }
    if value < 99.95 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        let summary = Summary::of(&[3.0, 1.0, 200.0]).unwrap();
        assert_eq!(summary, Summary { median: 3.0, min: 1.0, max: 200.0 });
        assert_eq!(Summary::of(&[4.0, 1.0, 2.0, 100.0]).unwrap().median, 3.0);
        assert_eq!(Summary::of(&[7.0]).unwrap(), Summary { median: 7.0, min: 7.0, max: 7.0 });
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn a_figure_has_three_digits_that_count() {
        let figures = [0.0, 5.444, 9.996, 44.46, 99.96, 644.5, 1_234.4, 53_636.0, 1_234_567.0].map(figure);
        assert_eq!(figures, ["0.00", "5.44", "10.0", "44.5", "100", "644", "1,234", "53,636", "1,234,567"]);
    }
}
