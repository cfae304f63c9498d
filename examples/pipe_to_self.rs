//! Pipe to self: a future beside the actor, whose outcome comes back as a message.
//!
//! Run it: `cargo run --release --example pipe_to_self`.

use casty::TaskError;
use casty::prelude::*;

enum Gallery {
    Show(u32, ReplyTo<String>),
    /// The picture is there, for whoever wanted it.
    Fetched(Result<String, TaskError>, ReplyTo<String>),
    Shown(ReplyTo<u32>),
}

/// Goes on with other messages while pictures are fetched.
fn gallery(shown: u32) -> Behavior<Gallery> {
    Behavior::receive(move |ctx, message| match message {
        Gallery::Show(number, visitor) => {
            let picture = fetch(ctx.system(), number);
            // The reply travels with the outcome: the actor has nothing to remember.
            ctx.pipe_to_self(picture, |fetched| Gallery::Fetched(fetched, visitor));
            Behavior::same()
        }
        Gallery::Fetched(Ok(picture), visitor) => {
            visitor.tell(picture);
            gallery(shown + 1)
        }
        Gallery::Fetched(Err(error), visitor) => {
            visitor.tell(format!("an empty frame ({error})"));
            Behavior::same()
        }
        Gallery::Shown(reply) => {
            reply.tell(shown);
            Behavior::same()
        }
    })
}

/// The higher the number, the sooner it is there.
async fn fetch(system: ActorSystem, number: u32) -> String {
    system.sleep(millis(400 - 100 * u64::from(number))).await;
    assert_ne!(number, 3, "picture 3 was stolen");
    format!("picture {number}")
}

fn main() -> casty::Result {
    std::panic::set_hook(Box::new(|_| {})); // the theft is on purpose
    casty::block_on(async {
        let system = ActorSystem::new("museum");
        let gallery = system.spawn(gallery(0), "gallery")?;
        let wanted = [1, 2, 3].map(|number| gallery.ask(move |reply| Gallery::Show(number, reply), secs(1)));
        let at_first = gallery.ask(Gallery::Shown, secs(1)).await?;
        println!("while three pictures are fetched, the gallery answers: {at_first} shown");
        assert_eq!(at_first, 0);

        let mut pictures = Vec::new();
        for picture in wanted {
            pictures.push(picture.await?);
        }
        println!("{}", pictures.join(", "));
        let stolen = "an empty frame (panic: assertion `left != right` failed: picture 3 was stolen";
        assert_eq!(pictures[..2], ["picture 1", "picture 2"]);
        assert!(pictures[2].starts_with(stolen));
        assert_eq!(gallery.ask(Gallery::Shown, secs(1)).await?, 2);
        system.shutdown().await;
        Ok(())
    })
}
