//! One scenario under many seeds, and the command that replays the one that failed.

use core::panic::AssertUnwindSafe;
use std::env;
use std::panic::{catch_unwind, resume_unwind};
use std::thread;

use crate::simulation::Simulation;

/// Seeds to run when nobody says how many: enough to notice, little enough to run at each save.
const SEEDS: u64 = 100;

/// Runs `scenario` under many seeds: 100, or as many as the variable `CASTY_SEEDS` says.
///
/// When one panics, the seed and a command that replays it are printed, and the panic goes on. The variable `CASTY_SEED` runs one
/// seed alone.
///
/// ```
/// use casty_core::{ActorSystem, Behavior, ReplyTo, secs};
/// use casty_simulation::sweep;
///
/// sweep(|simulation| {
///     simulation.run(|host| async move {
///         let system = ActorSystem::on(host).start().unwrap();
///         let echo: Behavior<ReplyTo<u8>> = Behavior::receive_message(|reply: ReplyTo<u8>| {
///             reply.tell(7);
///             Behavior::same()
///         });
///         let echo = system.spawn(echo, "echo").unwrap();
///         assert_eq!(echo.ask(|reply| reply, secs(1)).await, Ok(7));
///     });
/// });
/// ```
///
/// # Panics
/// When `scenario` does, and when one of the two variables is not a number.
pub fn sweep(scenario: impl Fn(Simulation)) {
    sweep_over(0..number("CASTY_SEEDS").unwrap_or(SEEDS), scenario);
}

/// Runs `scenario` under each of `seeds`, or under the one that the variable `CASTY_SEED` says, like [`sweep`].
///
/// Where `CASTY_SEEDS` is some hundreds, there are that many times as many: those that come after.
///
/// ```
/// use std::cell::RefCell;
///
/// let seen = RefCell::new(Vec::new());
/// casty_simulation::sweep_over([3, 5], |simulation| seen.borrow_mut().push(simulation.seed()));
/// assert!(seen.into_inner().starts_with(&[3, 5]));
/// ```
///
/// # Panics
/// When `scenario` does, and when one of the two variables is not a number.
pub fn sweep_over(seeds: impl IntoIterator<Item = u64>, scenario: impl Fn(Simulation)) {
    match number("CASTY_SEED") {
        Some(seed) => play(seed, &scenario),
        None => {
            let times = number("CASTY_SEEDS").unwrap_or(SEEDS) / SEEDS;
            multiplied(seeds.into_iter().collect(), times).for_each(|seed| play(seed, &scenario));
        }
    }
}

/// These seeds, and those that come after the last, so many times as many in all.
fn multiplied(seeds: Vec<u64>, times: u64) -> impl Iterator<Item = u64> {
    let next = seeds.iter().max().map_or(0, |last| last.saturating_add(1));
    let more = (seeds.len() as u64).saturating_mul(times.saturating_sub(1));
    seeds.into_iter().chain(next..next.saturating_add(more))
}

fn play(seed: u64, scenario: &impl Fn(Simulation)) {
    // The panic goes on below, so nobody looks at what it left half done.
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| scenario(Simulation::new(seed)))) {
        let package = env::var("CARGO_PKG_NAME").ok();
        let test = thread::current().name().map(String::from);
        eprintln!("\nseed {seed} failed; to replay it:\n    {}\n", replay(seed, package, test));
        resume_unwind(panic);
    }
}

/// The command that runs one seed of the test on this thread.
fn replay(seed: u64, package: Option<String>, test: Option<String>) -> String {
    let package = package.map_or_else(String::new, |package| format!(" -p {package}"));
    // On the main thread it is no test that runs, or one of which the name is not known.
    let test =
        test.filter(|name| name != "main").map_or_else(String::new, |name| format!(" -- --exact {name}"));
    let release = if cfg!(debug_assertions) { "" } else { " --release" };
    format!("CASTY_SEED={seed} cargo test{package}{release}{test}")
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    let number = text.trim().parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} must be a number, not `{text}`")))
}

#[cfg(test)]
mod tests {
    use super::{multiplied, replay};

    #[test]
    fn seeds_are_multiplied_by_those_that_come_after_the_last() {
        assert!(multiplied(vec![3, 5], 0).eq([3, 5]));
        assert!(multiplied(vec![3, 5], 1).eq([3, 5]));
        assert!(multiplied(vec![5, 3], 3).eq([5, 3, 6, 7, 8, 9]));
        assert_eq!(multiplied(Vec::new(), 3).count(), 0);
    }

    #[test]
    fn the_command_names_the_seed_the_package_and_the_test() {
        let command = replay(7, Some("bank".into()), Some("transfers::add_up".into()));
        assert!(command.starts_with("CASTY_SEED=7 cargo test -p bank"));
        assert!(command.ends_with(" -- --exact transfers::add_up"));
    }

    #[test]
    fn a_test_whose_name_is_not_known_is_left_out() {
        assert!(!replay(7, None, Some("main".into())).contains("--exact"));
    }
}
