//! What every executor must do, in virtual time and in the order of many seeds.

use casty_conformance::{Scene, Verdict, executor_passes};
use casty_core::millis;
use casty_simulation::{Host, Simulation};

fn simulated(scene: Scene<Host>) -> Verdict {
    Simulation::new(7).try_run(scene)?.value
}
executor_passes!(simulated: unwinding);

fn lagging(scene: Scene<Host>) -> Verdict {
    Simulation::new(7).lag(millis(1)).try_run(scene)?.value
}
executor_passes!(lagging: unwinding);
