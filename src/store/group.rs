//! Group commit for the one connection that writes SQLite.
//!
//! A commit that survives a failure of power waits for the disk, and SQLite has one writer; one
//! commit a deed would bound the whole service by the disk's patience. So deeds that wait at the
//! same time share a commit: each runs in a savepoint of one transaction, one after the other, and
//! those that were kept are told so only after the transaction's own commit. A deed that is
//! dropped, by a refusal, a panic or a caller that went away, takes back its own savepoint and
//! nothing else. Where the commit fails, every deed of the group has failed.
//!
//! A deed sees what those before it in its group wrote, which is not durable yet. It must not
//! answer "done" because of it without a commit of its own, which waits for theirs.
//!
//! The connection belongs to a task of its own, which lends it out; so that whoever stops waiting,
//! at whatever moment, leaves neither a lock nor a group that nobody commits.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tokio::time::Instant;

use super::{Error, Result};

#[cfg(test)]
mod tests;

/// How many deeds share a commit at most.
const MOST: usize = 64;
/// After how long a group is committed although others wait: the first of it waits this long more.
const LONGEST: Duration = Duration::from_millis(10);

/// The queue before the connection that writes. Cheap to clone; with the last one the connection
/// closes.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::UnboundedSender<Wish>,
    patience: Duration,
    options: Arc<SqliteConnectOptions>,
}

/// A unit of work on the connection that writes. Dropping it takes back what it wrote.
#[derive(Debug)]
pub struct Deed {
    // Declared first, so that on a drop the connection is back before the desk asks for it.
    connection: OwnedMutexGuard<SqliteConnection>,
    done: oneshot::Sender<Ack>,
}

/// A unit of work on SQLite.
#[derive(Debug)]
pub enum SqliteTx {
    /// That only reads, on a connection of its own: it sees what is committed.
    Read(Transaction<'static, Sqlite>),
    /// That may write.
    Write(Deed),
}

/// Whom to tell how the commit went.
type Ack = oneshot::Sender<Result<()>>;

#[derive(Debug)]
enum Wish {
    Deed(Length, oneshot::Sender<Result<Deed>>),
    Close(oneshot::Sender<()>),
}

/// How long a deed may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// Milliseconds: it shares its commit with those that wait beside it.
    Short,
    /// Seconds: nobody's commit waits for it.
    Long,
}

impl Writer {
    /// Opens the connection that writes. Who asks for it waits for `patience` at most.
    pub(super) async fn connect(options: SqliteConnectOptions, patience: Duration) -> Result<Self> {
        // What a savepoint may have to put back is kept in memory rather than in a file each.
        let options = options.pragma("temp_store", "memory");
        let connection = Some(share(options.connect().await?));
        let (queue, wishes) = mpsc::unbounded_channel();
        let state = State::Idle;
        let options = Arc::new(options);
        let desk = Desk {
            options: options.clone(),
            connection,
            wishes,
            state,
            kept: Vec::new(),
            since: None,
        };
        tokio::spawn(desk.run());
        Ok(Self { queue, patience, options })
    }

    /// How the connection is opened.
    pub(super) fn options(&self) -> &SqliteConnectOptions {
        &self.options
    }

    /// Begins a deed, when those that came before have ended.
    pub(super) async fn begin(&self, length: Length) -> Result<Deed> {
        let closed = || Error::Unavailable(sqlx::Error::PoolClosed);
        let (turn, granted) = oneshot::channel();
        self.queue.send(Wish::Deed(length, turn)).map_err(|_| closed())?;
        match tokio::time::timeout(self.patience, granted).await {
            Ok(granted) => granted.unwrap_or_else(|_| Err(closed())),
            Err(_) => Err(Error::Unavailable(sqlx::Error::PoolTimedOut)),
        }
    }

    /// Closes the connection after the deeds that wait, and folds the log into the file.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Wish::Close(done)).is_ok() {
            // An error says that it was closed already.
            let _ = closed.await;
        }
    }
}

impl Deed {
    /// Keeps what was written. Returns when it is durable, with all that the group wrote.
    pub(super) async fn commit(self) -> Result<()> {
        let Self { connection, done } = self;
        drop(connection);
        let (ack, kept) = oneshot::channel();
        let lost = || Error::Unavailable(sqlx::Error::PoolClosed);
        done.send(ack).map_err(|_| lost())?;
        kept.await.unwrap_or_else(|_| Err(lost()))
    }
}

impl Deref for Deed {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Deed {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

impl SqliteTx {
    /// Keeps what was written.
    pub(super) async fn commit(self) -> Result<()> {
        match self {
            Self::Read(tx) => Ok(tx.commit().await?),
            Self::Write(deed) => deed.commit().await,
        }
    }
}

impl Deref for SqliteTx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Read(tx) => tx,
            Self::Write(deed) => deed,
        }
    }
}

impl DerefMut for SqliteTx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Read(tx) => tx,
            Self::Write(deed) => deed,
        }
    }
}

/// Who owns the connection, lends it to one deed after the other, and commits for them.
struct Desk {
    options: Arc<SqliteConnectOptions>,
    /// None after a failure that leaves in doubt what is open on it.
    connection: Option<Arc<Mutex<SqliteConnection>>>,
    wishes: mpsc::UnboundedReceiver<Wish>,
    state: State,
    /// The deeds of the group that want to be kept.
    kept: Vec<Ack>,
    /// When the first of them was.
    since: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No transaction is open.
    Idle,
    /// One is, and nothing was written since the savepoint.
    Marked,
    /// One is, and the last deed's writing since the savepoint is to be kept.
    Written,
}

impl Desk {
    async fn run(mut self) {
        while let Some(wish) = self.next().await {
            match wish {
                // Nobody waits for it any more.
                Wish::Deed(_, turn) if turn.is_closed() => {}
                Wish::Deed(Length::Short, turn) => self.deed(turn).await,
                Wish::Deed(Length::Long, turn) => {
                    self.settle().await;
                    self.deed(turn).await;
                    self.settle().await;
                }
                Wish::Close(done) => {
                    self.settle().await;
                    self.close().await;
                    // Who asked may have gone.
                    let _ = done.send(());
                    return;
                }
            }
        }
        self.close().await;
    }

    /// The next in the queue. Where nobody waits, or those of the group have waited long enough,
    /// what was done so far is committed first.
    async fn next(&mut self) -> Option<Wish> {
        let waited = self.since.is_some_and(|since| since.elapsed() >= LONGEST);
        let full = self.kept.len() >= MOST;
        if !waited
            && !full
            && let Ok(wish) = self.wishes.try_recv()
        {
            return Some(wish);
        }
        self.settle().await;
        self.wishes.recv().await
    }

    /// Lends the connection to a deed and takes it back.
    async fn deed(&mut self, turn: oneshot::Sender<Result<Deed>>) {
        match self.mark().await {
            Ok(connection) => match lend(connection, turn).await {
                Some(ack) => {
                    self.state = State::Written;
                    self.since.get_or_insert_with(Instant::now);
                    self.kept.push(ack);
                }
                None => self.take_back().await,
            },
            Err(error) => {
                self.lose(&error);
                // Who waited may have gone.
                let _ = turn.send(Err(error.into()));
            }
        }
    }

    /// Sets the mark to which the next deed can be taken back, in the group's transaction.
    async fn mark(&mut self) -> sqlx::Result<OwnedMutexGuard<SqliteConnection>> {
        let mut connection = self.connection().await?;
        let sql = match self.state {
            // The write lock is taken now: a reader that became a writer could not wait for it.
            State::Idle => "BEGIN IMMEDIATE; SAVEPOINT deed",
            // Without the savepoint there is no transaction either: SQLite has rolled it back, as
            // it does by itself when the disk is full. This then fails.
            State::Written => "RELEASE deed; SAVEPOINT deed",
            State::Marked => return Ok(connection),
        };
        sqlx::query(sql).execute(&mut *connection).await?;
        self.state = State::Marked;
        Ok(connection)
    }

    /// Takes back what a deed wrote that was dropped.
    async fn take_back(&mut self) {
        if let Err(error) = self.execute("ROLLBACK TO deed").await {
            self.lose(&error);
        } else {
            self.state = State::Marked;
        }
    }

    /// Commits the group, and tells each deed of it.
    async fn settle(&mut self) {
        if self.state == State::Idle {
            return;
        }
        let sql = if self.kept.is_empty() { "ROLLBACK" } else { "COMMIT" };
        if let Err(error) = self.execute(sql).await {
            return self.lose(&error);
        }
        tracing::trace!(deeds = self.kept.len(), "committed");
        self.state = State::Idle;
        self.since = None;
        for ack in self.kept.drain(..) {
            // Who does not wait any more is kept all the same.
            let _ = ack.send(Ok(()));
        }
    }

    async fn execute(&mut self, sql: &'static str) -> sqlx::Result<()> {
        let mut connection = self.connection().await?;
        sqlx::query(sql).execute(&mut *connection).await?;
        Ok(())
    }

    /// Nothing of the group is kept. What is still open on the connection is in doubt, so that it
    /// is closed, with which SQLite forgets all that was not committed.
    fn lose(&mut self, why: &sqlx::Error) {
        tracing::warn!(error = why as &dyn std::error::Error, deeds = self.kept.len(), "lost");
        self.connection = None;
        self.state = State::Idle;
        self.since = None;
        for ack in self.kept.drain(..) {
            let error = std::io::Error::other(format!("the group's commit failed: {why}"));
            let _ = ack.send(Err(Error::Unavailable(sqlx::Error::Io(error))));
        }
    }

    async fn connection(&mut self) -> sqlx::Result<OwnedMutexGuard<SqliteConnection>> {
        if let Some(connection) = &self.connection {
            return Ok(connection.clone().lock_owned().await);
        }
        let connection = share(self.options.connect().await?);
        Ok(self.connection.insert(connection).clone().lock_owned().await)
    }

    async fn close(self) {
        let connection = self.connection.and_then(Arc::into_inner).map(Mutex::into_inner);
        if let Some(Err(error)) = match connection {
            Some(connection) => Some(connection.close().await),
            None => None,
        } {
            tracing::warn!(error = &error as &dyn std::error::Error, "closing the database");
        }
    }
}

fn share(connection: SqliteConnection) -> Arc<Mutex<SqliteConnection>> {
    Arc::new(Mutex::new(connection))
}

/// Lends the connection until the deed ends. Whom to tell of the commit; nobody where the deed was
/// dropped.
async fn lend(
    connection: OwnedMutexGuard<SqliteConnection>,
    turn: oneshot::Sender<Result<Deed>>,
) -> Option<Ack> {
    let (done, ended) = oneshot::channel();
    // To somebody who has stopped waiting it is a deed that is dropped at once.
    drop(turn.send(Ok(Deed { connection, done })));
    ended.await.ok()
}
