//! Puts an [`App`] together from the configuration.

use std::net::{IpAddr, SocketAddr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;

use super::config::{Config, MasterKey, TurnMode};
use super::failure::Failure;
use crate::actions::limits::Limits;
use crate::actions::people::Lifetimes;
use crate::actions::{App, Parts};
use crate::engine::holidays::Holidays;
use crate::format::seeds;
use crate::live::hub::Hub;
use crate::live::ice::{IceServers, Relay};
use crate::live::media::LineChecks;
use crate::seal::{Key, Vault, master};
use crate::time::Clock;

/// An app of this configuration, its schema up to date.
pub(super) async fn app(config: &Config) -> Result<App, Failure> {
    let vault = Vault::new(&master_key(config)?);
    let store = super::connect(config).await?;
    store.migrate().await?;
    if let Err(weak) = store.durability().await? {
        return Err(Failure::unexpected(format!("the database may lose bookings: {weak}")));
    }
    let ice = IceServers::new(relay(config), &relay_secret(config, &vault), &config.turn.realm);
    Ok(App::new(Parts {
        store,
        clock: Clock::System,
        vault,
        hub: Hub::default(),
        line_checks: LineChecks::new(media_ip(config)),
        ice,
        holidays: holidays(),
        sessions: lifetimes(config),
        limits: Limits::default(),
        public_url: config.public_url(),
        ice_policy: config.ice_policy,
        prefectures: config.prefectures.clone(),
    }))
}

/// Where the relay is, as browsers are told.
fn relay(config: &Config) -> Relay {
    match config.turn.mode {
        TurnMode::Off => Relay::Off,
        TurnMode::Embedded => {
            let ip = config.turn.relay_ip.unwrap_or(config.turn.listen.ip());
            let public = SocketAddr::new(ip, config.turn.listen.port()).to_string();
            Relay::Embedded { public }
        }
        TurnMode::External => Relay::External { urls: config.turn.urls.clone() },
    }
}

/// The secret shared with the relay: as configured, else one that follows from the master key, so
/// that credentials outlive a restart.
fn relay_secret(config: &Config, vault: &Vault) -> Vec<u8> {
    let configured = config.turn.secret.as_ref().map(|secret| secret.reveal().to_owned());
    configured.unwrap_or_else(|| vault.relay_secret()).into_bytes()
}

/// The address at which browsers reach the server's own peer.
fn media_ip(config: &Config) -> IpAddr {
    config.media_ip.unwrap_or(config.listen.ip())
}

/// The public holidays that are built in.
pub(super) fn holidays() -> Holidays {
    Holidays::new(seeds::holidays().iter().map(|holiday| (holiday.date, holiday.name.as_str())))
}

fn lifetimes(config: &Config) -> Lifetimes {
    let minutes = |count: u32| TimeDelta::minutes(count.into());
    Lifetimes {
        staff_idle: minutes(config.session.idle_minutes),
        patient_idle: minutes(config.session.patient_idle_minutes),
        absolute: TimeDelta::hours(config.session.absolute_hours.into()),
    }
}

fn master_key(config: &Config) -> Result<Key, Failure> {
    match config.master_key() {
        MasterKey::Given(text) => {
            let bytes = STANDARD.decode(text.reveal().trim()).ok();
            let key = bytes.and_then(|bytes| Key::from_slice(&bytes));
            key.ok_or_else(|| Failure::usage("master_key does not hold 32 bytes in base64"))
        }
        MasterKey::File { path, may_create } => {
            // A new key beside a database that is there would open nothing in it.
            let database = config.sqlite_path().is_some_and(|database| database.exists());
            if !path.exists() && (!may_create || database) {
                return Err(Failure::not_found(format!("no master key file {}", path.display())));
            }
            Ok(master::load_or_make(&path)?)
        }
    }
}
