//! An entity's place in its region: what it takes along is put there, and found there.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::any::type_name;
use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::event::StateLeftBehind;
use super::name::EntityName;
use super::routes::Routes;
use super::slot::Home;
use super::whom::Whom;
use crate::actor::{
    Again, Alarm, Beat, Belongings, Context, DeadReason, Luggage, Make, Parcel, Refers, Repeat, TimerKey,
};
use crate::cluster::sharding::shard_of;
use crate::id::ActorId;
use crate::log::Level;
use crate::remote::{Hub, Remote, recall};
use crate::sync::Arc;

/// The place of an entity.
pub(super) struct Seat<M: Remote> {
    hub: Arc<Hub>,
    routes: Arc<Routes<M>>,
    entity: EntityName,
    shard: u32,
    id: ActorId,
}

impl<M: Remote> Seat<M> {
    /// That of an actor, if it is an entity.
    pub(super) fn of(ctx: &Context<M>) -> Option<Self> {
        let me = ctx.me().to_any();
        let hub = Hub::of(ctx.world())?;
        let routes: Arc<Routes<M>> = hub.residents().find(me.target().parent()?.id().number())?;
        let entity = EntityName::new(me.target().name()?);
        let shard = shard_of(entity.hash, routes.shards());
        Some(Self { hub, routes, entity, shard, id: me.id() })
    }

    /// Whether it is to go on elsewhere.
    pub(super) fn moves(&self) -> bool {
        let moves = |home: &mut Home<M>| home.packs(&self.entity, self.id);
        self.routes.with(self.shard, |slot| slot.home().is_some_and(moves)) == Some(true)
    }

    /// It has what came along with it.
    pub(super) fn unpacked(&self) {
        let parcel =
            self.routes.with(self.shard, |slot| slot.home().and_then(|it| it.unpacked(&self.entity)));
        drop(parcel);
    }

    /// Takes out of an entity what is to go along. A state that cannot be written stays, and so does all else; a message that cannot is dead.
    pub(super) fn pack<S: Serialize>(&self, ctx: &mut Context<M>, state: &S) {
        let state = match self.write(state) {
            Ok(state) => state,
            Err(cause) => {
                ctx.log(Level::Error, format_args!("its state stays behind: {cause}"));
                ctx.world().events().publish(|| StateLeftBehind { path: ctx.path(), cause });
                return;
            }
        };
        let since = ctx.now();
        let Belongings { stash, unread, timers, silence } = ctx.pack();
        let timers = timers.into_iter().filter_map(|(key, left, repeat)| {
            let (again, message) = match repeat {
                Repeat::Once(message) => (None, Some(message)),
                Repeat::Always(mut beat) => {
                    let again = if beat.fixed { Again::AtAFixedRate } else { Again::AfterAPause };
                    (Some(again(beat.duration)), (beat.make)())
                }
            };
            let message = self.keep(message?)?;
            Some(Alarm { key: String::from(key.as_str()), left, again, message })
        });
        let luggage = Luggage {
            codec: String::from(self.hub.writes()),
            state,
            timers: timers.collect(),
            stash: stash.into_iter().filter_map(|message| self.keep(message)).collect(),
            unread: unread.into_iter().filter_map(|message| self.keep(message)).collect(),
            silence: silence.and_then(|(quiet, mut make)| Some((quiet, self.keep(make()?)?))),
        };
        let parcel = Parcel { since, luggage };
        self.routes.with(self.shard, |slot| slot.home().map(|it| it.stow(self.entity.clone(), parcel)));
    }

    /// Writing is a user's code: what panics then cannot be written, and keeps nothing else from being. What is not written takes no
    /// questions along.
    fn write<T: Serialize>(&self, value: &T) -> Result<Vec<u8>, String> {
        let executor = self.routes.world().executor();
        let mut written = Err(String::from("it panicked while it was written"));
        let _ = executor.guard(&mut || written = self.hub.keep(value));
        if written.is_err() {
            let _ = executor.guard(&mut || recall(value));
        }
        written
    }

    fn keep(&self, message: M) -> Option<Vec<u8>> {
        let kept = self.write(&message).ok();
        let world = self.routes.world();
        if kept.is_none() {
            let whom = Whom::new(self.routes.region().to_any(), self.entity.clone());
            world.dead_letter(DeadReason::Unencodable, &whom, type_name::<M>());
        }
        world.bury(message);
        kept
    }

    /// The state and what else came along, or what of it cannot be read.
    pub(super) fn unpack<S>(&self, ctx: &Context<M>, parcel: &Parcel) -> Result<(S, Belongings<M>), String>
    where
        S: DeserializeOwned,
    {
        let luggage = parcel.aged(ctx.now());
        let codec = &*luggage.codec;
        let state = Hub::take_up(&self.hub, codec, &luggage.state)
            .map_err(|cause| format!("its state has come along and cannot be read: {cause}"))?;
        let read = |bytes: &Vec<u8>| {
            Hub::take_up::<M>(&self.hub, codec, bytes)
                .map_err(|cause| format!("a message has come along and cannot be read: {cause}"))
        };
        let timer = |alarm: &Alarm| -> Result<(TimerKey, Duration, Repeat<M>), String> {
            let message = read(&alarm.message)?;
            let repeat = match alarm.again {
                None => Repeat::Once(message),
                Some(Again::AfterAPause(pause)) => {
                    Repeat::Always(Beat::new(pause, false, self.again(codec, &alarm.message, message)))
                }
                Some(Again::AtAFixedRate(period)) => {
                    Repeat::Always(Beat::new(period, true, self.again(codec, &alarm.message, message)))
                }
            };
            Ok((TimerKey::from(alarm.key.clone()), alarm.left, repeat))
        };
        let silence = luggage.silence.as_ref().map(|(quiet, bytes)| {
            let message = read(bytes)?;
            Ok::<_, String>((*quiet, self.again(codec, bytes, message)))
        });
        let belongings = Belongings {
            stash: luggage.stash.iter().map(read).collect::<Result<_, _>>()?,
            unread: luggage.unread.iter().map(read).collect::<Result<_, _>>()?,
            timers: luggage.timers.iter().map(timer).collect::<Result<_, _>>()?,
            silence: silence.transpose()?,
        };
        Ok((state, belongings))
    }

    /// The message that these bytes are, again and again; the first time it was read already.
    fn again(&self, codec: &str, bytes: &[u8], first: M) -> Make<M> {
        let (hub, codec, bytes) = (Arc::clone(&self.hub), String::from(codec), bytes.to_vec());
        let mut first = Some(first);
        Box::new(move || first.take().or_else(|| Hub::take_up(&hub, &codec, &bytes).ok()))
    }
}
