//! Files that come in one upload: one list cut in two, one list twice, and lists that lost much.

use onshin::format::bureau;

use super::*;

const CAREFUL: How = How { dry_run: false, confirm_drop: false };

fn clinic(number: usize) -> Institution {
    let place = format!("川口市本町{number}");
    let code = format!("01102{number:02}");
    institution(&code, "町の診療所", &place, "")
        .online(&format!("第{number}号"), "令和 6年 4月 1日")
}

fn part(made: &str, all: &[Institution]) -> Vec<u8> {
    list(&title("令和７年９月１日", made), all)
}

async fn import_all(site: &Site, files: &[(&str, &Vec<u8>)], how: How) -> Result<Imported, Error> {
    let uploads = files.iter().map(|(name, bytes)| upload(name, (*bytes).clone()));
    import_lists(&site.app, uploads.collect(), how).await
}

on_both_engines! {
    async fn one_list_cut_in_two_is_refused_and_one_that_comes_twice_is_not(site: Site) {
        let all: Vec<Institution> = (1..=12).map(clinic).collect();
        let (first, second) = (part("令和７年１０月１日", &all[..7]), part("令和７年１０月１日", &all[7..]));
        let before = everything(&site).await;
        for parts in [[("a.xlsx", &first), ("b.xlsx", &second)], [("b.xlsx", &second), ("a.xlsx", &first)]] {
            let refused = import_all(&site, &parts, CONFIRMED).await.unwrap_err();
            let Error::List(bureau::Error::Contradiction { file, .. }) = &refused else { panic!("{refused:?}") };
            assert_eq!(file, parts[1].0);
            assert!(refused.to_string().contains("import them one by one"), "{refused}");
            assert_eq!(everything(&site).await, before);
        }
        let whole = part("令和７年１０月１日", &all);
        let twice = [("a.xlsx", &whole), ("b.xlsx", &whole)];
        let done = import_all(&site, &twice, CAREFUL).await.unwrap();
        assert_eq!((done.imports.len(), done.files.len()), (1, 2));
        assert_eq!(done.summary.notifications, tally(12, 0, 0, 12));
        assert!(!import_all(&site, &twice, CAREFUL).await.unwrap().written);
        assert_eq!(counted(&site, By::Prefecture).await, parts(&[("11", 12)]));
    }

    async fn a_corrected_issue_stands_for_the_first_in_whatever_order_they_come(site: Site) {
        let all: Vec<Institution> = (1..=12).map(clinic).collect();
        let (first, corrected) = (part("令和７年１０月１日", &all[..9]), part("令和７年１０月８日", &all));
        for files in [[("a.xlsx", &first), ("b.xlsx", &corrected)], [("b.xlsx", &corrected), ("a.xlsx", &first)]] {
            let done = import_all(&site, &files, LOOK).await.unwrap();
            assert_eq!(done.files.len(), 1, "{:?}", done.files);
            assert_eq!((done.files[0].file.as_str(), done.summary.notifications), ("b.xlsx", tally(12, 0, 0, 0)));
            let told = &done.files[0].warnings;
            assert!(told.iter().any(|one| one.detail.starts_with("a.xlsx: b.xlsx")), "{told:?}");
        }
    }

    async fn half_of_all_codes_altered_needs_a_word_though_as_many_are_there(site: Site) {
        let all: Vec<Institution> = (1..=40).map(clinic).collect();
        import_all(&site, &[("s.xlsx", &part("令和７年１０月１日", &all))], CAREFUL).await.unwrap();
        let october = |altered: usize, elsewhere: bool| {
            let other = |number: usize| {
                let place = format!("川口市本町{}", if elsewhere { number + 100 } else { number });
                institution(&format!("09902{number:02}"), "町の診療所", &place, "")
                    .online(&format!("第{number}号"), "令和 6年 4月 1日")
            };
            let all: Vec<Institution> =
                (1..=40).map(|n| if n <= altered { other(n) } else { clinic(n) }).collect();
            list(&title("令和７年１０月１日", "令和７年１１月１日"), &all)
        };
        let before = everything(&site).await;
        for elsewhere in [true, false] {
            let bytes = october(20, elsewhere);
            let refused = import_all(&site, &[("o.xlsx", &bytes)], CAREFUL).await;
            assert!(matches!(refused, Err(Error::Refused("sudden_drop"))), "{elsewhere} {refused:?}");
            assert_eq!(everything(&site).await, before);
            let look = import_all(&site, &[("o.xlsx", &bytes)], LOOK).await.unwrap();
            let told: Vec<&str> = look.summary.drops.iter().map(|one| one.detail.as_str()).collect();
            assert_eq!(told, ["institutions: 40 → 40 (−20)", "ict_care: 40 → 40 (−20)"]);
        }
        // One in twenty may be gone, and as many may have changed hands.
        for (altered, elsewhere) in [(2, true), (2, false)] {
            let look = import_all(&site, &[("o.xlsx", &october(altered, elsewhere))], LOOK).await.unwrap();
            assert!(look.summary.drops.is_empty(), "{:?}", look.summary.drops);
        }
        let done = import_all(&site, &[("o.xlsx", &october(20, true))], CONFIRMED).await.unwrap();
        assert_eq!(done.summary.notifications, tally(20, 0, 20, 20));
    }
}
