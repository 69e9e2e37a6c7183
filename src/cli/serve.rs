//! `onshin serve`: open, start, wait, stop softly, stop hard.

use std::fmt::Write;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, UdpSocket};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Context;
use super::alone;
use super::config::{Config, TurnMode, origin};
use super::doctor;
use super::failure::Failure;
use super::parts;
use crate::actions::{App, demo, summary};
use crate::http::{self, Guard, server};
use crate::live::turn::{TurnConfig, TurnServer};
use crate::model::person::Actor;
use crate::work;

/// What readers of counts are held to: there are few.
const METRICS: server::Limits = server::Limits {
    head: Duration::from_secs(10),
    connections: 16,
    farewell: Duration::from_secs(1),
};

/// Where, on what, and whether as a demo.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    // Said here because a doc comment would have to put the address in brackets.
    #[arg(long, value_name = "ADDR", help = "Where to listen: 127.0.0.1:8080")]
    listen: Option<SocketAddr>,
    /// Fill an empty database with the demo
    #[arg(long)]
    demo: bool,
}

impl Args {
    /// The same as settings.
    pub(super) fn settings(&self) -> [(&'static str, Option<String>); 2] {
        let listen = self.listen.map(|listen| listen.to_string());
        [("listen", listen), ("demo", self.demo.then(|| "true".to_owned()))]
    }
}

/// How long the first free times may take before the server serves without them.
const PREPARING: Duration = Duration::from_secs(5);

/// Serves until told to stop.
pub(super) async fn run(context: &Context) -> Result<(), Failure> {
    let mut config = context.config.clone();
    take_all_files();
    // Until the end of this function, when the database is closed.
    let _alone = alone::take(&config)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| Failure::unexpected(error).about(&config.listen.to_string()))?;
    // With port 0 the machine has chosen one.
    config.listen = listener.local_addr()?;
    config.turn.listen = relay_address(&config).await?;
    let app = parts::app(&config).await?;
    if config.demo {
        demo::fill(&app, &Actor::System).await?;
    }
    if let Some(fault) = doctor::relay_fault(&config) {
        let (url, listen) = (config.public_url(), config.turn.listen);
        tracing::warn!(%url, turn.listen = %listen, "calls may not connect: {fault}");
    }
    // Whoever comes first does not wait for what all need; nor does anybody wait for long.
    let ready = tokio::time::timeout(PREPARING, summary::keep_ready(&app)).await;
    if !matches!(ready, Ok(Ok(()))) {
        tracing::warn!("the first free times are not known yet");
    }
    // Before anybody is told that it is there: from then on it stops softly.
    let signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    announce(&config, app.store.is_embedded())?;
    let stopped = serve(listener, &app, &config, signals).await;
    app.store.close().await;
    stopped
}

/// Opens as many files at once as the machine lets it. Each socket is one, and the limit that
/// processes begin with is mostly 1,024: for old programs, not because more would cost anything.
fn take_all_files() {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit { current: limit.maximum, ..limit };
    if let Err(error) = setrlimit(Resource::Nofile, all) {
        tracing::warn!(%error, "no more open files than {:?}", limit.current);
    }
}

async fn serve(
    listener: TcpListener,
    app: &App,
    config: &Config,
    signals: [Signal; 2],
) -> Result<(), Failure> {
    let guard = Guard {
        app: app.clone(),
        origins: origins(config).into(),
        proxy_hops: config.trusted_proxy_hops.into(),
    };
    let router = http::router(guard).map_err(Failure::unexpected)?;
    let relay = start_relay(app, config).await?;
    let metrics = metrics_listener(config).await?;
    let (stop, tracker) = (CancellationToken::new(), TaskTracker::new());
    work::start(app, &tracker, &stop);
    if let Some(listener) = metrics {
        let counts = http::metrics::router(app.clone());
        tracker.spawn(server::serve(listener, counts, METRICS, stop.clone()));
    }
    let server = server::serve(listener, router, server::Limits::default(), stop.clone());
    let mut server = tokio::spawn(server);
    let ended = tokio::select! {
        ended = &mut server => ended,
        () = told_to_stop(signals) => {
            tracing::info!("stopping");
            app.hub.close_all(app.clock.now());
            stop.cancel();
            server.await
        }
    };
    stop.cancel();
    tracker.close();
    app.line_checks.close().await;
    app.rooms.close();
    if let Some(relay) = relay {
        relay.close().await;
    }
    // What has not ended by now is dropped with the runtime.
    let _ = tokio::time::timeout(Duration::from_secs(5), tracker.wait()).await;
    ended.map_err(Failure::unexpected)
}

/// The embedded relay, where that is how it is configured.
async fn start_relay(app: &App, config: &Config) -> Result<Option<TurnServer>, Failure> {
    if config.turn.mode != TurnMode::Embedded {
        return Ok(None);
    }
    let listen = config.turn.listen;
    let relay_ip = config.turn.relay_ip.unwrap_or(listen.ip());
    let relay = TurnServer::start(TurnConfig {
        listen,
        relay_ip,
        ice: app.ice.clone(),
        clock: app.clock.clone(),
        reach: app.reach.clone(),
        handle: app.relay.clone(),
        #[cfg(debug_assertions)]
        impair: config.turn.impair,
    })
    .await;
    let relay = relay.map_err(Failure::unexpected)?;
    tracing::info!(listen = %relay.local_addr(), %relay_ip, "relaying");
    Ok(Some(relay))
}

/// Where counts are read, if anywhere.
async fn metrics_listener(config: &Config) -> Result<Option<TcpListener>, Failure> {
    let Some(listen) = config.metrics.listen else { return Ok(None) };
    let listener = TcpListener::bind(listen).await;
    let listener =
        listener.map_err(|error| Failure::unexpected(error).about(&listen.to_string()))?;
    tracing::info!(listen = %listener.local_addr()?, "counts are read");
    Ok(Some(listener))
}

/// Where the relay will listen. Browsers are told before it starts, so that with port 0 a free
/// port is chosen first.
async fn relay_address(config: &Config) -> Result<SocketAddr, Failure> {
    let wanted = config.turn.listen;
    if config.turn.mode != TurnMode::Embedded || wanted.port() != 0 {
        return Ok(wanted);
    }
    Ok(UdpSocket::bind(wanted).await?.local_addr()?)
}

async fn told_to_stop([mut terminate, mut interrupt]: [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// The origins that are this site: where the world reaches it and, when it listens for this
/// machine only, the other names of this machine.
fn origins(config: &Config) -> Vec<String> {
    let mut origins = vec![config.public_url()];
    let port = config.listen.port();
    if config.listen.ip().is_loopback() {
        let names = ["127.0.0.1", "localhost", "[::1]"];
        let urls = names.map(|name| format!("http://{name}:{port}"));
        origins.extend(urls.iter().filter_map(|url| origin::normal(url)));
    }
    origins
}

/// Says where to look, and as whom.
fn announce(config: &Config, embedded: bool) -> Result<(), Failure> {
    let url = config.public_url();
    tracing::info!(listen = %config.listen, %url, embedded, "serving");
    let mut text = format!(
        "Onshin serves on {url}\n  patients        {url}/\n  clinics, tokyo  {url}/staff\n  \
         counts          {url}/counts/series.svg\n  interface       {url}/openapi.json\n"
    );
    if config.demo {
        _ = writeln!(text, "demo logins, all with the password {}:", demo::PASSWORD);
        for account in demo::accounts()? {
            _ = writeln!(
                text,
                "  {:<10} {} ({})",
                account.login,
                account.name,
                account.role.as_str()
            );
        }
    }
    if std::io::stdout().is_terminal() {
        text += "Ctrl-C stops it.\n";
    }
    super::print(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        let config = |listen: &str| {
            let mut config = Config::default();
            config.listen = listen.parse().unwrap();
            config
        };
        let names = origins(&config("127.0.0.1:80"));
        let plain = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        assert_eq!(names, [&plain[..1], &plain[..]].concat());
        assert!(origins(&config("[::1]:8080")).contains(&"http://localhost:8080".to_owned()));
        assert_eq!(origins(&config("192.0.2.1:8080")), ["http://192.0.2.1:8080"]);
    }
}
