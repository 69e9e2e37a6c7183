//! Short messages to telephones. Who carries them is behind a trait: the carriers of a country have
//! interfaces of their own, and none is built in. What is built in lays them into a folder, for
//! people who try the service and for a program of the operator's that carries them on.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::sync::Mutex;

use crate::time::Instant;

/// Why a message was not taken. It names nothing that the other side said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The carrier will not take it, now or later.
    #[error("refused by the carrier")]
    Refused,
    /// It could not be handed on now.
    #[error("the carrier does not answer")]
    Unreachable,
}

impl Error {
    /// A stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
        }
    }
}

/// A short message.
#[derive(Debug)]
pub struct Short<'a> {
    /// Names it: sent twice, it is the same message twice.
    pub id: &'a str,
    /// The number, as dialled in the country.
    pub to: &'a str,
    /// What it says.
    pub text: &'a str,
    /// When it is written.
    pub at: Instant,
}

/// Who carries short messages.
#[async_trait]
pub trait Sms: Send + Sync {
    /// Hands a message on.
    async fn send(&self, short: &Short<'_>) -> Result<(), Error>;
}

/// A folder with one file a day, one message a line, as JSON.
pub struct Folder {
    path: PathBuf,
    one_at_a_time: Mutex<()>,
}

impl Folder {
    /// Messages into this folder.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), one_at_a_time: Mutex::new(()) }
    }

    async fn append(&self, short: &Short<'_>) -> std::io::Result<()> {
        let line = json!({ "id": short.id, "to": short.to, "text": short.text, "at": short.at });
        let _turn = self.one_at_a_time.lock().await;
        tokio::fs::create_dir_all(&self.path).await?;
        let path = self.path.join(format!("{}.jsonl", short.at.date_naive()));
        let mut file = tokio::fs::OpenOptions::new().append(true).create(true).open(path).await?;
        file.write_all(format!("{line}\n").as_bytes()).await?;
        file.flush().await
    }
}

#[async_trait]
impl Sms for Folder {
    async fn send(&self, short: &Short<'_>) -> Result<(), Error> {
        self.append(short).await.map_err(|_| Error::Unreachable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_message_is_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let sms = Folder::new(&folder.path().join("sms"));
        let at = "2026-12-01T00:00:00Z".parse().unwrap();
        for text in ["一つ目\nの文", "two"] {
            sms.send(&Short { id: "1", to: "09012345678", text, at }).await.unwrap();
        }
        let lines = std::fs::read_to_string(folder.path().join("sms/2026-12-01.jsonl")).unwrap();
        let lines: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines.len(), &lines[0]["text"]), (2, &json!("一つ目\nの文")));
        // Where nothing can be written, it is said.
        let nowhere = Folder::new(Path::new("/proc/nowhere"));
        let short = Short { id: "1", to: "09012345678", text: "x", at };
        assert_eq!(nowhere.send(&short).await, Err(Error::Unreachable));
    }
}
