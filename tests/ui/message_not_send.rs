//! A message that cannot go to another thread.

use std::rc::Rc;

use casty::prelude::*;

fn takes(_: Behavior<Rc<u32>>) {}

fn main() {}
