//! What the bureau's lists say, and what is filed here, beside each other.

use axum::http::StatusCode;
use serde_json::json;

use super::{accept, acceptance, bookable, handed_in, registered, yunagi};
use crate::support::{Site, on_both_engines, raw};

on_both_engines! {
    async fn what_a_bureaus_list_shows_is_left_as_it_is(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let import = raw::id(&site.url, "0d300b00-0000-0000-0000-000000000001");
        let row = raw::id(&site.url, "0d300b00-0000-0000-0000-000000000002");
        let hash = "0".repeat(64);
        raw::execute(&site.url, &format!(
            "INSERT INTO bureau_import (id, prefecture_code, as_of, file, sha256, report, imported_at)
             VALUES ({import}, '13', '2026-11-01', 'f', '{hash}', '{{}}', '2026-11-15T00:00:00+00:00');
             INSERT INTO notification (id, code10, criterion, acceptance_number, effective_from,
                source, import_id, recorded_at)
             VALUES ({row}, '1319990051', 'ict_care', '第8号', '2026-11-01', 'bureau', {import},
                '2026-11-15T00:00:00+00:00')"
        )).await.unwrap();
        let bureau = "bureau 第8号 2026-11-01";
        // A filing that is accepted here neither doubles it nor takes its place.
        let (id, version) = handed_in(&mut desk, "criterion").await;
        let done = accept(&mut tokyo, &id, acceptance(version, "第8号", "2026-12-01")).await;
        assert_eq!(done["filing"]["state"], "in_effect");
        assert_eq!(registered(&site).await.iter().filter(|one| one.as_str() == bureau).count(), 1);
        assert!(registered(&site).await.iter().all(|one| !one.starts_with("filing")));
        // Given up here, it stands until a list shows it no more: sources are not mixed.
        let wish = json!({ "version": done["filing"]["version"], "reason": "閉院", "ended_on": "2026-12-02" });
        desk.post(&format!("/api/filings/{id}/withdraw"), wish).await.expect(StatusCode::OK);
        assert!(registered(&site).await.iter().any(|one| one.as_str() == bureau));
        assert!(bookable(&site, "2026-12-03").await);
    }

    async fn what_is_filed_is_no_part_of_the_lists_counts(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let counted = site.browser().get("/api/counts?by=prefecture").await.expect(StatusCode::OK);
        let (id, version) = handed_in(&mut desk, "criterion").await;
        accept(&mut tokyo, &id, acceptance(version, "第1号", "2026-12-01")).await;
        let after = site.browser().get("/api/counts?by=prefecture").await.expect(StatusCode::OK);
        assert!(counted.as_object().is_some_and(|all| !all.is_empty()), "{counted}");
        assert_eq!(after, counted);
    }
}
