//! Both engines have the same tables with the same columns.

use crate::support::raw;
use onshin::store::Store;

#[tokio::test]
async fn the_engines_agree() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}/schema.db", folder.path().display());
    let postgres = raw::fresh_postgres().await;
    for url in [&sqlite, &postgres] {
        // Twice: bringing an up-to-date schema up to date changes nothing.
        Store::open(url).await.unwrap().close().await;
        Store::open(url).await.unwrap().close().await;
    }
    let mut ours = raw::texts(
        &sqlite,
        "SELECT t.name || '.' || c.name FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c
         WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .await;
    let mut theirs = raw::texts(
        &postgres,
        "SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema = 'public'",
    )
    .await;
    ours.sort();
    theirs.sort();
    assert!(ours.len() > 100, "{ours:?}");
    assert_eq!(ours, theirs);
}

#[tokio::test]
async fn the_settings_on_which_durability_rests_are_on() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/durable.db", folder.path().display());
    let store = Store::open(&url).await.unwrap();
    assert_eq!(store.durability().await.unwrap(), Ok(()));
}
