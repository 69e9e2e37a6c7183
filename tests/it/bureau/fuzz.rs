//! The reader of lists against whatever may come: damaged packages, damaged XML, odd texts in cells.
//! What was interesting once is kept in tests/corpus/lists and read again in each run.
//!
//! `ONSHIN_FUZZ_SECONDS=600 cargo test --test it bureau::fuzz` goes on for longer; with
//! `ONSHIN_FUZZ_KEEP=1` inputs that end in a way that was not seen before are added to the corpus.

use std::collections::{BTreeSet, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use onshin::engine::import::{Decision, Stored, decide};
use onshin::format::bureau::{Error, Reading, read};
use onshin::model::ImportId;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::support::book::{institution, rows, sheets, title};
use crate::support::packed::{packed, parts};

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/lists")
}

/// How long a run goes on.
fn length() -> Duration {
    let seconds = std::env::var("ONSHIN_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(3))
}

/// What must hold of whatever was read.
fn check(reading: &Reading) {
    assert!(!reading.files.is_empty());
    for file in &reading.files {
        let list = &file.listing;
        assert_eq!(file.sha256.len(), 64);
        let number: u32 = list.prefecture_code.parse().unwrap();
        assert!((1..=47).contains(&number), "{}", list.prefecture_code);
        assert!(list.institutions.windows(2).all(|two| two[0].code < two[1].code), "each once");
        let codes: HashSet<_> = list.institutions.iter().map(|i| i.code).collect();
        assert!(!codes.is_empty());
        assert!(codes.iter().all(|code| code.prefecture() == list.prefecture_code));
        assert!(list.institutions.iter().all(|i| !i.name.is_empty()));
        let keys: HashSet<_> =
            list.notifications.iter().map(|n| (n.institution, n.criterion)).collect();
        assert_eq!(keys.len(), list.notifications.len());
        assert!(list.notifications.iter().all(|n| codes.contains(&n.institution)));
        assert!(list.institutions.len() <= list.rows as usize);
        let errors = list.errors.institutions + list.errors.notifications;
        assert!(errors <= list.rows as usize);
        assert!(list.odd.iter().filter(|odd| odd.code.is_error()).count() <= errors);
        // The same list once more changes nothing.
        let stored = Stored::after(None, list, ImportId::new());
        assert_eq!(decide(Some(&stored), list), Decision::Unchanged);
    }
}

/// How a reading ended, coarsely: what a new kind of ending is told by.
fn ending(result: &Result<Reading, Error>) -> String {
    match result {
        Ok(reading) => {
            let warnings = reading.files.iter().flat_map(|file| &file.listing.warnings);
            let codes: BTreeSet<String> = warnings.map(|w| format!("{:?}", w.code)).collect();
            format!("{} {codes:?}", reading.files.len().min(3))
        }
        Err(Error::NotAList { expected, .. }) => {
            format!("no list {}", expected.chars().take(12).collect::<String>())
        }
        Err(Error::TooLarge { what, .. }) => format!("large {what}"),
        Err(Error::BadArchive { reason, .. }) => {
            let reason: String =
                reason.chars().filter(|c| c.is_ascii_alphabetic() || *c == ' ').take(40).collect();
            format!("bad {reason}")
        }
        Err(Error::NoAsOf { .. }) => "no day".to_owned(),
        Err(Error::Contradiction { .. }) => "contradiction".to_owned(),
        Err(Error::Future { .. }) => "a day to come".to_owned(),
    }
}

/// Reads an input; one that breaks a promise is kept and told.
fn try_one(bytes: &[u8]) -> String {
    let done = catch_unwind(AssertUnwindSafe(|| {
        let begun = Instant::now();
        let result = read("fuzz.xlsx", bytes);
        if let Ok(reading) = &result {
            check(reading);
        }
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "a small input took {:?}",
            begun.elapsed()
        );
        ending(&result)
    }));
    done.unwrap_or_else(|cause| {
        let path = keep(bytes, "broken");
        eprintln!("kept as {}", path.display());
        std::panic::resume_unwind(cause)
    })
}

fn keep(bytes: &[u8], kind: &str) -> PathBuf {
    let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let path = corpus().join(format!("{kind}-{sum:016x}.bin"));
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn what_was_interesting_once_is_read_again() {
    let files: Vec<_> =
        std::fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let inputs: Vec<_> =
        files.iter().filter(|path| path.extension().is_some_and(|e| e == "bin")).collect();
    assert!(inputs.len() > 20, "the corpus is gone: {} inputs", inputs.len());
    let endings: HashSet<String> =
        inputs.iter().map(|path| try_one(&std::fs::read(path).unwrap())).collect();
    assert!(endings.len() > 15, "the corpus has become dull: {endings:?}");
}

/// A small list of two sheets.
fn seed() -> Vec<u8> {
    let saitama = [
        institution("0110114", "川口診療所", "川口市本町１－１", "一般　5")
            .online("第1号", "令和 4年 4月 1日"),
        institution("0110122", "大宮病院", "さいたま市大宮区大門町２", "一般　　20／療養　　10"),
    ];
    let tokyo = [institution("0112345", "港医院", "港区芝１", "")
        .of("13", "東京都")
        .online("第7号", "令和 6年 6月 1日")];
    let day = title("令和７年９月１日", "令和７年１０月１日");
    sheets(&[("埼玉", &day, &rows(&saitama)), ("東京", &day, &rows(&tokyo))])
}

#[test]
fn damaged_packages_and_odd_cells_are_read_or_refused() {
    let random = &mut StdRng::seed_from_u64(
        std::env::var("ONSHIN_FUZZ_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1),
    );
    let keeping = std::env::var_os("ONSHIN_FUZZ_KEEP").is_some();
    let mut pool = vec![seed()];
    let kept = std::fs::read_dir(corpus())
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    pool.extend(kept);
    let mut endings: HashSet<String> = pool.iter().map(|bytes| try_one(bytes)).collect();
    let (begun, mut tries) = (Instant::now(), 0_u32);
    while begun.elapsed() < length() {
        let input = match random.random_range(0..4) {
            0 => damaged(pool.choose(random).unwrap(), random),
            1 | 2 => damaged_part(pool.choose(random).unwrap(), random),
            _ => odd_cells(random),
        };
        tries += 1;
        if endings.insert(try_one(&input)) && input.len() < 40_000 {
            if keeping {
                keep(&input, "ending");
            }
            pool.push(input);
        }
    }
    eprintln!("{tries} inputs, {} endings", endings.len());
    assert!(tries > 20, "{tries}");
}

/// Some bytes of a package.
fn damaged(bytes: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.is_empty() {
        return bytes;
    }
    for _ in 0..random.random_range(1..6) {
        let at = random.random_range(0..bytes.len());
        match random.random_range(0..3) {
            0 => bytes[at] = random.random(),
            1 => bytes.truncate(at.max(1)),
            _ => {
                let end = (at + random.random_range(1..40)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = random.random_range(0..=bytes.len());
                bytes.splice(to..to, copy);
            }
        }
    }
    bytes
}

const FRAGMENTS: [&str; 24] = [
    "<",
    ">",
    "</c>",
    "<c r=\"A5\" t=\"s\">",
    "<v>99999999999</v>",
    "t=\"inlineStr\"",
    "t=\"d\"",
    "t=\"b\"",
    "r=\"XFD1048576\"",
    "r=\"A0\"",
    "<row r=\"4294967295\">",
    "&#0;",
    "&lt;",
    "&nope;",
    "<![CDATA[",
    "<!--",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "<rPh sb=\"0\" eb=\"1\"><t>ア</t></rPh>",
    "uniqueCount=\"4000000000\"",
    "<mergeCell ref=\"A1:X9\"/>",
    "xml:space=\"preserve\"",
    "\u{feff}",
    "</sheetData>",
    "s=\"70000\"",
];

/// One part of a package, whose checksum is right again.
fn damaged_part(bytes: &[u8], random: &mut StdRng) -> Vec<u8> {
    let readable = catch_unwind(AssertUnwindSafe(|| parts(bytes)));
    let Ok(mut all) = readable else { return damaged(bytes, random) };
    let Some(at) = (0..all.len()).collect::<Vec<_>>().choose(random).copied() else {
        return bytes.to_vec();
    };
    let content = &mut all[at].1;
    for _ in 0..random.random_range(1..5) {
        let from = random.random_range(0..=content.len());
        let to = (from + random.random_range(0..30)).min(content.len());
        let new = FRAGMENTS.choose(random).unwrap().as_bytes();
        content.splice(from..to, new.iter().copied());
    }
    packed(&all)
}

const TEXTS: [&str; 30] = [
    "",
    " ",
    "\u{3000}",
    "0",
    "13",
    "１３",
    "99",
    "医科",
    "歯科",
    "医　科",
    "令和 7年 9月 1日",
    "令和99年99月99日",
    "R7.9.1",
    "2025-09-01",
    "45901",
    "-1",
    "1e308",
    "情報通信",
    "情報通信機器を用いた診療に係る基準",
    "第1号",
    "一般　　99999999999",
    "／／／",
    "一般　5／療養　-3",
    "川口市",
    "\u{202e}市口川",
    "\u{1f3e5}",
    "a\r\nb",
    "=1+1",
    "_x000D_",
    "0112345",
];

/// A list whose cells are odd.
fn odd_cells(random: &mut StdRng) -> Vec<u8> {
    let one = institution("0110114", "川口診療所", "川口市本町１－１", "一般　5")
        .online("第1号", "令和 4年 4月 1日");
    let mut all = rows(&vec![one; random.random_range(1..6)]);
    let from = usize::from(random.random_bool(0.9));
    for row in &mut all[from..] {
        for _ in 0..random.random_range(0..5) {
            let at = random.random_range(0..row.len());
            row[at] = match random.random_range(0..8) {
                0 => TEXTS.choose(random).unwrap().repeat(random.random_range(1..2_000)),
                1 => (0..random.random_range(0..12))
                    .filter_map(|_| char::from_u32(random.random_range(1..0x3_0000)))
                    .collect(),
                _ => (*TEXTS.choose(random).unwrap()).to_owned(),
            };
            // A spreadsheet's cell ends at so many characters.
            row[at] = row[at].chars().take(32_000).collect();
        }
    }
    let day = if random.random_bool(0.1) {
        *TEXTS.choose(random).unwrap()
    } else {
        "[令和７年９月１日 現在 ]"
    };
    sheets(&[("Sheet1", day, &all)])
}
