//! Connecting: who is found, who is not, and who is in nobody's way.

use casty_core::transport::Transport;
use std::future::poll_fn;
use std::task::Poll;

use futures_lite::future;

use crate::sentence::{Failure, Verdict, ensure};
use crate::stage::{Stage, accept, is_pending, read, write};

pub(crate) async fn a_connection_to_nobody_is_an_error_that_names_the_address(stage: Stage) -> Verdict {
    // Somebody was there.
    let listener = stage.listen("gone").await?;
    let address = listener.address();
    drop(listener);
    stage.pause().await;
    match stage.transport().connect(&address).await {
        Ok(_) => Err(Failure::new("somebody is there")),
        Err(error) => ensure(error.address == address, &format!("it names {}", error.address)),
    }
}

pub(crate) async fn a_second_listener_at_an_address_is_an_error_that_names_it(stage: Stage) -> Verdict {
    let listener = stage.listen("here").await?;
    let address = listener.address();
    match stage.transport().listen(&address).await {
        Ok(_) => Err(Failure::new("two listen at one address")),
        Err(error) => ensure(error.address == address, &format!("it names {}", error.address)),
    }
}

pub(crate) async fn the_address_of_a_listener_leads_to_it(stage: Stage) -> Verdict {
    let (mut one, mut other) = (stage.listen("one").await?, stage.listen("other").await?);
    ensure(one.address() != other.address(), "two listeners have one address")?;
    stage.pair(&mut other).await?.exchange(10, 10, 10).await?;
    ensure(is_pending(|cx| one.poll_accept(cx)), "the other one was called")
}

pub(crate) async fn a_connection_that_is_given_up_hinders_no_other(stage: Stage) -> Verdict {
    let mut listener = stage.listen("here").await?;
    for _ in 0..10 {
        let mut connecting = stage.transport().connect(&listener.address());
        let _ = future::poll_once(&mut connecting).await;
    }
    let address = listener.address();
    let transport = stage.transport();
    let calling = async {
        let mut near = transport.connect(&address).await?;
        write(&mut near, 1, 0, 1_000).await?;
        read(&mut near, 2, 0..1, 1).await
    };
    // Those that were given up may be accepted, and end.
    let answering = async {
        loop {
            let mut far = accept(&mut listener).await?;
            if read(&mut far, 1, 0..1_000, 100).await.is_ok() {
                write(&mut far, 2, 0, 1).await?;
                future::pending::<()>().await;
            }
        }
    };
    future::or(calling, answering).await
}

pub(crate) async fn many_may_connect_at_once(stage: Stage) -> Verdict {
    let many = stage.calls_max();
    let mut listener = stage.listen("here").await?;
    let (transport, address) = (stage.transport(), listener.address());
    let mut calls: Vec<_> = (0..many).map(|_| Some(transport.connect(&address))).collect();
    let (mut near, mut far) = (Vec::new(), Vec::new());
    poll_fn(|cx| {
        for call in &mut calls {
            if let Some(calling) = call
                && let Poll::Ready(called) = calling.as_mut().poll(cx)
            {
                near.push(called);
                *call = None;
            }
        }
        while let Poll::Ready(Ok(connection)) = listener.poll_accept(cx) {
            far.push(connection);
        }
        // Who is called may have something to say before the call is through.
        far.iter_mut().for_each(|far| drop(far.poll_read(cx, &mut [0])));
        if near.len() == many && far.len() == many { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    // All of them are there at the same time, and each has its own other end.
    let mut near = near.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut heard = vec![0; many];
    poll_fn(|cx| {
        for (nth, connection) in near.iter_mut().enumerate() {
            let said = if heard[nth] == 0 { connection.poll_write(cx, &[7]) } else { Poll::Pending };
            heard[nth] |= usize::from(said.is_ready());
            let _ = connection.poll_read(cx, &mut [0]);
        }
        far.retain_mut(|connection| !matches!(connection.poll_read(cx, &mut [0; 2]), Poll::Ready(Ok(1))));
        if far.is_empty() { Poll::Ready(Ok(())) } else { Poll::Pending }
    })
    .await
}

pub(crate) async fn somebody_who_connects_and_goes_away_hinders_no_other(stage: Stage) -> Verdict {
    let mut listener = stage.listen("here").await?;
    for _ in 0..20 {
        let pair = stage.pair(&mut listener).await?;
        drop(pair);
    }
    stage.pair(&mut listener).await?.exchange(1_000, 1_000, 1_000).await
}
