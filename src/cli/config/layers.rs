//! The layers of the configuration: file, environment, flags, each as settings that know where they
//! came from, so that a complaint can say it.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::{Config, Error};

/// Every key there is, and how its text in the environment or behind a flag is read.
pub const KEYS: &[(&str, Kind)] = &[
    ("listen", Kind::Text),
    ("public_url", Kind::Text),
    ("database", Kind::Text),
    ("database_file", Kind::Text),
    ("master_key", Kind::Text),
    ("master_key_file", Kind::Text),
    ("demo", Kind::Bool),
    ("turn.mode", Kind::Text),
    ("turn.listen", Kind::Text),
    ("turn.relay_ip", Kind::Text),
    ("turn.realm", Kind::Text),
    ("turn.secret", Kind::Text),
    ("turn.secret_file", Kind::Text),
    ("turn.urls", Kind::List),
    #[cfg(debug_assertions)]
    ("turn.impair", Kind::Text),
    ("ice_policy", Kind::Text),
    ("media_ip", Kind::Text),
    ("media_public_ip", Kind::Text),
    ("media_ports", Kind::Text),
    ("log.format", Kind::Text),
    ("log.filter", Kind::Text),
    ("trusted_proxy_hops", Kind::Number),
    ("prefectures", Kind::List),
    ("criteria_aliases", Kind::Text),
    ("boundaries", Kind::Text),
    ("session.idle_minutes", Kind::Number),
    ("session.patient_idle_minutes", Kind::Number),
    ("session.absolute_hours", Kind::Number),
    ("mail.host", Kind::Text),
    ("mail.port", Kind::Number),
    ("mail.security", Kind::Text),
    ("mail.user", Kind::Text),
    ("mail.password", Kind::Text),
    ("mail.password_file", Kind::Text),
    ("mail.from", Kind::Text),
    ("mail.file", Kind::Text),
    ("sms.file", Kind::Text),
    ("sms.daily_limit", Kind::Number),
    ("outgoing.allow", Kind::List),
    ("outgoing.ca_file", Kind::Text),
    ("metrics.listen", Kind::Text),
];

const PREFIX: &str = "ONSHIN_";
/// Variables of the tests, which are nobody's settings.
const TESTS: &str = "ONSHIN_TEST_";

/// What a text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Itself.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Number,
    /// Texts with commas between them.
    List,
}

/// The layers, the stronger the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The TOML file.
    File,
    /// The environment.
    Env,
    /// The command line.
    Flag,
}

/// A value that was set somewhere.
#[derive(Debug, Clone)]
pub struct Setting {
    value: Value,
    /// The key as it was written, and where.
    pub origin: String,
    /// Where it was written.
    pub layer: Layer,
}

type Settings = Vec<(&'static str, Setting)>;

/// The settings of `file`, or of `onshin.toml` in `folder` when no file is named and that exists.
///
/// # Errors
/// When the file cannot be read, is not TOML, or has a key that nobody knows.
pub fn from_file(file: Option<&Path>, folder: &Path) -> Result<Settings, Error> {
    let usual = folder.join("onshin.toml");
    let path = match file {
        Some(path) => path,
        None if usual.is_file() => &usual,
        None => return Ok(Vec::new()),
    };
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
        // Not the error's own words: they quote the line, which may hold a secret.
        let origin = format!("{}, line {line}", path.display());
        Error::Invalid { origin, reason: format!("not TOML: {}", error.message()) }
    })?;
    let mut settings = Vec::new();
    flatten("", table, path, &mut settings)?;
    Ok(settings)
}

/// Walks down the tables until a key is known.
fn flatten(above: &str, table: Table, file: &Path, into: &mut Settings) -> Result<(), Error> {
    for (name, value) in table {
        let path = if above.is_empty() { name } else { format!("{above}.{name}") };
        let origin = format!("{path} in {}", file.display());
        match (known(&path), value) {
            (Some((key, _)), value) => {
                into.push((key, Setting { value, origin, layer: Layer::File }));
            }
            // A misspelt group is told by its first key, which is nearer to what was meant.
            (None, Value::Table(inner)) if !inner.is_empty() || is_group(&path) => {
                flatten(&path, inner, file, into)?;
            }
            (None, _) => {
                return Err(Error::Unknown { origin, nearest: nearest(&path).to_owned() });
            }
        }
    }
    Ok(())
}

/// The settings among the variables of the environment.
///
/// # Errors
/// When one begins with `ONSHIN_` and is no setting, or its text does not fit.
pub fn from_env(env: impl IntoIterator<Item = (String, String)>) -> Result<Settings, Error> {
    let mut settings = Vec::new();
    for (name, text) in env {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        if name.starts_with(TESTS) {
            continue;
        }
        let path = rest.to_lowercase().replace("__", ".");
        let Some((key, kind)) = known(&path) else {
            return Err(Error::Unknown { origin: name, nearest: variable(nearest(&path)) });
        };
        let value = read(kind, text, &name)?;
        settings.push((key, Setting { value, origin: name, layer: Layer::Env }));
    }
    Ok(settings)
}

/// The settings that were given as flags: pairs of a dotted key and its text.
///
/// # Errors
/// When a text does not fit its key.
pub fn from_flags(flags: &[(&str, String)]) -> Result<Settings, Error> {
    let mut settings = Vec::new();
    for (path, text) in flags {
        let origin = format!("--{}", path.replace(['.', '_'], "-"));
        let Some((key, kind)) = known(path) else {
            return Err(Error::Unknown { origin, nearest: nearest(path).to_owned() });
        };
        let value = read(kind, text.clone(), &origin)?;
        settings.push((key, Setting { value, origin, layer: Layer::Flag }));
    }
    Ok(settings)
}

/// The defaults with the settings over them.
///
/// # Errors
/// When a value does not fit its key: each is tried alone first, to learn which.
pub fn assemble(settings: &BTreeMap<&'static str, Setting>) -> Result<Config, Error> {
    let mut all = Table::new();
    for (key, setting) in settings {
        let mut alone = Table::new();
        put(&mut alone, key, setting.value.clone());
        Config::deserialize_from(alone).map_err(|error| Error::Invalid {
            origin: setting.origin.clone(),
            reason: if key.ends_with("secret")
                || ["database", "master_key", "mail.password"].contains(key)
            {
                "expected a text".to_owned()
            } else {
                error.message().to_owned()
            },
        })?;
        put(&mut all, key, setting.value.clone());
    }
    let invalid = |error: toml::de::Error| Error::Invalid {
        origin: "configuration".to_owned(),
        reason: error.message().to_owned(),
    };
    Config::deserialize_from(all).map_err(invalid)
}

impl Config {
    fn deserialize_from(table: Table) -> Result<Self, toml::de::Error> {
        Value::Table(table).try_into()
    }
}

/// Sets a dotted key, of one level or two.
fn put(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((group, rest)) => {
            let inner = table.entry(group).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// Reads a text as what its key wants.
fn read(kind: Kind, text: String, origin: &str) -> Result<Value, Error> {
    let expected = |what: &str| Error::Invalid {
        origin: origin.to_owned(),
        reason: format!("expected {what}"),
    };
    Ok(match kind {
        Kind::Text => Value::String(text),
        Kind::Bool => Value::Boolean(text.parse().map_err(|_| expected("true or false"))?),
        Kind::Number => Value::Integer(text.parse().map_err(|_| expected("a whole number"))?),
        Kind::List => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
        }
    })
}

/// The key of that name, as a text that lives as long as the program.
fn known(path: &str) -> Option<(&'static str, Kind)> {
    KEYS.iter().find(|(key, _)| *key == path).copied()
}

/// Whether keys lie below that name.
fn is_group(path: &str) -> bool {
    KEYS.iter().any(|(key, _)| key.split_once('.').is_some_and(|(group, _)| group == path))
}

/// The key that resembles `path` most, by its whole name or by its last part alone.
fn nearest(path: &str) -> &'static str {
    let distance = |key: &str| {
        let last = key.rsplit('.').next().unwrap_or(key);
        let whole = strsim::damerau_levenshtein(path, key);
        whole.min(strsim::damerau_levenshtein(path, last) + 1)
    };
    KEYS.iter().map(|(key, _)| *key).min_by_key(|key| distance(key)).unwrap_or_default()
}

/// How a key is spelt in the environment.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}
