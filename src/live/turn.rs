//! The embedded STUN and TURN server, over UDP. It is made for sites that have none; where clinics
//! sit behind firewalls that let only TLS out, an external one with the same secret stands beside.
//!
//! The crate `turn` does the protocol. What it lacks is here: names that expire, a filter of the
//! addresses that may be reached, a quota, a measure against floods, and counts.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::oneshot;
use turn::Error as CrateError;
use turn::server::Server;
use turn::server::config::{ConnConfig, ServerConfig};

use crate::live::ice::IceServers;
use crate::live::reach::Reach;
use crate::time::Clock;

mod channels;
mod conn;
mod counters;
mod door;
pub mod filter;
mod gate;
mod handle;
#[cfg(debug_assertions)]
mod impair;
mod names;
mod nonces;
mod relay;
mod revoked;
mod stun;

pub use counters::TurnCounts;
pub use handle::Handle;
#[cfg(debug_assertions)]
pub use impair::Impair;

use conn::Generator;
use counters::Counters;
use door::Door;
use gate::Gate;
use handle::Running;
use names::{Names, Shared};
use relay::Relays;

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
    /// Our own media peers, the only ones of this machine that relays may speak with.
    pub reach: Reach,
    /// By which the rest of the program knows the relay.
    pub handle: Handle,
    /// What relays lose and delay on purpose.
    #[cfg(debug_assertions)]
    pub impair: Option<Impair>,
}

/// Why the relay could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// There is no thread for it.
    #[error("no thread for the relay: {0}")]
    Thread(#[from] std::io::Error),
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

/// A running relay. It has a thread of its own: a packet that passes it wakes no other, and waits for
/// nothing else that the program does.
pub struct TurnServer {
    running: Running,
    handle: Handle,
    local: SocketAddr,
    /// Dropped, it ends the relay; `ended` is dropped then.
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
}

impl TurnServer {
    /// Listens and serves from now on.
    pub async fn start(config: TurnConfig) -> Result<Self, TurnError> {
        let (handle, runtime) = (config.handle.clone(), runtime());
        let (stop, stopped) = oneshot::channel();
        let (last, ended) = oneshot::channel();
        let (ready, begun) = oneshot::channel();
        let runtime = runtime?;
        let serve = move || {
            let _last: oneshot::Sender<()> = last;
            runtime.block_on(async {
                match listen(config).await {
                    Ok((running, local)) => {
                        // Whoever started it has gone: the sender is dropped as well.
                        let _ = ready.send(Ok((running.clone(), local)));
                        // Told to stop or left alone: both are its end.
                        let _: Result<(), _> = stopped.await;
                        end(running).await;
                    }
                    Err(error) => {
                        let _ = ready.send(Err(error));
                    }
                }
            });
        };
        std::thread::Builder::new().name("relay".to_owned()).spawn(serve)?;
        let gone = || TurnError::Config("it ended while it began".to_owned());
        let (running, local) = begun.await.map_err(|_| gone())??;
        handle.runs(Some(running.clone()));
        Ok(Self { running, handle, local, stop, ended })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// What it has counted.
    pub fn counters(&self) -> TurnCounts {
        self.running.counters.read(self.running.relays.live())
    }

    /// Ends all allocations and stops listening.
    pub async fn close(self) {
        let Self { running, handle, stop, ended, .. } = self;
        handle.runs(None);
        drop((running, stop));
        // An error is what comes: nothing is ever sent.
        let _: Result<(), _> = ended.await;
    }
}

fn runtime() -> std::io::Result<runtime::Runtime> {
    runtime::Builder::new_current_thread().enable_all().build()
}

/// Listens, in the runtime that is to serve.
async fn listen(config: TurnConfig) -> Result<(Running, SocketAddr), TurnError> {
    let TurnConfig { listen, relay_ip, ice, clock, reach, handle, .. } = config;
    let counters = Arc::new(Counters::default());
    let relays = Relays::new(relay_ip, listen.ip(), reach, counters.clone());
    #[cfg(debug_assertions)]
    let relays = relays.impaired(config.impair);
    let relays = Arc::new(relays);
    let realm = ice.realm().to_owned();
    let names = Names::new(ice, clock, handle.revoked.clone(), relays.clone(), counters.clone());
    let names = Arc::new(names);
    let gate = Gate::new(names.clone(), relays.clone());
    let door = Door::open(listen, &realm, gate, relays.clone());
    let door = door.map_err(|error| TurnError::Listen(listen, error))?;
    let local = webrtc_util::Conn::local_addr(&door);
    let local = local.map_err(|error| TurnError::Config(error.to_string()))?;
    // One listener only: see `relay::State::asking`.
    let listener = ConnConfig {
        conn: Arc::new(door),
        relay_addr_generator: Box::new(Generator(relays.clone())),
    };
    let server = Server::new(ServerConfig {
        conn_configs: vec![listener],
        realm,
        auth_handler: Arc::new(Shared(names)),
        channel_bind_timeout: Duration::from_secs(0),
        alloc_close_notify: None,
    });
    let server = server.await.map_err(|error| TurnError::Config(error.to_string()))?;
    Ok((Running { server: Arc::new(server), relays, counters }, local))
}

/// Ends all allocations.
async fn end(running: Running) {
    if let Err(error) = running.server.close().await {
        tracing::warn!(%error, "the relay did not close well");
    }
    // The crate ends the allocations after it has answered; that takes no time to speak of.
    for _ in 0..100 {
        if running.relays.live() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
