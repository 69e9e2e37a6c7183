//! Every code has its sentence.

use super::*;

/// The texts of the source files below `folder`.
fn sources(folder: &std::path::Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, texts);
        } else {
            texts.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

/// What stands in quotes right behind each `before`.
fn quoted_after<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_code_that_the_source_names_has_a_sentence() {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut texts = Vec::new();
    sources(&src.join("actions"), &mut texts);
    sources(&src.join("http"), &mut texts);
    let mut codes: Vec<&str> = Vec::new();
    for text in &texts {
        codes.extend(quoted_after(text, "Refused(\""));
        codes.extend(quoted_after(text, "NotFree { code: \""));
        codes.extend(quoted_after(text, "Changed(\""));
    }
    let rests = std::fs::read_to_string(src.join("engine/first_visit.rs")).unwrap();
    codes.extend(quoted_after(&rests, "Verdict::Refuse(\""));
    let engine = ["engine/slots.rs", "engine/booking.rs"];
    let engine = engine.map(|file| std::fs::read_to_string(src.join(file)).unwrap());
    codes.extend(engine.iter().flat_map(|text| quoted_after(text, "=> \"")));
    assert!(codes.len() > 30, "{codes:?}");
    // Told under another name, see `calendar::code_of`.
    codes.retain(|code| *code != "taken");
    let all: Vec<_> = super::all().collect();
    for code in codes {
        assert!(all.iter().any(|row| row.0 == code), "no sentence for {code}");
    }
}

#[test]
fn everything_that_stands_against_a_closing_form_has_a_sentence() {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine");
    let mut pairs = Vec::new();
    let files = ["closing.rs", "prescription.rs"];
    let files = files.map(|file| std::fs::read_to_string(src.join(file)).unwrap());
    for text in &files {
        let code = text.split("mod tests").next().unwrap();
        // A field in quotes, and the code in quotes behind it.
        for rest in code.split("\"/facts").skip(1) {
            let mut quoted = rest.split('"');
            let field = format!("/facts{}", quoted.next().unwrap());
            pairs.push((field, quoted.nth(1).unwrap()));
        }
    }
    assert!(pairs.len() > 18, "{pairs:?}");
    let unsaid = field("/no such field", "no such code", Lang::En);
    for (pointer, code) in pairs {
        assert_ne!(field(&pointer, code, Lang::En), unsaid, "no sentence for {pointer} {code}");
    }
    for row in closing::FIELDS {
        assert!(row.2.ends_with('。') && row.3.ends_with('.'), "{row:?}");
    }
}

#[test]
fn every_fault_of_a_calendars_file_has_a_sentence() {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/format/ical");
    let files =
        ["parse.rs", "import.rs"].map(|file| std::fs::read_to_string(src.join(file)).unwrap());
    let codes: Vec<&str> = files.iter().flat_map(|text| quoted_after(text, "=> \"")).collect();
    assert!(codes.len() >= 14, "{codes:?}");
    for code in codes {
        assert!(calendar::FIELDS.iter().any(|row| row.1 == code), "no sentence for {code}");
    }
    for row in calendar::FIELDS {
        assert!(row.2.ends_with('。') && row.3.ends_with('.'), "{row:?}");
    }
}

#[test]
fn everything_that_can_go_wrong_at_an_address_has_a_sentence() {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let read = |file: &str| std::fs::read_to_string(src.join(file)).unwrap();
    let (web, fetch) = (read("out/web.rs"), read("actions/outside/fetch.rs"));
    let mut codes = quoted_after(&web, "=> \"");
    // Told as what a file is that is too large.
    codes.retain(|code| *code != "too_large");
    codes.extend(quoted_after(&fetch, "=> return Err(\""));
    codes.extend(quoted_after(&fetch, "UNEXPECTED: &str = \""));
    assert!(codes.len() >= 13, "{codes:?}");
    for code in codes {
        let told = FIELDS.iter().chain(calendar::FIELDS).any(|r| r.0 == "/url" && r.1 == code);
        assert!(told, "no sentence for {code}");
    }
}

#[test]
fn every_sentence_is_there_once_in_both_languages() {
    let all: Vec<_> = super::all().collect();
    for (at, row) in all.iter().enumerate() {
        assert!(row.1.ends_with('。') && row.2.ends_with('.'), "{row:?}");
        assert!(all[at + 1..].iter().all(|other| other.0 != row.0), "{} twice", row.0);
    }
}
