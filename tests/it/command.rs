//! The program as people and scripts use it: exit codes, what goes to stdout, what to stderr.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::bureau;
use crate::support::book::{institution, list, title};
use crate::support::served::{Served, onshin};

mod aliases;

/// A folder of one's own, and the program in it.
struct Place(tempfile::TempDir);

/// What a command left behind.
#[derive(Debug)]
struct Done {
    code: i32,
    out: String,
    err: String,
}

impl Done {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What it wrote, where it ended with this code.
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// The object that it printed, and nothing beside it.
    fn json(self) -> Value {
        let done = self.expect(0);
        assert_eq!(done.err, "");
        serde_json::from_str(&done.out).unwrap()
    }

    /// The problem that it told, where it ended with this code and printed no result.
    fn problem(self, code: i32) -> Value {
        let done = self.expect(code);
        assert_eq!(done.out, "");
        let problem: Value = serde_json::from_str(&done.err).unwrap();
        assert_eq!(problem["exit_code"], code, "{problem}");
        problem
    }
}

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, args: &[&str]) -> Done {
        Done::of(onshin(self.path()).args(args).output().unwrap())
    }

    /// Runs it with a text to read.
    fn run_reading(&self, args: &[&str], text: &str) -> Done {
        let mut command = onshin(self.path());
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        Done::of(child.wait_with_output().unwrap())
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path().join(name), bytes).unwrap();
    }
}

/// A list of Saitama as of the first of this month of 2025, in full-width digits.
fn month(digit: &str) -> Vec<u8> {
    let beds = "一般　　20";
    let all = [
        institution("0110122", "大宮病院", "さいたま市大宮区大門町２－２", beds)
            .online("第2号", "令和 5年 5月 1日"),
        institution("0110148", "戸田第二医院", "戸田市新曽４－４", ""),
    ];
    list(&title(&format!("令和７年{digit}月１日"), "令和７年１１月１日"), &all)
}

#[test]
fn importing_ends_with_the_code_that_says_how() {
    let place = Place::new();
    for (name, bytes) in
        [("s.xlsx", month("９")), ("o.xlsx", month("１０")), ("no.xlsx", b"a,b\n".to_vec())]
    {
        place.write(name, &bytes);
    }
    place.run(&["import", "bureau", "--dry-run", "o.xlsx"]).expect(0);
    let counts = place.run(&["report", "counts", "--by", "kind", "--json"]).json();
    assert_eq!((&counts["total"], &counts["reason"]), (&Value::Null, &json!("no_list")));
    let first = place.run(&["import", "bureau", "o.xlsx"]).expect(0);
    assert!(first.out.ends_with("imported\n"), "{}", first.out);
    assert!(first.out.contains("11 埼玉県 as of 2025-10-01: 2 rows"), "{}", first.out);
    // No bar, no colours, no carriage returns where nobody looks.
    assert_eq!(first.err, "");
    let again = place.run(&["import", "bureau", "o.xlsx"]).expect(0);
    assert!(again.out.contains("nothing was changed"), "{}", again.out);

    assert!(place.run(&["import", "bureau", "s.xlsx"]).expect(4).err.contains("2025-09-01"));
    assert!(place.run(&["import", "bureau", "no.xlsx"]).expect(5).err.contains("no.xlsx"));
    assert!(place.run(&["import", "bureau"]).expect(2).err.contains("<FILES>"));
    assert!(place.run(&["import", "bureau", "gone.xlsx"]).expect(3).err.contains("gone.xlsx"));
    let told = |file: &str, code| place.run(&["--json", "import", "bureau", file]).problem(code);
    assert_eq!(told("s.xlsx", 4)["code"], "older_list");
    assert_eq!(told("no.xlsx", 5)["code"], "not_a_list");
    assert_eq!(told("gone.xlsx", 3)["code"], "not_found");
    assert_eq!(place.run(&["import", "--json"]).problem(2)["code"], "usage");
    // Taking back what was imported: once, and by its id.
    let listed = place.run(&["import", "bureau", "--dry-run", "--json", "o.xlsx"]).json();
    assert_eq!((&listed["imports"], &listed["imported"]), (&json!([]), &json!(false)));
    let id = first.out.lines().find_map(|line| line.strip_prefix("import ")).unwrap();
    let undo = ["import", "bureau", "--undo", id];
    assert!(place.run(&undo).expect(0).out.contains("taken back"));
    let counts = place.run(&["report", "counts", "--by", "kind", "--json"]).json();
    assert_eq!((&counts["total"], &counts["reason"]), (&Value::Null, &json!("no_list")));
    place.run(&undo).expect(4);
    place.run(&["import", "bureau", "--undo", "0d300100-0000-0000-0000-4ead72fa0000"]).expect(3);
    place.run(&["import", "bureau", "--undo", id, "o.xlsx"]).expect(2);
    // A setting of this place refuses other prefectures.
    place.write("onshin.toml", b"prefectures = [\"13\"]\n");
    assert_eq!(told("o.xlsx", 4)["code"], "wrong_prefecture");
}

#[test]
fn rows_left_out_and_a_fall_have_codes_of_their_own() {
    let place = Place::new();
    let clinic = |number: u32| {
        let number = format!("011{number:04}");
        institution(&number, "医院", "川口市本町１", "").online("第1号", "令和 4年 4月 1日")
    };
    let day = |digit: &str| title(&format!("令和７年{digit}月１日"), "令和７年１２月１日");
    let mut bad: Vec<_> = (1..=20).map(clinic).collect();
    bad.push(institution("01-1A", "番号の違う医院", "川口市本町１", ""));
    place.write("bad.xlsx", &list(&day("９"), &bad));
    let done = place.run(&["import", "bureau", "bad.xlsx"]).expect(6);
    assert!(done.out.contains("row 25") && done.out.ends_with("imported\n"), "{}", done.out);
    assert!(done.err.contains("1 rows have errors"), "{}", done.err);
    // The rest was imported, and five percent fewer are one fewer: more needs a word.
    let fewer: Vec<_> = (1..=18).map(clinic).collect();
    place.write("fewer.xlsx", &list(&day("１０"), &fewer));
    assert_eq!(
        place.run(&["import", "bureau", "--json", "fewer.xlsx"]).problem(4)["code"],
        "sudden_drop"
    );
    let look = place.run(&["import", "bureau", "--dry-run", "fewer.xlsx"]).expect(0);
    assert!(look.out.contains("ict_care: 20 → 18"), "{}", look.out);
    place.run(&["import", "bureau", "--confirm-drop", "fewer.xlsx"]).expect(0);
}

#[test]
fn the_report_of_an_import_has_the_promised_shape() {
    let place = Place::new();
    place.write("o.xlsx", &month("１０"));
    let done = place.run(&["import", "bureau", "--json", "o.xlsx"]).json();
    assert_eq!(done["schema"], "onshin.import.bureau/1");
    let mut file = done["files"][0].clone();
    let sha256 = file["sha256"].take();
    assert_eq!(sha256.as_str().unwrap().len(), 64);
    let warnings = file["warnings"].take();
    assert!(warnings.is_array());
    let expected = json!({
        "file": "o.xlsx", "sha256": null, "prefecture_code": "11", "prefecture": "埼玉県",
        "as_of": "2025-10-01", "created_on": "2025-11-01", "rows": 2, "institutions": 2,
        "institutions_without_filing": 1, "all_institutions": true, "warnings": null,
        "errors": { "institutions": 0, "notifications": 0 },
        "online_care": {
            "facilities": 1, "hospitals": 1, "bedded_clinics": 0, "clinics_without_beds": 0,
            "by_municipality": { "111031": 1 }, "by_start_fiscal_year": { "2023": 1 },
        },
    });
    assert_eq!(file, expected);
    let tally =
        |new, unchanged| json!({ "new": new, "changed": 0, "lapsed": 0, "unchanged": unchanged });
    assert_eq!((&done["institutions"], &done["notifications"]), (&tally(2, 0), &tally(1, 0)));
    let again = place.run(&["import", "bureau", "--json", "o.xlsx"]).json();
    assert_eq!((&again["imported"], &again["institutions"]), (&json!(false), &tally(0, 2)));

    // What was imported is what is reported, in each form.
    let counts = place.run(&["report", "counts", "--by", "municipality", "--format", "csv"]);
    let counts = counts.expect(0).out;
    assert!(counts.contains("111031") && counts.contains("大宮区"), "{counts}");
    let counts = place.run(&["report", "counts", "--by", "prefecture", "--json"]).json();
    assert_eq!(
        (&counts["total"]["facilities"], &counts["as_of"]),
        (&json!(1), &json!("2025-10-01"))
    );
    let asked = |more: &[&str]| place.run(&[&["report", "counts", "--by"][..], more].concat());
    let before = asked(&["kind", "--as-of", "2025-09-30", "--json"]).json();
    assert_eq!((&before["total"], &before["reason"]), (&Value::Null, &json!("before_first_list")));
    let unknown = asked(&["kind", "--known-on", "2020-01-01", "--json"]).json();
    assert_eq!(unknown["reason"], "no_list");
    for by in ["year", "month", "area", "criterion", "start-year"] {
        let table = asked(&[by, "--as-of", "2025-12-31"]).expect(0).out;
        assert!(table.contains("届出受理") && table.lines().count() >= 4, "{by}: {table}");
        assert!(
            asked(&[by, "--source", "lists", "--format", "svg"]).expect(0).out.starts_with("<svg")
        );
    }
    asked(&["municipality", "--format", "xlsx", "--out", "counts.xlsx"]).expect(0);
    let book = std::fs::read(place.path().join("counts.xlsx")).unwrap();
    assert!(book.starts_with(b"PK") && book.len() > 5_000, "{}", book.len());
    for wrong in [
        ["kind", "--as-of", "tomorrow"],
        ["kind", "--prefecture", "99"],
        ["kind", "--known-on", "x"],
    ] {
        asked(&wrong).expect(2);
    }
}

#[test]
fn the_series_has_no_growth_across_its_break() {
    let place = Place::new();
    let series =
        |format| place.run(&["report", "counts", "--by", "year", "--format", format]).expect(0).out;
    let report: Value = serde_json::from_str(&series("json")).unwrap();
    let points = report["points"].as_array().unwrap();
    let counts: Vec<_> = points.iter().map(|point| point["count"].as_u64().unwrap()).collect();
    assert_eq!(counts[..4], [108, 200, 593, 1051]);
    for pair in points.windows(2) {
        let across = pair[0]["criterion"] != pair[1]["criterion"];
        assert_eq!(pair[1]["growth_reason"] == "series_break", across, "{pair:?}");
        assert!(!across || pair[1]["growth"].is_null(), "{pair:?}");
    }
    let breaks = points.iter().filter(|point| point["growth_reason"] == "series_break").count();
    assert_eq!(breaks, 1);
    let (table, csv, svg) = (series("table"), series("csv"), series("svg"));
    for text in [&table, &csv, &svg] {
        assert!(text.contains("1,051") || text.contains("1051"), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf,"), "{text}");
    }
    assert_eq!(csv.lines().filter(|line| !line.is_empty()).count(), points.len() + 1, "{csv}");
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
    assert!(svg.contains("<title"), "{svg}");
    // It is built in: nothing was made on the disk.
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn the_demo_goes_into_an_empty_database_once() {
    let place = Place::new();
    place.run(&["seed", "demo"]).expect(0);
    let again = place.run(&["seed", "demo"]).expect(4);
    assert!(again.err.contains("empty database"), "{}", again.err);
    place.run(&["migrate"]).expect(0);
    place.run(&["migrate"]).expect(0);
}

#[test]
fn an_account_is_added_with_the_password_that_was_read() {
    let place = Place::new();
    place.run(&["seed", "demo"]).expect(0);
    let add = ["admin", "user", "add", "--login", "Minato", "--name", "港 太郎", "--role"];
    let adding = |more: &[&'static str]| [&add[..], more].concat();
    let official = adding(&["prefecture_admin"]);
    place.run_reading(&official, "too short\n").expect(5);
    let done = place.run_reading(&official, "ein langes Kennwort\nnicht dies\n").expect(0);
    assert_eq!(done.out, "added Minato\n");
    // The login is taken; without a password one is made and shown once, as what it is.
    place.run_reading(&official, "noch ein Kennwort\n").expect(5);
    let desk = [
        "admin",
        "user",
        "add",
        "--json",
        "--login",
        "desk2",
        "--name",
        "受付",
        "--role",
        "clinic_staff",
        "--facility",
        "1319990010",
    ];
    let made = place.run_reading(&desk, "").json();
    let made = made["password"].as_str().unwrap();
    assert!(made.len() >= 20);
    place.run_reading(&adding(&["king"]), "ein langes Kennwort\n").expect(2);
    place
        .run_reading(
            &adding(&["clinic_staff", "--facility", "1319999999"]),
            "ein langes Kennwort\n",
        )
        .expect(3);
    place.run_reading(&adding(&["clinic_staff"]), "ein langes Kennwort\n").expect(5);

    let served = Served::start(onshin(place.path()));
    let sign_in = |login: &str, password: &str| {
        let wish = json!({ "login": login, "password": password });
        served.ask("POST", "/api/session", "", &wish)
    };
    assert_eq!(sign_in("minato", "ein langes Kennwort").json()["role"], "prefecture_admin");
    assert_eq!(sign_in("desk2", made).json()["role"], "clinic_staff");
    for wrong in ["too short", "nicht dies", "noch ein Kennwort", "ein langes Kennwort\nnicht dies"]
    {
        assert_eq!(sign_in("minato", wrong).status, 403, "{wrong}");
    }
    let log = String::from_utf8(served.stop()).unwrap();
    assert!(log.contains("serving") && !log.contains("Kennwort") && !log.contains(made), "{log}");
}

#[test]
fn a_misspelt_setting_is_told_with_the_nearest() {
    let place = Place::new();
    place.write("bad.toml", b"lisen = \"127.0.0.1:9999\"\n[session]\nidle_minute = 5\n");
    let told = place.run(&["--config", "bad.toml", "doctor"]).expect(2);
    assert!(told.err.contains("listen") || told.err.contains("session.idle_minutes"), "{told:?}");
    let told = place.run(&["--config", "bad.toml", "migrate", "--json"]).problem(2);
    assert_eq!(told["code"], "usage");
    let done =
        onshin(place.path()).env("ONSHIN_LOG__FILTR", "debug").arg("doctor").output().unwrap();
    let told = Done::of(done).expect(2);
    assert!(
        told.err.contains("ONSHIN_LOG__FILTR") && told.err.contains("ONSHIN_LOG__FILTER"),
        "{told:?}"
    );
    place.run(&["--config", "gone.toml", "doctor"]).expect(3);
    place.run(&["--database", "mysql://localhost/x", "doctor"]).expect(2);
    // Neither left a database behind.
    assert!(!place.path().join("var").exists());
    // What needs no settings works beside broken ones.
    place.write("onshin.toml", b"= nonsense");
    place.run(&["doctor"]).expect(2);
    for shell in ["bash", "zsh", "fish"] {
        assert!(place.run(&["completions", shell]).expect(0).out.contains("import"), "{shell}");
    }
    let document = place.run(&["openapi"]).json();
    assert!(document["paths"]["/api/bookings/{id}/confirm"]["post"].is_object());
    assert_eq!(document["info"]["title"], "Onshin");
    let version = place.run(&["--version"]).expect(0);
    assert_eq!(version.out.trim(), format!("onshin {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_doctor_finds_a_fresh_folder_in_order_and_a_lost_key_not() {
    let place = Place::new();
    let fresh = place.run(&["doctor", "--json"]).json();
    assert!(
        fresh["checks"].as_array().unwrap().iter().all(|check| check["state"] == "ok"),
        "{fresh}"
    );
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "it changes nothing");
    place.run(&["seed", "demo"]).expect(0);
    place.run(&["doctor"]).expect(0);
    std::fs::remove_file(place.path().join("var/master.key")).unwrap();
    place.run(&["doctor"]).expect(1);
    // Nor is a new key made, which would open nothing.
    place.run(&["seed", "demo"]).expect(3);
    assert!(!place.path().join("var/master.key").exists());
}

/// The real list of Saitama; nothing where the real lists are absent.
fn saitama() -> Option<std::path::PathBuf> {
    let folder = bureau::folder()?.join("kanto-shinetsu");
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.find(|path| path.file_name().unwrap().to_string_lossy().contains("埼玉"))
}

/// Runs `command` under GNU time; its output and its peak memory in bytes, where that is known.
fn measured(place: &Place, command: &Command) -> (Done, Option<u64>) {
    if !Path::new("/usr/bin/time").exists() {
        eprintln!("memory not measured: there is no /usr/bin/time");
        let mut plain = onshin(place.path());
        return (Done::of(plain.args(command.get_args()).output().unwrap()), None);
    }
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M", "-o", "peak"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => timed.env(name, value),
            None => timed.env_remove(name),
        };
    }
    let done = Done::of(timed.current_dir(place.path()).output().unwrap());
    let peak = std::fs::read_to_string(place.path().join("peak")).unwrap();
    (done, Some(peak.trim().parse::<u64>().unwrap() * 1024))
}

#[test]
fn the_largest_list_is_imported_in_little_memory() {
    let Some(file) = saitama() else { return };
    let place = Place::new();
    let mut command = onshin(place.path());
    command.args(["import", "bureau", "--json"]).arg(&file);
    let (done, peak) = measured(&place, &command);
    let done = done.json();
    let report = &done["files"][0];
    assert_eq!((&report["rows"], &report["institutions"]), (&json!(35_541), &json!(4_305)));
    assert_eq!(report["institutions_without_filing"], 454);
    let care = &report["online_care"];
    let sizes = ["facilities", "hospitals", "bedded_clinics", "clinics_without_beds"];
    assert_eq!(sizes.map(|size| care[size].as_u64().unwrap()), [669, 75, 27, 567]);
    assert_eq!(done["notifications"]["new"], 669);
    if let Some(peak) = peak {
        assert!(peak < 300_000_000, "{peak} bytes");
        // It did read something.
        assert!(peak > 10_000_000, "{peak} bytes");
    }
    // What the register holds is what the report says.
    let counts = place.run(&["report", "counts", "--by", "kind", "--json"]).json();
    assert_eq!(counts["total"]["facilities"], 669);
    assert_eq!(counts["total"]["institutions"], 4_305);
}

#[test]
fn a_person_sees_that_it_works_on() {
    let (Some(file), script) = (saitama(), Path::new("/usr/bin/script")) else { return };
    if !script.exists() {
        eprintln!("skipped: there is no /usr/bin/script to make a terminal");
        return;
    }
    let place = Place::new();
    let program = env!("CARGO_BIN_EXE_onshin");
    let line = format!("'{program}' import bureau --dry-run '{}'", file.display());
    let mut command = Command::new(script);
    let seen =
        command.args(["-qec", &line, "/dev/null"]).current_dir(place.path()).output().unwrap();
    let seen = Done::of(seen).expect(0).out;
    assert!(seen.contains("reading") && seen.contains("\u{1b}["), "{seen:?}");
    // In a pipe the same says nothing but the result.
    let file = file.to_str().unwrap();
    let piped = place.run(&["import", "bureau", "--dry-run", file]).expect(0);
    assert_eq!(piped.err, "");
    assert!(!piped.out.contains(['\r', '\u{1b}']) && !piped.out.contains("reading"), "{piped:?}");
}

#[test]
fn a_database_that_does_not_answer_has_a_code_of_its_own() {
    let place = Place::new();
    let told =
        place.run(&["--database", "postgres://u:pa55word@127.0.0.1:1/x", "migrate", "--json"]);
    assert!(!told.err.contains("pa55word"), "{told:?}");
    assert_eq!(told.problem(7)["code"], "unavailable");
}
