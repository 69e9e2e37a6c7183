//! The bureaus' lists going into the register: month after month, all of an upload or nothing of
//! it, by the action and through the front door.

use onshin::actions::Error;
use onshin::actions::counts::{self, Query};
use onshin::actions::imports::{self, How, Imported, Upload};
use onshin::engine::counts::ask::Within;
use onshin::engine::counts::{By, NoCount};
use onshin::engine::import::Tally;
use onshin::model::person::Actor;

mod drafts;
mod known;
mod past;
mod together;
mod undo;

use crate::support::book::{Institution, import_lists, institution, list, title};
use crate::support::{Site, on_both_engines, raw};

fn kawaguchi() -> Institution {
    institution("0110114", "川口診療所", "川口市本町１－１", "一般　5")
        .filed("夜間休日救急搬送医学管理料", "夜救管", "第9号", "平成29年 4月 1日")
        .online("第1号", "令和 4年 4月 1日")
}

fn omiya(number: &str) -> Institution {
    let beds = "一般　　20／療養　　10";
    institution("0110122", "大宮病院", "さいたま市大宮区大門町２－２", beds)
        .online(number, "令和 5年 5月 1日")
}

fn toda() -> Institution {
    institution("0110130", "戸田クリニック", "戸田市本町３－３", "")
        .online("第3号", "令和 6年 6月 1日")
}

fn second_of_toda() -> Institution {
    institution("0110148", "戸田第二医院", "戸田市新曽４－４", "")
}

/// The list as of 1 September 2025: four institutions, three of them with online care.
fn september() -> Vec<u8> {
    let all = [kawaguchi(), omiya("第2号"), toda(), second_of_toda()];
    list(&title("令和７年９月１日", "令和７年１０月１日"), &all)
}

/// A month later: one as it was, one with another number, one gone, one that filed, one new.
fn october() -> Vec<u8> {
    let new = institution("0110155", "草加クリニック", "草加市高砂５－５", "");
    let all = [
        kawaguchi(),
        omiya("第20号"),
        second_of_toda().online("第4号", "令和 7年10月 1日"),
        new.online("第5号", "令和 7年10月 1日"),
    ];
    list(&title("令和７年１０月１日", "令和７年１１月１日"), &all)
}

/// A month later still: the one that was gone is there again.
fn november() -> Vec<u8> {
    let new = institution("0110155", "草加クリニック", "草加市高砂５－５", "");
    let all = [
        kawaguchi(),
        omiya("第20号"),
        toda(),
        second_of_toda().online("第4号", "令和 7年10月 1日"),
        new.online("第5号", "令和 7年10月 1日"),
    ];
    list(&title("令和７年１１月１日", "令和７年１２月１日"), &all)
}

/// What is older than the first.
fn august() -> Vec<u8> {
    list(&title("令和７年８月１日", "令和７年９月１日"), &[kawaguchi(), toda()])
}

/// Another prefecture's.
fn tochigi() -> Vec<u8> {
    let one = institution("0110014", "宇都宮医院", "宇都宮市旭１－１", "").of("09", "栃木県");
    list(
        &title("令和７年９月１日", "令和７年１０月１日"),
        &[one.online("第1号", "令和 4年 4月 1日")],
    )
}

fn upload(name: &str, bytes: Vec<u8>) -> Upload {
    Upload { name: name.to_owned(), bytes }
}

async fn import(site: &Site, bytes: Vec<u8>) -> Result<Imported, Error> {
    import_lists(&site.app, vec![upload("list.xlsx", bytes)], CONFIRMED).await
}

/// What these small lists lose is more than 5 %.
const CONFIRMED: How = How { dry_run: false, confirm_drop: true };
const LOOK: How = How { dry_run: true, confirm_drop: false };

fn tally(new: usize, changed: usize, lapsed: usize, unchanged: usize) -> Tally {
    Tally { new, changed, lapsed, unchanged }
}

/// Everything that the register holds from lists, and every entry about it, row by row.
pub(crate) async fn everything(site: &Site) -> Vec<String> {
    let sql = "SELECT 'institution ' || code10 || name || filed || COALESCE(CAST(gone_on AS text), '-')
            FROM institution WHERE source = 'bureau'
        UNION ALL SELECT 'notification ' || code10 || acceptance_number
            || COALESCE(CAST(lapsed_after AS text), '-') || COALESCE(CAST(lapsed_on AS text), '-')
            || COALESCE(CAST(superseded_at AS text), '-')
            FROM notification WHERE source = 'bureau'
        UNION ALL SELECT 'state ' || code10 || name || CAST(valid_from AS text)
            || COALESCE(CAST(valid_until AS text), '-')
            || CASE WHEN superseded_at IS NULL THEN 'known' ELSE 'superseded' END
            FROM institution_state
        UNION ALL SELECT 'redesignation ' || old_code10 || new_code10
            || CASE WHEN superseded_at IS NULL THEN 'known' ELSE 'superseded' END
            FROM redesignation
        UNION ALL SELECT 'import ' || prefecture_code || CAST(as_of AS text) || sha256 FROM bureau_import
        UNION ALL SELECT 'audit ' || action || subject FROM audit_entry
        ORDER BY 1";
    raw::texts(&site.url, sql).await
}

/// The notifications of an institution: number, lapsed after, lapsed by, superseded or not.
async fn history(site: &Site, code10: &str) -> Vec<String> {
    let sql = format!(
        "SELECT acceptance_number || ' ' || COALESCE(CAST(lapsed_after AS text), '-') || ' '
            || COALESCE(CAST(lapsed_on AS text), '-') || ' '
            || CASE WHEN superseded_at IS NULL THEN 'known' ELSE 'superseded' END
         FROM notification WHERE code10 = '{code10}' ORDER BY recorded_at, lapsed_on, id"
    );
    let mut rows = raw::texts(&site.url, &sql).await;
    rows.sort();
    rows
}

/// Facilities with online care by what divides them, as the service counts them.
async fn counted(site: &Site, by: By) -> Vec<(String, u64)> {
    let answer = counts::count(&site.app, by, &Query::default()).await.unwrap();
    let rows = answer.rows.iter();
    let mut rows: Vec<(String, u64)> =
        rows.map(|row| (row.key.clone(), row.part.figures.facilities.into())).collect();
    rows.sort();
    rows.into_iter().filter(|row| row.1 > 0).collect()
}

fn parts(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect()
}

on_both_engines! {
    async fn month_after_month(site: Site) {
        let first = import(&site, september()).await.unwrap();
        assert!(first.written);
        assert_eq!((first.summary.institutions, first.summary.notifications), (tally(4, 0, 0, 0), tally(3, 0, 0, 0)));
        let care = &first.files[0].online_care;
        assert_eq!([care.facilities, care.hospitals, care.bedded_clinics, care.clinics_without_beds], [3, 1, 1, 1]);
        assert_eq!((first.files[0].rows, first.files[0].institutions_without_filing), (5, 1));
        let kept = everything(&site).await;
        assert_eq!(kept.iter().filter(|row| row.starts_with("import")).count(), 1);
        assert_eq!(kept.iter().filter(|row| row.starts_with("audit register.import")).count(), 1);

        // The same file again, and the same contents packed anew.
        site.app.clock.advance(chrono::TimeDelta::days(1));
        let again = import(&site, september()).await.unwrap();
        assert!(!again.written);
        assert_eq!((again.summary.institutions, again.summary.notifications), (tally(0, 0, 0, 4), tally(0, 0, 0, 3)));
        let all = [second_of_toda(), toda(), omiya("第2号"), kawaguchi()];
        let anew = list(&title("令和７年９月１日", "令和７年１０月１日"), &all);
        assert!(!import(&site, anew).await.unwrap().written);
        assert_eq!(everything(&site).await, kept);

        let next = import(&site, october()).await.unwrap();
        assert_eq!((next.summary.institutions, next.summary.notifications), (tally(1, 1, 1, 2), tally(2, 1, 1, 1)));
        assert_eq!(history(&site, "1110110114").await, ["第1号 - - known"]);
        assert_eq!(history(&site, "1110110122").await, ["第20号 - - known", "第2号 - - superseded"]);
        let gone = ["第3号 - - superseded", "第3号 2025-09-01 2025-10-01 known"];
        assert_eq!(history(&site, "1110110130").await, gone);
        let gone_on = "SELECT CAST(gone_on AS text) FROM institution WHERE code10 = '1110110130'";
        assert_eq!(raw::texts(&site.url, gone_on).await, ["2025-10-01"]);

        // What comes back is new, and what was known of it stays.
        let third = import(&site, november()).await.unwrap();
        assert_eq!((third.summary.institutions, third.summary.notifications), (tally(1, 0, 0, 4), tally(1, 0, 0, 4)));
        let mut back = gone.to_vec();
        back.insert(0, "第3号 - - known");
        assert_eq!(history(&site, "1110110130").await, back);
        assert_eq!(counted(&site, By::Prefecture).await, parts(&[("11", 5)]));
    }

    async fn a_corrected_list_of_the_same_day_takes_back_what_was_never_so(site: Site) {
        import(&site, september()).await.unwrap();
        let corrected = [kawaguchi(), omiya("第2号"), second_of_toda()];
        let corrected = list(&title("令和７年９月１日", "令和７年１０月２日"), &corrected);
        let done = import(&site, corrected).await.unwrap();
        assert_eq!((done.summary.institutions.lapsed, done.summary.notifications.lapsed), (1, 1));
        assert_eq!(history(&site, "1110110130").await, ["第3号 - - superseded"]);
        assert_eq!(counted(&site, By::Prefecture).await, parts(&[("11", 2)]));
    }

    async fn what_is_counted_is_what_is_there(site: Site) {
        for bytes in [september(), october(), tochigi()] {
            import(&site, bytes).await.unwrap();
        }
        assert_eq!(counted(&site, By::Prefecture).await, parts(&[("09", 1), ("11", 4)]));
        let places = [("092011", 1), ("111031", 1), ("112038", 1), ("112216", 1), ("112241", 1)];
        assert_eq!(counted(&site, By::Municipality).await, parts(&places));
        let kinds = [("bedded_clinic", 1), ("clinic_without_beds", 3), ("hospital", 1)];
        let mut found = counted(&site, By::Kind).await;
        found.sort();
        assert_eq!(found, parts(&kinds));
        let years = [("2022", 2), ("2023", 1), ("2025", 2)];
        assert_eq!(counted(&site, By::StartYear).await, parts(&years));
        // The same from the rows themselves: who has a notification that is known and in force.
        for (by, column) in [
            (By::Prefecture, "prefecture_code"), (By::Municipality, "municipality_code"), (By::Kind, "size"),
        ] {
            let sql = format!(
                "SELECT {column} || ' ' || count(DISTINCT n.code10) FROM notification AS n
                 JOIN institution AS i ON i.code10 = n.code10
                 WHERE n.source = 'bureau' AND superseded_at IS NULL AND lapsed_on IS NULL
                 GROUP BY {column} ORDER BY {column}");
            let mut ours: Vec<_> = counted(&site, by).await.iter().map(|(code, n)| format!("{code} {n}")).collect();
            ours.sort();
            let mut theirs = raw::texts(&site.url, &sql).await;
            theirs.sort();
            assert_eq!(ours, theirs, "{column}");
        }
        // The clinics of the demo are on no list.
        let within = Within { prefecture: Some("13".into()), ..Within::default() };
        let query = Query { within, ..Query::default() };
        let tokyo = counts::count(&site.app, By::Kind, &query).await.unwrap();
        assert_eq!((tokyo.total, tokyo.reason), (None, Some(NoCount::NoList)));
    }

    async fn all_of_an_upload_or_nothing(site: Site) {
        import(&site, september()).await.unwrap();
        let before = everything(&site).await;
        let older = import(&site, august()).await;
        assert!(matches!(older, Err(Error::OlderList { .. })), "{older:?}");
        assert!(older.unwrap_err().to_string().contains("2025-08-01"));
        assert_eq!(everything(&site).await, before);

        // A good one with one that is no list, is older, is damaged: in either order.
        let half = october()[..2000].to_vec();
        let bad: [(&str, Vec<u8>); 4] = [
            ("text.csv", b"a,b,c\n1,2,3\n".to_vec()), ("empty.xlsx", Vec::new()),
            ("half.xlsx", half), ("august.xlsx", august()),
        ];
        for (name, bytes) in bad {
            for good_first in [true, false] {
                let mut both = vec![upload(name, bytes.clone())];
                both.insert(usize::from(!good_first), upload("tochigi.xlsx", tochigi()));
                let done = import_lists(&site.app, both, CONFIRMED).await;
                assert!(matches!(done, Err(Error::OlderList { .. } | Error::List(_))), "{name}: {done:?}");
                assert_eq!(everything(&site).await, before, "{name}");
            }
        }
        // The good one by itself is imported: it was not the reason.
        assert!(import(&site, tochigi()).await.unwrap().written);
    }

    async fn looking_only_keeps_nothing(site: Site) {
        import(&site, september()).await.unwrap();
        let before = everything(&site).await;
        let look = import_lists(&site.app, vec![upload("o.xlsx", october())], LOOK);
        let look = look.await.unwrap();
        assert!(!look.written);
        assert_eq!(everything(&site).await, before);
        let done = import(&site, october()).await.unwrap();
        assert_eq!((look.summary.institutions, look.summary.notifications), (done.summary.institutions, done.summary.notifications));
        assert_ne!(everything(&site).await, before);
    }
}
