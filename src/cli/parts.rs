//! Puts an [`App`] together from the configuration.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;

use super::config::{Config, MasterKey, TurnMode};
use super::failure::{Exit, Failure};
use crate::actions::limits::Limits;
use crate::actions::people::Lifetimes;
use crate::actions::{App, Parts};
use crate::engine::holidays::Holidays;
use crate::format::boundaries::Boundaries;
use crate::format::bureau::criteria::Criteria;
use crate::format::seeds;
use crate::live::hub::Hub;
use crate::live::ice::{IceServers, Relay};
use crate::live::media::echo::LineChecks;
use crate::live::media::ports::{Ports, own_address};
use crate::live::media::room::{Rooms, Settings};
use crate::live::reach::Reach;
use crate::live::turn::Handle;
use crate::out::mail::{Mailer, Smtp};
use crate::out::{Outgoing, sms, web};
use crate::seal::{Key, Vault, master};
use crate::store::Store;
use crate::time::Clock;

/// An app of this configuration, its schema up to date.
pub(super) async fn app(config: &Config) -> Result<App, Failure> {
    let criteria = criteria(config)?;
    let (store, vault) = unlocked(config).await?;
    if let Err(weak) = store.durability().await? {
        return Err(Failure::unexpected(format!("the database may lose bookings: {weak}")));
    }
    let ice = IceServers::new(relay(config), &relay_secret(config, &vault), &config.turn.realm);
    let reach = Reach::default();
    let rooms = rooms(config, reach.clone())?;
    Ok(App::new(Parts {
        store,
        clock: Clock::System,
        vault,
        hub: Hub::default().with_rooms(rooms.clone()),
        rooms,
        line_checks: LineChecks::new(media_ip(config), reach.clone()),
        ice,
        relay: Handle::default(),
        reach,
        holidays: holidays(),
        sessions: lifetimes(config),
        limits: Limits::default(),
        public_url: config.public_url(),
        ice_policy: config.ice_policy,
        criteria,
        prefectures: config.prefectures.clone(),
        boundaries: boundaries(config)?,
        out: outgoing(config)?,
    }))
}

/// Which symbols in the bureaus' lists are followed: those that are built in, and those of the file
/// that is configured.
pub(super) fn criteria(config: &Config) -> Result<Criteria, Failure> {
    let Some(path) = &config.criteria_aliases else { return Ok(seeds::criteria().clone()) };
    let refused = |why: &dyn std::fmt::Display| {
        Failure::usage(format!("criteria_aliases: {}: {why}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| refused(&error))?;
    seeds::criteria().extended(&text).map_err(|bad| refused(&bad))
}

/// The boundaries that are configured.
fn boundaries(config: &Config) -> Result<Option<Arc<Boundaries>>, Failure> {
    let Some(path) = &config.boundaries else { return Ok(None) };
    let about = |why: String| Failure::usage(format!("boundaries: {}: {why}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| about(error.to_string()))?;
    Ok(Some(Arc::new(Boundaries::read(&bytes).map_err(about)?)))
}

/// The ways out that are configured.
fn outgoing(config: &Config) -> Result<Outgoing, Failure> {
    let roots = config.outgoing.ca_file.as_deref();
    let believed = web::Roots::new(roots).map_err(Failure::usage)?;
    let mut out = Outgoing::by(web::Client::new(&config.outgoing.allow, believed));
    let from = config.mail.from.as_deref().unwrap_or("Onshin <onshin@localhost>");
    let mail = &config.mail;
    let mailer = match (&mail.file, &mail.host) {
        (Some(folder), _) => Some(Mailer::folder(from, folder)),
        (None, Some(host)) => {
            let password = mail.password.as_ref().map_or("", |password| password.reveal());
            let login = mail.user.as_deref().map(|user| (user, password));
            let server = Smtp { host, port: mail.port, security: mail.security, login, roots };
            Some(Mailer::smtp(from, &server))
        }
        (None, None) => None,
    };
    out.mail = mailer.transpose().map_err(Failure::usage)?;
    out.sms = config.sms.file.as_deref().map(|folder| Arc::new(sms::Folder::new(folder)) as _);
    out.sms_daily = config.sms.daily_limit;
    Ok(out)
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

/// Forwarding rooms where they are configured to be.
fn rooms(config: &Config, reach: Reach) -> Result<Rooms, Failure> {
    let ports = Ports::read(&config.media_ports);
    let ports = ports.map_err(|bad| Failure::usage(format!("media_ports: {bad}")))?;
    let ip = own_address(media_ip(config));
    Ok(Rooms::new(Settings { ip, told: config.media_public_ip, ports, reach }))
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

/// The database of this configuration, its schema up to date, and the vault that opens it. With any
/// other key nothing is touched: what was sealed with it could never be read beside the rest.
async fn unlocked(config: &Config) -> Result<(Store, Vault), Failure> {
    let place = config.master_key();
    let present = present_key(&place)?;
    let store = super::connect(config).await?;
    let kept = store.proof().await?;
    let key = match (present, place) {
        (Some(key), _) => key,
        (None, MasterKey::File { path, .. }) if kept.is_none() => master::load_or_make(&path)?,
        (None, place) => return Err(Failure::not_found(lost(&place))),
    };
    let vault = Vault::new(&key);
    if kept.is_some_and(|kept| kept != vault.proof()) {
        return Err(other_key(config));
    }
    store.migrate().await?;
    let mut tx = store.begin().await?;
    // Another process may have been first, with a key of its own.
    if tx.keep_proof(&vault.proof()).await? != vault.proof() {
        return Err(other_key(config));
    }
    tx.commit_unaudited().await?;
    Ok((store, vault))
}

/// The master key, where it is there. None where the first start is to make it; a failure where it
/// is no key, can be read by others, or was promised and is missing.
pub(super) fn present_key(place: &MasterKey) -> Result<Option<Key>, Failure> {
    match place {
        MasterKey::Given(text) => {
            let bytes = STANDARD.decode(text.reveal().trim()).ok();
            let key = bytes.and_then(|bytes| Key::from_slice(&bytes));
            let wrong = || Failure::usage("master_key does not hold 32 bytes in base64");
            key.ok_or_else(wrong).map(Some)
        }
        MasterKey::File { path, .. } if path.exists() => Ok(Some(master::load_or_make(path)?)),
        MasterKey::File { may_create: true, .. } => Ok(None),
        MasterKey::File { path, .. } => {
            Err(Failure::not_found(format!("no master key file {}", path.display())))
        }
    }
}

/// What to say of a key that is missing while its database is there.
pub(super) fn lost(place: &MasterKey) -> String {
    let path = match place {
        MasterKey::Given(_) => String::new(),
        MasterKey::File { path, .. } => format!(" file {}", path.display()),
    };
    format!("no master key{path}: bring back the one that this database was sealed with")
}

/// What to say of a key that is not the database's.
pub(super) const OTHER_KEY: &str = "the master key is not the one this database was sealed with";

fn other_key(config: &Config) -> Failure {
    let detail = format!("{}: {OTHER_KEY}", config.database_shown());
    Failure::new(Exit::Failure, "other_master_key", "Another master key", detail)
}
