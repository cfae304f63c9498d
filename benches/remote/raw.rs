//! The bare side: a channel and a task at each end of one connection.

use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use async_channel::{Receiver, Sender, bounded, unbounded};
use async_io::Async;
use futures_lite::{AsyncReadExt, AsyncWriteExt};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::other_process::Server;
use crate::row::{IN_FLIGHT, Row};

#[derive(Serialize, Deserialize)]
enum Frame {
    Add(u64),
    Blob(ByteBuf),
    Next(u64),
    Total,
    Reply(u64),
}

const CHUNK: usize = 64 << 10;

/// Writes whatever has gathered in a channel, as one piece.
async fn write(mut stream: impl AsyncWriteExt + Unpin, frames: Receiver<Frame>) {
    let mut bytes = Vec::new();
    while let Ok(first) = frames.recv().await {
        put(&mut bytes, &first);
        while bytes.len() < CHUNK
            && let Ok(next) = frames.try_recv()
        {
            put(&mut bytes, &next);
        }
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
        bytes.clear();
    }
}

fn put(bytes: &mut Vec<u8>, frame: &Frame) {
    let begin = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    let all = postcard::to_extend(frame, std::mem::take(bytes)).unwrap();
    *bytes = all;
    let length = (bytes.len() - begin - 4) as u32;
    bytes[begin..begin + 4].copy_from_slice(&length.to_le_bytes());
}

/// Reads frames into a channel.
async fn read(mut stream: impl AsyncReadExt + Unpin, frames: Sender<Frame>) {
    let (mut bytes, mut end) = (vec![0; 4 * CHUNK], 0);
    while let Ok(more @ 1..) = stream.read(&mut bytes[end..]).await {
        end += more;
        let mut at = 0;
        while end - at >= 4 {
            let length = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
            if end - at - 4 < length {
                break;
            }
            let frame = postcard::from_bytes(&bytes[at + 4..at + 4 + length]).unwrap();
            at += 4 + length;
            if frames.send(frame).await.is_err() {
                return;
            }
        }
        bytes.copy_within(at..end, 0);
        end -= at;
    }
}

/// Both directions of a connection, each with its task.
fn talk(stream: TcpStream) -> (Sender<Frame>, Receiver<Frame>) {
    stream.set_nodelay(true).unwrap();
    let (reader, writer) = futures_lite::io::split(Async::new(stream).unwrap());
    let (told, to_write) = bounded(10_000);
    let (has_read, heard) = unbounded();
    smol::spawn(write(writer, to_write)).detach();
    smol::spawn(read(reader, has_read)).detach();
    (told, heard)
}

pub(crate) fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    let (stream, _) = listener.accept().unwrap();
    let (told, heard) = talk(stream);
    smol::block_on(async {
        let mut count = 0;
        while let Ok(frame) = heard.recv().await {
            let reply = match frame {
                Frame::Add(_) | Frame::Blob(_) | Frame::Reply(_) => {
                    count += 1;
                    continue;
                }
                Frame::Next(number) => number + 1,
                Frame::Total => count,
            };
            told.send(Frame::Reply(reply)).await.unwrap();
        }
    });
    std::thread::park();
}

pub(crate) fn drive(row: Row) -> f64 {
    let server = Server::start("bare", None);
    let (told, heard) = talk(TcpStream::connect(&server.address).unwrap());
    smol::block_on(async {
        let begun = Instant::now();
        match row {
            Row::SmallTells | Row::TellsTo10 | Row::TellsTo100 | Row::TellsTo1000 => {
                for number in 0..row.count() as u64 {
                    told.send(Frame::Add(number)).await.unwrap();
                }
                assert_eq!(total(&told, &heard).await, row.count() as u64);
            }
            Row::KibTells => {
                for _ in 0..row.count() {
                    told.send(Frame::Blob(ByteBuf::from(vec![7; 1_024]))).await.unwrap();
                }
                assert_eq!(total(&told, &heard).await, row.count() as u64);
            }
            Row::AsksInFlight => {
                for first in (0..row.count()).step_by(IN_FLIGHT) {
                    for number in first..first + IN_FLIGHT {
                        told.send(Frame::Next(number as u64)).await.unwrap();
                    }
                    for number in first..first + IN_FLIGHT {
                        assert_eq!(reply(&heard).await, number as u64 + 1);
                    }
                }
            }
            Row::SequentialAsks | Row::PinnedAsks => {
                for number in 0..row.count() as u64 {
                    told.send(Frame::Next(number)).await.unwrap();
                    assert_eq!(reply(&heard).await, number + 1);
                }
            }
        }
        begun.elapsed().as_nanos() as f64 / row.count() as f64
    })
}

async fn total(told: &Sender<Frame>, heard: &Receiver<Frame>) -> u64 {
    told.send(Frame::Total).await.unwrap();
    reply(heard).await
}

async fn reply(heard: &Receiver<Frame>) -> u64 {
    match heard.recv().await.unwrap() {
        Frame::Reply(number) => number,
        _ => panic!("not a reply"),
    }
}
