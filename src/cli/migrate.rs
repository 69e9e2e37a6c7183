//! `onshin migrate`.

use super::Context;
use super::failure::Failure;

/// Brings the schema up to date, and says of which database.
pub(super) async fn run(context: &Context) -> Result<(), Failure> {
    let store = super::connect(&context.config).await?;
    let done = store.migrate().await;
    store.close().await;
    done?;
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
