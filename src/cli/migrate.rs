//! `onshin migrate`.

use super::Context;
use super::failure::Failure;
use super::parts;

/// Brings the schema up to date, and says of which database. A new database gets its master key
/// with it, so that none is ever older than its key.
pub(super) async fn run(context: &Context) -> Result<(), Failure> {
    parts::app(&context.config).await?.store.close().await;
    let database = context.config.database_shown();
    if context.json {
        return super::print_json(&serde_json::json!({
            "schema": "onshin.migrate/1",
            "database": database,
            "up_to_date": true,
        }));
    }
    super::print(&format!("{database} is up to date\n"))
}
