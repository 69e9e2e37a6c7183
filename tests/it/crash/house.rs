//! The servers of a run with their database, and what is done to them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use tempfile::TempDir;
use tokio::task::block_in_place;
use tokio::time::sleep;

use super::client::{Chance, DOCTORS};
use super::cluster::Cluster;
use super::post::Post;
use super::server::{Recipe, Server};
use crate::support::{NIGHT, raw};

/// One server on SQLite, two on PostgreSQL.
pub(super) struct House {
    pub(super) url: String,
    pub(super) servers: Vec<Server>,
    pub(super) cluster: Option<Cluster>,
    pub(super) post: Post,
    struck: BTreeMap<&'static str, usize>,
    // Declared last: what lies in it is used until then.
    _folder: TempDir,
}

impl House {
    pub(super) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/care.db", folder.path().display());
        Self::new(url, None, folder, 1).await
    }

    pub(super) async fn on_postgres(name: &str, options: &str) -> Self {
        let cluster = block_in_place(|| Cluster::start(name, options));
        let folder = tempfile::tempdir().unwrap();
        Self::new(cluster.url.clone(), Some(cluster), folder, 2).await
    }

    async fn new(url: String, cluster: Option<Cluster>, folder: TempDir, count: usize) -> Self {
        let post = Post::start().await;
        let mut settings = post.settings();
        settings.push(("ONSHIN_DATABASE", url.clone()));
        settings.push(("ONSHIN_LOG__FILTER", "warn".to_owned()));
        let recipe = Recipe { folder: folder.path().to_owned(), settings };
        let servers = (0..count).map(|_| Server::new(&recipe)).collect();
        Self { url, servers, cluster, post, struck: BTreeMap::new(), _folder: folder }
    }

    pub(super) fn ports(&self) -> Vec<u16> {
        self.servers.iter().map(|server| server.port).collect()
    }

    /// Starts everything, with the demo and more doctors in it.
    pub(super) async fn open(&mut self) {
        for server in &mut self.servers {
            server.start().await;
        }
        let id = |text: &str| raw::id(&self.url, text);
        let mut script = String::new();
        for doctor in &DOCTORS[1..] {
            let _ = write!(
                script,
                "INSERT INTO clinician (id, facility_id, name, name_en, license_year,
                    training_completed_on, hours_version)
                 SELECT {0}, facility_id, name, name_en, license_year, training_completed_on, 1
                 FROM clinician WHERE id = {1};
                 INSERT INTO weekly_hours (facility_id, clinician_id, position, weekday, opens,
                    closes)
                 SELECT facility_id, {0}, position, weekday, opens, closes FROM weekly_hours
                 WHERE facility_id = {2} AND clinician_id = {1};",
                id(doctor),
                id(DOCTORS[0]),
                id(NIGHT),
            );
        }
        raw::execute(&self.url, &script).await.unwrap();
        self.post.subscribe(self.servers[0].port).await;
    }

    /// Kills something, and brings it back.
    pub(super) async fn strike(&mut self, chance: &mut Chance) {
        if chance.happens(40) {
            self.post.restart().await;
        }
        let what = chance.below(100);
        let struck = match &self.cluster {
            Some(cluster) if what < 20 => {
                cluster.kill_all();
                sleep(Duration::from_millis(chance.below(500))).await;
                block_in_place(|| cluster.start_again());
                "database"
            }
            Some(cluster) if what < 45 && cluster.kill_a_backend(chance) => "backend",
            _ => self.strike_a_server(chance).await,
        };
        *self.struck.entry(struck).or_default() += 1;
        // No server ends because its database does.
        for server in &mut self.servers {
            assert!(server.is_running(), "a server ended:\n{}", server.last_words());
        }
    }

    async fn strike_a_server(&mut self, chance: &mut Chance) -> &'static str {
        let one = usize::try_from(chance.below(self.servers.len() as u64)).unwrap();
        let server = &mut self.servers[one];
        server.kill();
        if chance.happens(25) {
            // In the middle of its start, too.
            server.spawn();
            sleep(Duration::from_millis(chance.below(300))).await;
            server.kill();
            *self.struck.entry("server at its start").or_default() += 1;
        }
        self.servers[one].start().await;
        "server"
    }

    pub(super) fn kills(&self) -> usize {
        self.struck.values().sum()
    }

    /// What was killed, in words.
    pub(super) fn killed(&self) -> String {
        let parts = self.struck.iter().map(|(what, count)| format!("{count} × {what}"));
        format!("{} kills ({})", self.kills(), parts.collect::<Vec<_>>().join(", "))
    }

    /// Waits until everything is told.
    pub(super) async fn drain(&mut self) -> Result<(), String> {
        self.post.drain(&self.url, &mut self.servers).await
    }

    pub(super) fn close(&mut self) {
        for server in &mut self.servers {
            server.stop();
        }
    }

    /// The end of what the servers have written.
    pub(super) fn words(&self) -> String {
        self.servers.iter().map(Server::last_words).collect::<Vec<_>>().join("\n---\n")
    }
}
