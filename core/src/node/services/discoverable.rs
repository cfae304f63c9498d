//! A behavior whose actor is registered while it lives.

use super::key::ServiceKey;
use crate::actor::Behavior;
use crate::remote::Remote;

/// Actors that other nodes find.
impl<M: Remote> Behavior<M> {
    /// Registers its actor as a [service](crate::Services) when it starts, until it stops. An actor that cannot be registered fails, with the
    /// [reason](crate::ServiceError).
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Remote, ServiceKey};
    /// # use casty_simulation::Simulation;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Print(String);
    /// # impl Remote for Print { const NAME: &str = "office.Print"; }
    /// const PRINTERS: ServiceKey<Print> = ServiceKey::new("printers");
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let printer = system.spawn(Behavior::ignore().discoverable(&PRINTERS), "printer").unwrap();
    /// # system.sleep(casty_core::millis(1)).await;
    /// assert!(system.services().find(&PRINTERS).unwrap().iter().eq([&printer]));
    /// # });
    /// ```
    #[must_use]
    pub fn discoverable(self, service: &ServiceKey<M>) -> Self {
        let service = service.clone();
        Self::setup(move |ctx| match ctx.services().register(&service, &ctx.me()) {
            Ok(()) => self.clone(),
            Err(error) => Self::fail(error),
        })
    }
}
