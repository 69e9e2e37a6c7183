//! The configuration: one typed struct, made of four layers.
//!
//! Flags win over the environment (`ONSHIN_…`, with `__` between the levels), that over a TOML file
//! (`--config FILE`, else `onshin.toml` in the working directory if there is one), that over the
//! defaults below. A key that nobody knows is an error which names the nearest known one, because a
//! misspelt setting that is silently ignored is found out in the night it was needed.
//!
//! Secrets may come from files (`database_file`, `master_key_file`, `turn.secret_file`). Nothing here
//! prints them: [`Secret`] has no `Display`, and its `Debug` is empty.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use zeroize::Zeroizing;

pub mod layers;
pub mod origin;

use layers::Setting;

#[cfg(debug_assertions)]
use crate::live::turn::Impair;
use crate::model::facility::IcePolicy;
use crate::out::mail::Security;

/// Everything that can be set. Times are in the unit their name says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// How the world reaches it, as in links sent to patients. See [`Config::public_url`].
    public_url: Option<String>,
    /// `sqlite:PATH` or `postgres://…`. A secret, because the latter may hold a password.
    database: Option<Secret>,
    database_file: Option<PathBuf>,
    /// The key that wraps all patients' keys, in base64; else a file holds it.
    master_key: Option<Secret>,
    master_key_file: Option<PathBuf>,
    /// Fill an empty database with the demo.
    pub demo: bool,
    /// The relay for calls that find no direct way.
    pub turn: Turn,
    /// Which ways a call may take.
    pub ice_policy: IcePolicy,
    /// The address at which the server's own peers, those of the line check and of forwarding rooms,
    /// can be reached; unset: that of `listen`, or the machine's own when `listen` is not one address.
    pub media_ip: Option<IpAddr>,
    /// The address that pages are told in its place, where a router passes packets on.
    pub media_public_ip: Option<IpAddr>,
    /// The UDP ports of forwarding rooms, as `50000-50199`: one for each person in them. Empty: any.
    pub media_ports: String,
    /// What is logged, and how.
    pub log: Log,
    /// How many proxies in front of the server set `X-Forwarded-For`; 0: that header is ignored.
    pub trusted_proxy_hops: u8,
    /// JIS codes of the prefectures whose bureau lists may be imported; empty: all.
    pub prefectures: Vec<String>,
    /// A CSV of further symbols by which lists of a period mean a criterion, with the columns
    /// `criterion,category,symbol,name,valid_from,valid_to`.
    pub criteria_aliases: Option<PathBuf>,
    /// A `TopoJSON` file of municipalities' boundaries, for the map; unset: there is no map.
    pub boundaries: Option<PathBuf>,
    /// How long signing in lasts.
    pub session: Session,
    /// Mail to patients.
    pub mail: Mail,
    /// Short messages to patients.
    pub sms: Sms,
    /// Requests to addresses that others name.
    pub outgoing: Outgoing,
    /// Counts for whoever watches over the server.
    pub metrics: Metrics,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            database: None,
            database_file: None,
            master_key: None,
            master_key_file: None,
            demo: false,
            turn: Turn::default(),
            ice_policy: IcePolicy::All,
            media_ip: None,
            media_public_ip: None,
            media_ports: String::new(),
            log: Log::default(),
            trusted_proxy_hops: 0,
            prefectures: Vec::new(),
            criteria_aliases: None,
            boundaries: None,
            session: Session::default(),
            mail: Mail::default(),
            sms: Sms::default(),
            outgoing: Outgoing::default(),
            metrics: Metrics::default(),
        }
    }
}

/// The relay: our own, somebody else's, or none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Turn {
    /// Which of the three.
    pub mode: TurnMode,
    /// Where the embedded relay listens (UDP).
    pub listen: SocketAddr,
    /// The address the embedded relay hands out; unset: the one it listens on.
    pub relay_ip: Option<IpAddr>,
    /// The realm of the relay's credentials.
    pub realm: String,
    /// What an external relay shares with us to check expiring credentials. Unset, the
    /// embedded relay's follows from the master key, so that credentials outlive a restart.
    pub secret: Option<Secret>,
    secret_file: Option<PathBuf>,
    /// `turn:` and `stun:` addresses of an external relay.
    pub urls: Vec<String>,
    /// A bad network for tests: `loss=10,delay=40` (per cent, milliseconds).
    #[cfg(debug_assertions)]
    pub impair: Option<Impair>,
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            mode: TurnMode::Embedded,
            listen: SocketAddr::from(([127, 0, 0, 1], 3478)),
            relay_ip: None,
            realm: "onshin".to_owned(),
            secret: None,
            secret_file: None,
            urls: Vec::new(),
            #[cfg(debug_assertions)]
            impair: None,
        }
    }
}

/// Where the relay runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnMode {
    /// Nowhere: calls go peer to peer or not at all.
    Off,
    /// In this process.
    Embedded,
    /// At `turn.urls`.
    External,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// For people or for machines.
    pub format: LogFormat,
    /// As `tracing-subscriber` reads it: `info,onshin=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        // The WebRTC crates warn of every peer that has no candidates yet, which each one is at first.
        let filter = "info,webrtc=error,rtc=error,rtc_ice=error,rtc_dtls=error,rtc_sctp=error,turn=off,sqlx=warn".to_owned();
        Self { format: LogFormat::Text, filter }
    }
}

/// The form of a line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For reading.
    Text,
    /// One object a line.
    Json,
}

/// How long signing in lasts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// Minutes without a request after which a member of staff must sign in again.
    pub idle_minutes: u32,
    /// The same for a patient, who fills in forms in a waiting room.
    pub patient_idle_minutes: u32,
    /// Hours after which anyone must sign in again, however busy.
    pub absolute_hours: u32,
}

impl Default for Session {
    fn default() -> Self {
        Self { idle_minutes: 60, patient_idle_minutes: 720, absolute_hours: 12 }
    }
}

/// Mail to patients: by a server, into a folder, or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// The mail server; unset: none.
    pub host: Option<String>,
    /// Its port; unset: the usual one for how it is secured.
    pub port: Option<u16>,
    /// How the connection is secured.
    pub security: Security,
    /// The name to sign in with, where the server asks for one.
    pub user: Option<String>,
    /// The password that goes with it.
    pub password: Option<Secret>,
    password_file: Option<PathBuf>,
    /// The sender: `Name <address>` or an address.
    pub from: Option<String>,
    /// A folder into which letters are laid instead, for trying the service.
    pub file: Option<PathBuf>,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: None,
            port: None,
            security: Security::Starttls,
            user: None,
            password: None,
            password_file: None,
            from: None,
            file: None,
        }
    }
}

/// Short messages to patients.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {
    /// A folder into which messages are laid, for trying the service or for a program that carries
    /// them on; unset: none are sent.
    pub file: Option<PathBuf>,
    /// How many may be sent a day, all together; no more are, whatever happens.
    pub daily_limit: u32,
}

impl Default for Sms {
    fn default() -> Self {
        Self { file: None, daily_limit: 1000 }
    }
}

/// Requests to addresses that others name: webhooks, calendars.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outgoing {
    /// Origins that may be asked although they are not https or not on the public internet:
    /// `http://127.0.0.1:9000`.
    pub allow: Vec<String>,
    /// Certificates (PEM) to believe beside those that browsers do; for the mail server too.
    pub ca_file: Option<PathBuf>,
}

/// Counts for whoever watches over the server, as Prometheus reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Where they are read, apart from where the world comes in; unset: nowhere.
    pub listen: Option<SocketAddr>,
}

/// A text that is never printed. Wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself, for the one who uses it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// Where the master key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterKey {
    /// In the configuration itself, in base64.
    Given(Secret),
    /// In a file, which must be of mode 0600. `may_create` when its place is the default one, so
    /// that a mistyped path is not answered with a fresh key that opens nothing.
    File {
        /// Its path.
        path: PathBuf,
        /// Whether the first start may make it.
        may_create: bool,
    },
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A key that does not exist.
    #[error("{origin} is not a setting. Did you mean {nearest}?")]
    Unknown {
        /// The key, as it was written, and where.
        origin: String,
        /// The known key that resembles it most, in the same spelling.
        nearest: String,
    },
    /// A value that does not fit its key. The value is not repeated: it may be a secret.
    #[error("{origin}: {reason}")]
    Invalid {
        /// The key, as it was written, and where.
        origin: String,
        /// What was expected.
        reason: String,
    },
    /// A file that could not be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Config {
    /// Puts the layers together: `file` (or `onshin.toml` in `folder`), `env`, `flags`, of which each
    /// wins over those before it. `flags` are pairs of a dotted key and its text.
    ///
    /// # Errors
    /// [`Error`], naming the file, variable or flag at fault.
    pub fn load(
        file: Option<&Path>,
        folder: &Path,
        env: impl IntoIterator<Item = (String, String)>,
        flags: &[(&str, String)],
    ) -> Result<Self, Error> {
        let mut settings: BTreeMap<&'static str, Setting> = BTreeMap::new();
        settings.extend(layers::from_file(file, folder)?);
        settings.extend(layers::from_env(env)?);
        settings.extend(layers::from_flags(flags)?);
        let mut config = layers::assemble(&settings)?;
        config.read_secrets(&settings)?;
        config.check(&settings)?;
        Ok(config)
    }

    /// How the world reaches the server: scheme, host and perhaps port, as browsers name it in
    /// `Origin`, which is compared with it.
    pub fn public_url(&self) -> String {
        let url = self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen));
        origin::normal(&url).unwrap_or(url)
    }

    /// The address of the database: `sqlite:…` or `postgres://…`. It may hold a password.
    pub fn database(&self) -> &str {
        self.database.as_ref().map_or("sqlite:var/onshin.db", Secret::reveal)
    }

    /// The address of the database as it may be shown.
    pub fn database_shown(&self) -> String {
        let url = self.database();
        match (url.split_once("://"), url.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, place))) => format!("{scheme}://…@{place}"),
            _ => url.to_owned(),
        }
    }

    /// The SQLite database's file; none for PostgreSQL and for a database in memory.
    pub fn sqlite_path(&self) -> Option<PathBuf> {
        let rest = self.database().strip_prefix("sqlite:")?;
        let path = rest.strip_prefix("//").unwrap_or(rest).split('?').next()?;
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }

    /// Where the master key is: given, or in the file named, or in `master.key` beside the database.
    pub fn master_key(&self) -> MasterKey {
        if let Some(key) = &self.master_key {
            return MasterKey::Given(key.clone());
        }
        if let Some(path) = &self.master_key_file {
            return MasterKey::File { path: path.clone(), may_create: false };
        }
        let beside = self.sqlite_path().unwrap_or_else(|| PathBuf::from("var/onshin.db"));
        MasterKey::File { path: beside.with_file_name("master.key"), may_create: true }
    }

    /// Takes the secrets from the files that hold them.
    fn read_secrets(&mut self, settings: &BTreeMap<&str, Setting>) -> Result<(), Error> {
        let secrets = [
            ("database_file", &mut self.database, &self.database_file),
            ("turn.secret_file", &mut self.turn.secret, &self.turn.secret_file),
            ("mail.password_file", &mut self.mail.password, &self.mail.password_file),
        ];
        for (key, secret, file) in secrets {
            let Some(path) = file else { continue };
            // Of the two spellings of one secret, the one from the stronger layer wins.
            let plain = key.trim_end_matches("_file");
            let rank = |key: &str| settings.get(key).map(|setting| setting.layer);
            if rank(plain) > rank(key) {
                continue;
            }
            let text = std::fs::read_to_string(path)
                .map_err(|source| Error::Unreadable { path: path.clone(), source })?;
            *secret = Some(Secret::from(text.trim_end().to_owned()));
        }
        Ok(())
    }

    /// What the types cannot say.
    fn check(&self, settings: &BTreeMap<&str, Setting>) -> Result<(), Error> {
        let fail = |key: &str, reason: &str| {
            let origin = settings.get(key).map_or_else(|| key.to_owned(), |s| s.origin.clone());
            Err(Error::Invalid { origin, reason: reason.to_owned() })
        };
        let url = self.database();
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|s| url.starts_with(s)) {
            return fail("database", "expected sqlite:PATH or postgres://USER@HOST/NAME");
        }
        if self.public_url.as_ref().is_some_and(|url| origin::normal(url).is_none()) {
            let reason = "expected https://HOST, or with a port https://HOST:PORT, and no path";
            return fail("public_url", reason);
        }
        if self.metrics.listen.is_some_and(|metrics| metrics == self.listen) {
            return fail("metrics.listen", "counts are not for the world: take another address");
        }
        if self.turn.mode == TurnMode::External && self.turn.urls.is_empty() {
            return fail("turn.urls", "an external relay needs at least one address");
        }
        if self.turn.mode == TurnMode::External && self.turn.secret.is_none() {
            return fail("turn.secret", "an external relay needs the secret it shares with us");
        }
        if self.turn.mode == TurnMode::Off && self.ice_policy == IcePolicy::Relay {
            return fail("ice_policy", "calls cannot go through the relay while turn.mode is off");
        }
        let is_prefecture = |code: &String| {
            code.len() == 2 && code.parse().is_ok_and(|number: u8| (1..=47).contains(&number))
        };
        if !self.prefectures.iter().all(is_prefecture) {
            return fail("prefectures", "expected JIS codes of two digits, \"01\" to \"47\"");
        }
        let session = &self.session;
        if session.idle_minutes.min(session.patient_idle_minutes).min(session.absolute_hours) == 0 {
            return fail("session", "the lengths of a session are at least 1");
        }
        if self.mail.host.is_some() && self.mail.from.is_none() {
            return fail("mail.from", "mail needs a sender: care@example.jp");
        }
        if !self.outgoing.allow.iter().all(|url| origin::normal(url).is_some()) {
            return fail(
                "outgoing.allow",
                "expected http://HOST:PORT or https://HOST, and no path",
            );
        }
        if tracing_subscriber::EnvFilter::builder().parse(&self.log.filter).is_err() {
            return fail("log.filter", "expected a filter such as info,onshin=debug");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
