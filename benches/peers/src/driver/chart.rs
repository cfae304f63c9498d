//! The chart: how far the rivals are from the subject, a lane for each row, as SVG.

use crate::driver::plan::{CONTENDERS, Contender, Kind};
use crate::driver::results::Results;
use crate::driver::verdict::{Standing, subject};
use crate::row::Row;

/// A color for each rival, to be told apart on white and on black.
const COLORS: [(&str, &str); 5] = [
    ("actix", "#e8850c"),
    ("erlang", "#c2408f"),
    ("kameo", "#8a6fd8"),
    ("ractor", "#3f8fd6"),
    ("xtra", "#8c8c3a"),
];

const AHEAD: &str = "#2ea44f";
const BEHIND: &str = "#d9413b";
const TEXT: &str = "#7d8590";

const WIDTH: f64 = 900.0;
const LEFT: f64 = 130.0;
const RIGHT: f64 = 750.0;
const TOP: f64 = 92.0;
const LANE: f64 = 30.0;

/// Draws the rows of a class.
#[must_use]
pub fn svg(results: &Results, threads: usize) -> String {
    let lanes: Vec<Lane> = Row::ALL.into_iter().filter_map(|row| Lane::of(results, row, threads)).collect();
    let bottom = LANE.mul_add(lanes.len() as f64, TOP);
    let scale = Scale::over(&lanes);
    let mut drawing = Drawing::new(bottom + 40.0);
    drawing.text((16.0, 26.0), "start", 17, &format!("How many times casty's cost, on {threads} threads"));
    legend(&mut drawing);
    axis(&mut drawing, scale, bottom);
    for (index, lane) in lanes.iter().enumerate() {
        draw(&mut drawing, scale, LANE.mul_add(index as f64 + 0.5, TOP), lane);
    }
    drawing.finish()
}

/// One row: each rival's cost, in that of the subject.
struct Lane {
    row: Row,
    best: Standing,
    rivals: Vec<(Contender, f64)>,
}

impl Lane {
    fn of(results: &Results, row: Row, threads: usize) -> Option<Self> {
        let own = results.summary(subject(), row, threads)?.median;
        let rivals = CONTENDERS.into_iter().filter(|contender| contender.kind == Kind::Rival);
        let cost = |rival| Some((rival, results.summary(rival, row, threads)?.median / own));
        Some(Self {
            row,
            best: Standing::of(results, row, threads)?,
            rivals: rivals.filter_map(cost).collect(),
        })
    }
}

/// A logarithmic axis, from a power of ten to another.
#[derive(Clone, Copy)]
struct Scale {
    low: i32,
    high: i32,
}

impl Scale {
    /// The widest that is needed, at least from a third to ten.
    fn over(lanes: &[Lane]) -> Self {
        let ratios = || lanes.iter().flat_map(|lane| lane.rivals.iter().map(|(_, ratio)| *ratio));
        let low = ratios().fold(0.5, f64::min).log10().floor();
        let high = ratios().fold(9.9, f64::max).log10().ceil();
        Self { low: low.max(-4.0) as i32, high: high.min(6.0) as i32 }
    }

    fn at(self, ratio: f64) -> f64 {
        let share = (ratio.log10() - f64::from(self.low)) / f64::from(self.high - self.low);
        share.clamp(0.0, 1.0).mul_add(RIGHT - LEFT, LEFT)
    }
}

fn legend(drawing: &mut Drawing) {
    let mut x = 16.0;
    for (name, color) in COLORS {
        drawing.dot((x + 6.0, 50.0), color);
        drawing.text((x + 17.0, 54.5), "start", 13, name);
        x += 8.5f64.mul_add(name.len() as f64, 36.0);
    }
    drawing.bar(x + 4.0, x + 28.0, 50.0, AHEAD);
    drawing.text((x + 36.0, 54.5), "start", 13, "to the best rival: casty is ahead");
    drawing.bar(x + 254.0, x + 278.0, 50.0, BEHIND);
    drawing.text((x + 286.0, 54.5), "start", 13, "casty is behind");
}

fn axis(drawing: &mut Drawing, scale: Scale, bottom: f64) {
    for power in scale.low..=scale.high {
        let label =
            if power < 0 { format!("1/{}", 10_u64.pow(power.unsigned_abs())) } else { thousands(power) };
        let x = scale.at(10_f64.powi(power));
        drawing.line(x, bottom, if power == 0 { 2.0 } else { 0.6 });
        drawing.text(
            (x, TOP - 8.0),
            "middle",
            12,
            &if power == 0 { "casty".into() } else { format!("{label}x") },
        );
        drawing.text((x, bottom + 18.0), "middle", 12, &format!("{label}x"));
    }
}

fn thousands(power: i32) -> String {
    let number = 10_u64.pow(power.unsigned_abs());
    if number < 1_000 { number.to_string() } else { format!("{},000", number / 1_000) }
}

fn draw(drawing: &mut Drawing, scale: Scale, y: f64, lane: &Lane) {
    let color = if lane.best.ratio < 1.0 { BEHIND } else { AHEAD };
    drawing.text((LEFT - 12.0, y + 4.5), "end", 13, lane.row.name());
    drawing.bar(scale.at(1.0), scale.at(lane.best.ratio), y, color);
    for (rival, ratio) in &lane.rivals {
        let color = COLORS.iter().find(|(name, _)| *name == rival.name).map_or(TEXT, |(_, color)| color);
        drawing.dot((scale.at(*ratio), y), color);
    }
    let label = format!("{:.2}x {}", lane.best.ratio, lane.best.rival.name);
    drawing.text((RIGHT + 18.0, y + 4.5), "start", 13, &label);
}

/// An SVG in the making.
struct Drawing(String);

impl Drawing {
    fn new(height: f64) -> Self {
        let head = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
             height=\"{height}\" font-family=\"system-ui, sans-serif\">\n<title>Casty beside its rivals</title>\n"
        );
        Self(head)
    }

    fn text(&mut self, (x, y): (f64, f64), anchor: &str, size: u32, text: &str) {
        self.0 += &format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{TEXT}\">{}</text>\n",
            escaped(text)
        );
    }

    /// From the top of the lanes to their bottom.
    fn line(&mut self, x: f64, bottom: f64, width: f64) {
        self.0 += &format!(
            "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\" stroke=\"{TEXT}\" stroke-width=\"{width}\"/>\n"
        );
    }

    /// Between two places, in either order.
    fn bar(&mut self, from: f64, to: f64, y: f64, color: &str) {
        let (x, width) = (from.min(to), (to - from).abs());
        self.0 += &format!(
            "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"12\" rx=\"2\" fill=\"{color}\" fill-opacity=\"0.45\"/>\n",
            y - 6.0
        );
    }

    fn dot(&mut self, (x, y): (f64, f64), color: &str) {
        self.0 += &format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{color}\"/>\n");
    }

    fn finish(self) -> String {
        self.0 + "</svg>\n"
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;

    fn chart() -> String {
        let mut results = Results::default();
        for (index, contender) in CONTENDERS.into_iter().enumerate() {
            for row in Row::ALL {
                let nanoseconds = 10_u64.pow(u32::try_from(index % 4).unwrap());
                results.add((contender, row, 2), Ok(Outcome::Time { operations: 1, nanoseconds }));
            }
        }
        svg(&results, 2)
    }

    #[test]
    fn every_tag_is_closed() {
        let chart = chart();
        let mut open = Vec::new();
        for tag in chart.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').unwrap();
            assert!(tag.matches('"').count().is_multiple_of(2), "{tag}");
            let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap();
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert_eq!(open, Vec::<&str>::new());
    }

    #[test]
    fn every_row_and_every_rival_is_named() {
        let chart = chart();
        let rivals = CONTENDERS.into_iter().filter(|contender| contender.kind == Kind::Rival);
        for name in Row::ALL.map(Row::name).into_iter().chain(rivals.map(|rival| rival.name)) {
            assert!(chart.contains(&format!(">{name}<")), "{name}");
        }
    }

    #[test]
    fn every_rival_has_a_color() {
        let rivals = CONTENDERS.into_iter().filter(|contender| contender.kind == Kind::Rival);
        assert!(rivals.map(|rival| rival.name).eq(COLORS.iter().map(|(name, _)| *name)));
    }

    #[test]
    fn without_figures_there_is_still_a_chart() {
        assert!(svg(&Results::default(), 2).ends_with("</svg>\n"));
    }
}
