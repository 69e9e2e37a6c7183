//! What tells the master key of this database from any other.

use super::{Result, Store, Tx, on, run};

impl Store {
    /// What the master key of this database answers; nothing while it has none. Works before the
    /// schema is there, since a key must not be made for a database that has one.
    pub async fn proof(&self) -> Result<Option<Vec<u8>>> {
        let mut tx = self.read().await?;
        let sql = match self {
            Self::Sqlite { .. } => {
                "SELECT count(*) FROM sqlite_master
                 WHERE type = 'table' AND name = 'master_key_check'"
            }
            Self::Postgres(_) => {
                "SELECT count(*) FROM pg_class WHERE oid = to_regclass('master_key_check')"
            }
        };
        let there: i64 = on!(&mut tx, |db| sqlx::query_scalar(sql).fetch_one(db).await?);
        if there == 0 {
            return Ok(None);
        }
        let sql = "SELECT proof FROM master_key_check";
        Ok(on!(&mut tx, |db| sqlx::query_scalar(sql).fetch_optional(db).await?))
    }
}

impl Tx {
    /// Keeps `proof` unless one is kept already; the one that is kept now.
    pub async fn keep_proof(&mut self, proof: &[u8]) -> Result<Vec<u8>> {
        let sql = "INSERT INTO master_key_check (single, proof) VALUES (1, $1)
                   ON CONFLICT DO NOTHING";
        run!(self, sqlx::query(sql).bind(proof));
        let sql = "SELECT proof FROM master_key_check";
        Ok(on!(self, |db| sqlx::query_scalar(sql).fetch_one(db).await?))
    }
}
