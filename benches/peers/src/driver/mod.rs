//! What runs the contenders in turn, and shows what they measured.
//!
//! ```text
//! options ─▶ plan ─▶ runner ─▶ results ─ statistics, verdict ─▶ table, chart ─▶ report
//! ```

pub mod chart;
pub mod erlang;
pub mod machine;
pub mod options;
pub mod plan;
pub mod report;
pub mod results;
pub mod runner;
pub mod statistics;
pub mod table;
pub mod verdict;
