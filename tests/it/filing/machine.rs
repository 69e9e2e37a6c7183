//! Chance takes steps at a filing, whoever may and whoever may not: the service, the database and the
//! rules agree on each, and each step that was taken is told twice, in the filing's own record and in
//! the audit log.

use axum::http::StatusCode;
use onshin::engine::filing::{By, WAYS, next};
use onshin::model::filing::{FilingState, FilingStep};
use serde_json::json;

use super::{acceptance, check, demands, form, raw, steps, yunagi};
use crate::support::{Browser, Site, on_both_engines};

/// Numbers that look like chance and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(sides).unwrap()).unwrap()
    }
}

/// What is tried; what ends a filing less often, or nothing would go far.
const TRIED: [FilingStep; 10] = [
    FilingStep::Submit,
    FilingStep::Submit,
    FilingStep::Resubmit,
    FilingStep::Resubmit,
    FilingStep::Return,
    FilingStep::Return,
    FilingStep::Accept,
    FilingStep::Accept,
    FilingStep::Withdraw,
    FilingStep::Revoke,
];

/// Tries a step; whether it was taken.
async fn tried(
    (desk, tokyo): (&mut Browser, &mut Browser),
    (id, version): (&str, i64),
    step: FilingStep,
    number: usize,
) -> bool {
    let own = |deed: &str| format!("/api/filings/{id}/{deed}");
    let admin = |deed: &str| format!("/api/admin/filings/{id}/{deed}");
    let version_alone = json!({ "version": version });
    let ended = json!({ "version": version, "reason": "理由", "ended_on": "2026-12-20" });
    let answer = match step {
        FilingStep::Submit | FilingStep::Resubmit => desk.post(&own("submit"), version_alone).await,
        FilingStep::Return => {
            tokyo.post(&admin("return"), json!({ "version": version, "reason": "直す" })).await
        }
        FilingStep::Accept => {
            let wish = acceptance(version, &format!("第{number}号"), "2026-12-10");
            tokyo.post(&admin("accept"), wish).await
        }
        FilingStep::Withdraw => desk.post(&own("withdraw"), ended).await,
        FilingStep::Revoke => tokyo.post(&admin("revoke"), ended).await,
        FilingStep::TakeEffect | FilingStep::Change => panic!("nobody takes it"),
    };
    let refused = matches!(answer.status, StatusCode::CONFLICT | StatusCode::NOT_FOUND);
    assert!(
        refused || answer.status == StatusCode::OK,
        "{step}: {} {}",
        answer.status,
        answer.text
    );
    answer.status == StatusCode::OK
}

async fn state_of(site: &Site, id: &str) -> (FilingState, i64) {
    let sql = format!(
        "SELECT state || ' ' || CAST(version AS TEXT) FROM filing WHERE id = {}",
        raw::id(&site.url, id)
    );
    let found = raw::texts(&site.url, &sql).await;
    let (state, version) = found[0].split_once(' ').unwrap();
    (state.parse().unwrap(), version.parse().unwrap())
}

on_both_engines! {
    async fn chance_finds_no_way_around_the_rules(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let mut dice = Dice(20_261_201);
        let mut reached = std::collections::BTreeSet::new();
        for round in 0..12 {
            let begun = desk.post("/api/filings", json!({ "kind": "criterion" })).await.expect(StatusCode::CREATED);
            let id = begun["filing"]["id"].as_str().unwrap().to_owned();
            let put = json!({ "version": 1, "form": form("criterion") });
            desk.put(&format!("/api/filings/{id}"), put).await.expect(StatusCode::OK);
            for item in demands("criterion") {
                desk.put(&format!("/api/filings/{id}/check"), check(item)).await.expect(StatusCode::OK);
            }
            let mut taken = 0;
            for turn in 0..10 {
                let (state, version) = state_of(&site, &id).await;
                let step = TRIED[dice.roll(TRIED.len())];
                let by = if matches!(step, FilingStep::Submit | FilingStep::Resubmit | FilingStep::Withdraw) { By::Filer } else { By::Reviewer };
                // One button hands in, for the first time and again.
                let meant = match (step, state) {
                    (FilingStep::Submit | FilingStep::Resubmit, FilingState::ReturnedForCorrection) => FilingStep::Resubmit,
                    (FilingStep::Submit | FilingStep::Resubmit, _) => FilingStep::Submit,
                    (other, _) => other,
                };
                let expected = next(state, meant, by);
                let done = tried((&mut desk, &mut tokyo), (&id, version), step, round * 100 + turn).await;
                assert_eq!(done, expected.is_some(), "{state} {step}");
                let (after, _) = state_of(&site, &id).await;
                assert_eq!(after, expected.unwrap_or(state));
                taken += usize::from(done);
                reached.insert(after);
            }
            let (own, audit) = steps(&site, &id).await;
            assert_eq!((own.len(), audit.len()), (taken, taken), "{own:?} {audit:?}");
            // Room for the next.
            let (state, version) = state_of(&site, &id).await;
            if !state.is_over() {
                let wish = json!({ "version": version, "reason": "次へ", "ended_on": "2026-12-20" });
                desk.post(&format!("/api/filings/{id}/withdraw"), wish).await.expect(StatusCode::OK);
            }
        }
        assert!(reached.len() >= 6, "{reached:?}");
    }

    async fn the_database_knows_the_same_ways(site: Site) {
        let mut theirs = raw::texts(&site.url, "SELECT from_state || ' ' || to_state FROM filing_way").await;
        let mut ours: Vec<String> = WAYS.iter().map(|way| format!("{} {}", way.0, way.3)).collect();
        theirs.sort();
        ours.sort();
        assert_eq!(theirs, ours);
    }
}
