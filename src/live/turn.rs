//! The embedded STUN and TURN server, over UDP. It is made for sites that have none; where clinics
//! sit behind firewalls that let only TLS out, an external one with the same secret stands beside.
//!
//! The crate `turn` does the protocol. What it lacks is here: names that expire, a filter of the
//! addresses that may be reached, a quota, a measure against floods, and counts.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use turn::Error as CrateError;
use turn::auth::{AuthHandler, generate_auth_key};
use turn::server::Server;
use turn::server::config::{ConnConfig, ServerConfig};

use crate::live::ice::IceServers;
use crate::model::{BookingId, ParticipantId};
use crate::time::Clock;

mod counters;
mod door;
pub mod filter;
mod nonces;
mod relay;
mod stun;

pub use counters::TurnCounts;

use counters::Counters;
use door::Door;
use relay::{Generator, Relays};

/// What the crate's traits answer with.
type CrateResult<T> = Result<T, CrateError>;

/// How the relay is started.
pub struct TurnConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The address that it hands out. Bound as well, where this machine has it.
    pub relay_ip: IpAddr,
    /// Who checks the credentials; its realm is the relay's.
    pub ice: IceServers,
    /// By which they expire.
    pub clock: Clock,
}

/// Why the relay could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The address cannot be listened on.
    #[error("cannot listen on udp {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The protocol's part refused its configuration.
    #[error("the relay refused its configuration: {0}")]
    Config(String),
}

/// Why an allocation was refused; goes to the log of the crate, not to the client.
enum Cause {
    Name,
    Quota,
    Family,
    Socket(String),
}

fn refusal(cause: Cause) -> CrateError {
    CrateError::Other(match cause {
        Cause::Name => "the name is malformed, of another realm, or has expired".to_owned(),
        Cause::Quota => "no more allocations for this name".to_owned(),
        Cause::Family => "no relay address of this family".to_owned(),
        Cause::Socket(error) => format!("no socket for a relay: {error}"),
    })
}

/// A running relay.
pub struct TurnServer {
    server: Server,
    local: SocketAddr,
    relays: Arc<Relays>,
    counters: Arc<Counters>,
}

impl TurnServer {
    /// Listens and serves from now on.
    pub async fn start(config: TurnConfig) -> Result<Self, TurnError> {
        let TurnConfig { listen, relay_ip, ice, clock } = config;
        let counters = Arc::new(Counters::default());
        let door = Door::open(listen, ice.realm(), counters.clone());
        let door = door.map_err(|error| TurnError::Listen(listen, error))?;
        let local = webrtc_util::Conn::local_addr(&door);
        let local = local.map_err(|error| TurnError::Config(error.to_string()))?;
        let relays = Arc::new(Relays::new(relay_ip, listen.ip(), counters.clone()));
        let realm = ice.realm().to_owned();
        let names = Names { ice, clock, relays: relays.clone(), counters: counters.clone() };
        // One listener only: see `relay::State::asking`.
        let listener = ConnConfig {
            conn: Arc::new(door),
            relay_addr_generator: Box::new(Generator(relays.clone())),
        };
        let server = Server::new(ServerConfig {
            conn_configs: vec![listener],
            realm,
            auth_handler: Arc::new(names),
            channel_bind_timeout: Duration::from_secs(0),
            alloc_close_notify: None,
        });
        let server = server.await.map_err(|error| TurnError::Config(error.to_string()))?;
        Ok(Self { server, local, relays, counters })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// What it has counted.
    pub fn counters(&self) -> TurnCounts {
        self.counters.read(self.relays.live())
    }

    /// Ends what `participant` holds of the visit of `booking`, as when somebody is shown out.
    /// Until their names expire they could begin anew, so the door of the visit must be closed
    /// to them as well.
    pub async fn release(&self, booking: BookingId, participant: ParticipantId) {
        for name in self.relays.users(&format!(":{booking}:{participant}")) {
            if let Err(error) = self.server.delete_allocations_by_username(name).await {
                tracing::warn!(%error, "the relay could not end allocations");
            }
        }
    }

    /// Ends all allocations and stops listening.
    pub async fn close(self) {
        if let Err(error) = self.server.close().await {
            tracing::warn!(%error, "the relay did not close well");
        }
        // The crate ends the allocations after it has answered; that takes no time to speak of.
        for _ in 0..100 {
            if self.relays.live() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Checks names. It runs for every signed request, so it also ends the refreshing of an allocation
/// whose name has expired.
struct Names {
    ice: IceServers,
    clock: Clock,
    relays: Arc<Relays>,
    counters: Arc<Counters>,
}

impl AuthHandler for Names {
    fn auth_handle(&self, username: &str, realm: &str, _: SocketAddr) -> CrateResult<Vec<u8>> {
        let password = self.ice.check(username, self.clock.now());
        let Some(password) = password.filter(|_| realm == self.ice.realm()) else {
            self.counters.names_refused.fetch_add(1, Ordering::Relaxed);
            return Err(refusal(Cause::Name));
        };
        self.relays.asked_by(username);
        Ok(generate_auth_key(username, realm, &password))
    }
}
