//! The setting that names a file of further symbols of the criteria.

use super::Place;
use crate::support::book::{institution, list, title};

#[test]
fn further_symbols_of_a_criterion_are_followed_or_refused_at_the_start() {
    let place = Place::new();
    let renamed = institution("0110114", "川口医院", "川口市本町１", "").filed(
        "情報通信機器の診療",
        "情通診",
        "第1号",
        "令和 7年 4月 1日",
    );
    let list = list(&title("令和７年９月１日", "令和７年１０月１日"), &[renamed]);
    place.write("renamed.xlsx", &list);
    let found = |place: &Place| {
        let report = place.run(&["import", "bureau", "--dry-run", "--json", "renamed.xlsx"]).json();
        report["files"][0]["online_care"]["facilities"].clone()
    };
    assert_eq!(found(&place), 0, "a symbol that nobody knows");
    // Whoever serves on the usual port meanwhile is not asked.
    place.write("onshin.toml", b"listen = \"127.0.0.1:0\"\ncriteria_aliases = \"aliases.csv\"\n");
    assert!(place.run(&["import", "bureau", "renamed.xlsx"]).expect(2).err.contains("aliases.csv"));
    let head = "criterion,category,symbol,name,valid_from,valid_to\n";
    let rows = |rows: &str| place.write("aliases.csv", format!("{head}{rows}").as_bytes());
    rows("ict_care,医科,情通診,情報通信機器の診療,2025-04-01,\n");
    assert_eq!(found(&place), 1);
    // Its time has two ends.
    rows("ict_care,医科,情通診,情報通信機器の診療,2025-04-01,2025-08-31\n");
    assert_eq!(found(&place), 0);
    let dental = "ict_care,歯科,情通診,名,2025-04-01,\n";
    for (bad, said) in [
        ("ict_car,医科,情通診,名,2025-04-01,\n", "line 2: no criterion is called ict_car"),
        ("ict_care,医科,情報通信,名,2025-04-01,\n", "line 2: 情報通信 means ict_care already"),
        ("ict_care,医科,A,名,2025-04-01,\nict_care,医科,A,名,2026-01-01,\n", "line 3: A means"),
        (
            "online_care_fee_legacy,医科,B,名,2021-04-01,\n",
            "line 2: online_care_fee_legacy was not",
        ),
        ("ict_care,医科,C,名,2026-04-01,2026-03-31\n", "line 2: 2026-03-31 is before"),
        ("ict_care,医科,C,名,令和7年,\n", "line 2: 令和7年 is no day"),
        ("ict_care,医科,C,名,2025-04-01\n", "line 2: a row has 6 columns"),
        ("ict_care,医科,,名,2025-04-01,\n", "line 2: the symbol and its name"),
        (dental, "line 2: only rows of 医科 are followed"),
        ("", "line 1: there is no row"),
    ] {
        rows(bad);
        let refused = place.run(&["import", "bureau", "renamed.xlsx"]).expect(2);
        let told = refused.err.contains("criteria_aliases") && refused.err.contains(said);
        assert!(told, "{bad}: {}", refused.err);
    }
    place.write("aliases.csv", b"symbol,criterion\n");
    let refused = place.run(&["serve"]).expect(2);
    assert!(refused.err.contains("line 1: expected the columns"), "{}", refused.err);
}

#[test]
fn the_same_file_is_read_anew_once_its_symbol_is_configured() {
    let place = Place::new();
    let clinic = |number: &str| institution(number, "川口医院", "川口市本町１", "");
    let renamed =
        clinic("0110114").filed("情報通信機器の診療", "情通診", "第1号", "令和 7年 4月 1日");
    let usual = clinic("0110122").online("第2号", "令和 7年 4月 1日");
    let list = list(&title("令和７年９月１日", "令和７年１０月１日"), &[renamed, usual]);
    place.write("renamed.xlsx", &list);
    let import = || place.run(&["import", "bureau", "renamed.xlsx"]).expect(0).out;
    let counted = || {
        let report = ["report", "counts", "--by", "prefecture", "--as-of", "2025-09-01", "--json"];
        place.run(&report).json()["total"]["facilities"].clone()
    };
    place.write("onshin.toml", b"listen = \"127.0.0.1:0\"\n");
    assert!(import().ends_with("imported\n"));
    assert!(import().contains("has it all already"));
    assert_eq!(counted(), 1);
    place.write("onshin.toml", b"listen = \"127.0.0.1:0\"\ncriteria_aliases = \"aliases.csv\"\n");
    let head = "criterion,category,symbol,name,valid_from,valid_to\n";
    let row = "ict_care,医科,情通診,情報通信機器の診療,2025-04-01,\n";
    place.write("aliases.csv", format!("{head}{row}").as_bytes());
    let anew = import();
    assert!(anew.contains("notifications: 1 new, 0 changed, 0 lapsed, 1 unchanged"), "{anew}");
    assert!(anew.ends_with("imported\n"), "{anew}");
    assert_eq!(counted(), 2);
    assert!(import().contains("has it all already"));
}
