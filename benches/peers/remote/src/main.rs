//! The rivals between two processes: each serves a counting actor, and drives one.
//!
//! ```text
//! casty-peers-remote sides             who there is, a line each
//! casty-peers-remote serve SIDE        says where it listens, and serves until it is ended
//! casty-peers-remote drive SIDE ROW    says how many nanoseconds each of a row takes
//! ```
//!
//! The bench `remote` of casty runs this program beside casty and a bare one.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

mod coerce;
mod counter;
mod erlang;
mod kameo;
mod ractor;

use counter::{Counter, drive};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["sides"] => sides(),
        ["serve", "erlang"] => erlang::serve(),
        ["serve", side] => serve(side),
        ["drive", "erlang", row] => erlang::drive(row),
        ["drive", side, row] => println!("{}", on_tokio(measure(side, row))),
        _ => panic!("what is needed is `sides`, `serve SIDE` or `drive SIDE ROW`"),
    }
}

fn sides() {
    println!("ractor\nkameo\ncoerce");
    if erlang::is_here() {
        println!("erlang");
    }
}

fn serve(side: &str) {
    on_tokio(async {
        match side {
            "ractor" => ractor::serve().await,
            "kameo" => kameo::serve().await,
            "coerce" => coerce::serve().await,
            _ => panic!("nobody is called {side}"),
        }
        std::future::pending::<()>().await;
    });
}

async fn measure(side: &str, row: &str) -> f64 {
    match side {
        "ractor" => drive(ractor::Remote::connect().await, row).await,
        "kameo" => drive(kameo::Remote::connect().await, row).await,
        "coerce" => drive(coerce::Remote::connect().await, row).await,
        _ => panic!("nobody is called {side}"),
    }
}

fn on_tokio<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(future)
}
