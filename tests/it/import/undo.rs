//! An import that is taken back: the register is as it was, and what was known meanwhile can still
//! be asked.

use onshin::model::ImportId;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

/// The register as it stands: institutions that are there, what is known of them and of their
/// notifications, without ids and without the days on which it was written down.
pub(super) async fn stands(site: &Site) -> Vec<String> {
    let sql = "SELECT 'institution ' || code10 || ' ' || name || ' ' || source || ' ' || address
                || COALESCE(CAST(beds AS text), '-') || ' ' || COALESCE(CAST(gone_on AS text), '-')
            FROM institution WHERE gone_on IS NULL
               OR EXISTS (SELECT 1 FROM institution_state AS s WHERE s.code10 = institution.code10
                   AND s.superseded_at IS NULL)
        UNION ALL SELECT 'notification ' || code10 || ' ' || acceptance_number || ' ' || source
            || ' ' || COALESCE(CAST(lapsed_after AS text), '-') || ' ' || COALESCE(CAST(lapsed_on AS text), '-')
            FROM notification WHERE superseded_at IS NULL
        UNION ALL SELECT 'state ' || code10 || ' ' || name || ' ' || address || ' '
            || CAST(valid_from AS text) || ' ' || COALESCE(CAST(valid_until AS text), '-')
            FROM institution_state WHERE superseded_at IS NULL
        UNION ALL SELECT 'redesignation ' || old_code10 || new_code10
            FROM redesignation WHERE superseded_at IS NULL
        UNION ALL SELECT 'import ' || CAST(as_of AS text) || sha256
            FROM bureau_import WHERE undone_at IS NULL
        ORDER BY 1";
    raw::texts(&site.url, sql).await
}

pub(super) async fn undo(site: &Site, id: ImportId) -> Result<(), Error> {
    imports::undo(&site.app, &Actor::Command, id).await.map(|_| ())
}

pub(super) fn tick(site: &Site) {
    site.app.clock.advance(chrono::TimeDelta::hours(1));
}

on_both_engines! {
    async fn the_register_is_as_it_was(site: Site) {
        let empty = stands(&site).await;
        let first = import(&site, september()).await.unwrap().imports[0];
        let september_stands = stands(&site).await;
        tick(&site);
        let second = import(&site, october()).await.unwrap().imports[0];
        let october_stands = stands(&site).await;
        tick(&site);
        assert!(matches!(undo(&site, first).await, Err(Error::Refused("newer_import"))));
        undo(&site, second).await.unwrap();
        assert_eq!(stands(&site).await, september_stands);
        assert!(matches!(undo(&site, second).await, Err(Error::Refused("import_undone"))));
        tick(&site);
        // The same list once more, as if it had never been there.
        let again = import(&site, october()).await.unwrap();
        assert_eq!(again.summary.institutions, tally(1, 1, 1, 2));
        assert_eq!(stands(&site).await, october_stands);
        tick(&site);
        undo(&site, again.imports[0]).await.unwrap();
        assert_eq!(stands(&site).await, september_stands);
        undo(&site, first).await.unwrap();
        assert_eq!(stands(&site).await, empty);
        assert!(matches!(undo(&site, ImportId::new()).await, Err(Error::NotFound)));
        let told = "SELECT action FROM audit_entry WHERE action LIKE 'register.undo%'";
        assert_eq!(raw::texts(&site.url, told).await.len(), 3);
        // An older list may come again now.
        assert!(import(&site, august()).await.unwrap().written);
    }

    async fn what_was_known_in_the_meantime_can_still_be_asked(site: Site) {
        import(&site, september()).await.unwrap();
        tick(&site);
        let second = import(&site, october()).await.unwrap().imports[0];
        tick(&site);
        undo(&site, second).await.unwrap();
        let known = |at: &str| {
            let sql = format!("SELECT acceptance_number FROM notification
                WHERE source = 'bureau' AND recorded_at <= '{at}' AND lapsed_on IS NULL
                  AND (superseded_at IS NULL OR superseded_at > '{at}') ORDER BY code10");
            let url = site.url.clone();
            async move { raw::texts(&url, &sql).await }
        };
        assert_eq!(known("2026-12-01T00:30:00+00:00").await, ["第1号", "第2号", "第3号"]);
        assert_eq!(known("2026-12-01T01:30:00+00:00").await, ["第1号", "第20号", "第4号", "第5号"]);
        assert_eq!(known("2026-12-01T02:30:00+00:00").await, ["第1号", "第2号", "第3号"]);
    }

    async fn a_demos_clinic_that_a_list_showed_is_the_demos_again(site: Site) {
        let before = stands(&site).await;
        let sql = "SELECT i.code10 FROM institution AS i JOIN notification AS n ON n.code10 = i.code10
            WHERE i.source = 'demo' AND n.lapsed_on IS NULL ORDER BY i.code10 LIMIT 1";
        let code = raw::texts(&site.url, sql).await.remove(0);
        let listed = institution(&code[3..], "名簿での名前", "千代田区丸の内１", "")
            .of("13", "東京都").online("第70号", "令和 7年 5月 1日");
        let bytes = list(&title("令和７年９月１日", "令和７年１０月１日"), &[listed]);
        let done = import(&site, bytes).await.unwrap();
        assert_eq!(history(&site, &code).await.len(), 2);
        let name = format!("SELECT source || name FROM institution WHERE code10 = '{code}'");
        assert_eq!(raw::texts(&site.url, &name).await, ["bureau名簿での名前"]);
        tick(&site);
        undo(&site, done.imports[0]).await.unwrap();
        assert_eq!(stands(&site).await, before);
    }

    async fn a_correction_of_the_same_day_is_taken_back_too(site: Site) {
        import(&site, september()).await.unwrap();
        tick(&site);
        import(&site, october()).await.unwrap();
        let wrong = stands(&site).await;
        tick(&site);
        // The bureau had forgotten Toda's clinic.
        let new = institution("0110155", "草加クリニック", "草加市高砂５－５", "");
        let all = [
            kawaguchi(), omiya("第20号"), toda(),
            second_of_toda().online("第4号", "令和 7年10月 1日"),
            new.online("第5号", "令和 7年10月 1日"),
        ];
        let corrected = list(&title("令和７年１０月１日", "令和７年１１月２日"), &all);
        let done = import(&site, corrected).await.unwrap();
        // It had not lapsed after all.
        let lapsed = "SELECT acceptance_number FROM notification
            WHERE source = 'bureau' AND superseded_at IS NULL AND lapsed_on IS NOT NULL";
        assert!(raw::texts(&site.url, lapsed).await.is_empty());
        tick(&site);
        undo(&site, done.imports[0]).await.unwrap();
        assert_eq!(stands(&site).await, wrong);
    }

    async fn months_by_chance_are_taken_back_one_by_one(site: Site) {
        let mut random = StdRng::seed_from_u64(7);
        let digits = ["１", "２", "３", "４", "５", "６", "７", "８"];
        let mut past = vec![(None, stands(&site).await)];
        for digit in digits {
            // Corrections of the same day are among them.
            for correction in 0..random.random_range(1..=2) {
                let all = by_chance(&mut random);
                let title = title(&format!("令和７年{digit}月１日"), &format!("令和７年１２月{}日", correction + 1));
                let done = import(&site, list(&title, &all)).await.unwrap();
                tick(&site);
                if let Some(id) = done.imports.first() {
                    past.push((Some(*id), stands(&site).await));
                }
                // Now and then the last is taken back at once.
                if past.len() > 2 && random.random_bool(0.2) {
                    undo(&site, past.pop().unwrap().0.unwrap()).await.unwrap();
                    assert_eq!(stands(&site).await, past.last().unwrap().1);
                    tick(&site);
                }
            }
        }
        assert!(past.len() > 5, "{}", past.len());
        while let Some((Some(id), _)) = past.pop() {
            undo(&site, id).await.unwrap();
            assert_eq!(stands(&site).await, past.last().unwrap().1);
            tick(&site);
        }
    }
}

/// Some of twelve institutions, each somehow.
fn by_chance(random: &mut StdRng) -> Vec<Institution> {
    let mut all = Vec::new();
    for number in 1..=12 {
        if random.random_bool(0.3) {
            continue;
        }
        let name = ["川口診療所", "川口クリニック"][random.random_range(0..2)];
        let place = format!("川口市本町{}", random.random_range(1..=6));
        let beds = ["", "一般　5", "一般　30"][random.random_range(0..3)];
        let one = institution(&format!("01102{number:02}"), name, &place, beds);
        all.push(if random.random_bool(0.6) {
            one.online(&format!("第{}号", random.random_range(1..4)), "令和 6年 4月 1日")
        } else {
            one
        });
    }
    all.push(
        institution("0110299", "いつもある医院", "越谷市１", "")
            .online("第9号", "令和 6年 4月 1日"),
    );
    all
}
