//! What every transport must do, by those that there are.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod line;

use casty_memory::MemoryNetwork;
use casty_simulation::{FaultyNetwork, NetworkFaults, Simulation};
use casty_smol::Smol;
use casty_tcp::Tcp;
use casty_tls::{Identity, Tls};
use casty_transport_conformance::{Failure, Scene, Verdict, transport_passes};
use casty_udp::{Settings, Udp};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

fn loopback(_name: &str) -> String {
    "127.0.0.1:0".into()
}

fn memory(scene: Scene) -> Verdict {
    scene.play_with(Smol::threads(1), MemoryNetwork::new(), str::to_owned)
}
transport_passes!(memory);

fn tcp(scene: Scene) -> Verdict {
    scene.play_with(Smol::threads(1), Tcp, loopback)
}
transport_passes!(tcp);

fn udp(scene: Scene) -> Verdict {
    scene.play_with(Smol::threads(1), Udp::new(), loopback)
}
transport_passes!(udp);

/// As small as can be: everything takes many datagrams.
fn tiny_datagrams(scene: Scene) -> Verdict {
    let tiny = Settings { datagram_bytes_max: 64, ..Settings::default() };
    scene.play_with(Smol::threads(1), Udp::with(tiny), loopback)
}
transport_passes!(tiny_datagrams);

fn simulated(scene: Scene) -> Verdict {
    let played = Simulation::new(7).try_run(|host| {
        let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
        let slow = casty_core::millis(3);
        network.set(NetworkFaults { delay_max: slow, read_bytes_max: 700, ..NetworkFaults::default() });
        scene.play(host, network, str::to_owned)
    });
    played.map_err(|stall| Failure::new(stall.to_string()))?.value
}
transport_passes!(simulated);

/// A line has one end for those that call and one for those that are called. Of callers at once it takes two, as few as a device has room for.
fn serial(scene: Scene) -> Verdict {
    let played = Simulation::new(7)
        .try_run(|host| scene.with_calls_max(2).play(host.clone(), line::Ends::new(&host), str::to_owned));
    played.map_err(|stall| Failure::new(stall.to_string()))?.value
}
transport_passes!(serial);

/// Certificates of one authority for both nodes of the suite; connections alone do not ask for whom they are.
fn identity() -> Identity {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = ["node", "other"].map(String::from);
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap().pem();
    let (key, authority) = (key.serialize_pem(), authority.pem());
    Identity::from_pem(certificate.as_bytes(), key.as_bytes(), authority.as_bytes()).unwrap()
}

fn tls(scene: Scene) -> Verdict {
    scene.play_with(Smol::threads(1), Tls::over(Tcp, identity()), loopback)
}
transport_passes!(tls);

fn tls_over_udp(scene: Scene) -> Verdict {
    scene.play_with(Smol::threads(1), Tls::over(Udp::new(), identity()), loopback)
}
transport_passes!(tls_over_udp);
