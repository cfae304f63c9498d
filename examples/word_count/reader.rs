//! A reader: reads its files a chunk at a time, no faster than chunks are counted.

use std::path::PathBuf;
use std::sync::Arc;

use casty::TaskError;
use casty::prelude::*;

use crate::chunks::{Chunks, Piece};
use crate::pipeline::Pipeline;
use crate::pool::{Batch, Seats};

/// What a reader hears: from the jobs it has started itself. They carry its place in the files.
pub(crate) enum Reader {
    /// A chunk was read, or there is no more.
    Read(Chunks, Option<Piece>),
    /// The chunk was taken: time for the next.
    Taken(Chunks),
    /// The job failed.
    Failed(String),
}

/// Reads `files` and deals out their chunks to `seats`. It ends at the end of the last one.
pub(crate) fn reader(files: Vec<PathBuf>, seats: Seats, pipeline: ActorRef<Pipeline>) -> Behavior<Reader> {
    Behavior::setup(move |ctx| {
        read(ctx, Chunks::of(files.clone()));
        dealing(seats.clone(), pipeline.clone(), 0)
    })
}

/// Deals the next chunk to the seat whose turn it is.
fn dealing(seats: Seats, pipeline: ActorRef<Pipeline>, turn: usize) -> Behavior<Reader> {
    Behavior::receive(move |ctx, message| match message {
        Reader::Read(chunks, Some(Piece::Lines(lines))) => {
            deal(ctx, &seats[turn % seats.len()], lines.into(), chunks);
            dealing(Arc::clone(&seats), pipeline.clone(), turn + 1)
        }
        Reader::Read(chunks, Some(Piece::Unreadable(path, error))) => {
            pipeline.tell(Pipeline::Skipped(format!("{}: {error}", path.display())));
            read(ctx, chunks);
            Behavior::same()
        }
        Reader::Read(_, None) => {
            pipeline.tell(Pipeline::ReadAll);
            Behavior::stopped()
        }
        Reader::Taken(chunks) => {
            read(ctx, chunks);
            Behavior::same()
        }
        Reader::Failed(reason) => Behavior::fail(reason),
    })
}

/// Reads the next chunk, where blocking holds up nobody.
fn read(ctx: &mut Context<Reader>, mut chunks: Chunks) {
    let job = move || {
        let piece = chunks.next();
        (chunks, piece)
    };
    ctx.spawn_blocking(job, |read| match read {
        Ok((chunks, piece)) => Reader::Read(chunks, piece),
        Err(error) => Reader::failed(&error),
    });
}

/// Waits until the seat has room for the batch: while it waits, nothing more is read.
fn deal(ctx: &mut Context<Reader>, seat: &ActorRef<Batch>, batch: Batch, chunks: Chunks) {
    let sending = seat.send(batch);
    let sent = async move { sending.await.map(|()| chunks) };
    ctx.pipe_to_self(sent, |sent| match sent {
        Ok(Ok(chunks)) => Reader::Taken(chunks),
        Ok(Err(stopped)) => Reader::Failed(stopped.to_string()),
        Err(error) => Reader::failed(&error),
    });
}

impl Reader {
    fn failed(error: &TaskError) -> Self {
        Self::Failed(error.to_string())
    }
}
