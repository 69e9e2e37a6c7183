//! The architecture, held by a test: `src/lib.rs` lists the modules in the order of dependency, and
//! none may reach for one that comes after it. What a module must do without is listed here, and so
//! are the sizes that keep a file readable.

use std::fs;
use std::path::{Path, PathBuf};

/// What must not be found in a module, however convenient.
const ABSENT: &[(&str, &[&str])] = &[
    ("engine", &["async ", "axum::", "tokio::", "sqlx::", "Utc::now"]),
    ("format", &["async ", "tokio::", "sqlx::"]),
    ("actions", &["axum::", "sqlx::"]),
    ("http", &["sqlx::", ".begin()"]),
];

/// Lines of code a file may have: blank lines and comments are not counted.
const FILE_LINES: usize = 400;

/// Lines a function may have, from its first to its closing brace.
const FUNCTION_LINES: usize = 80;

#[test]
fn no_module_uses_a_later_one() {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let order: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(order.len() > 3, "src/lib.rs lists its modules, one a line");
    let mut complaints = Vec::new();
    for (place, module) in order.iter().enumerate() {
        let files = sources(module);
        assert!(!files.is_empty(), "{module} has no file");
        for (file, text) in files {
            // src/http.rs lies one step below the root, src/http/extract.rs two.
            let depth = file.components().count() - 1;
            for later in &order[place + 1..] {
                if let Some(line) = reaches(&text, depth, later) {
                    complaints.push(format!("{}: `{line}` reaches up to {later}", file.display()));
                }
            }
            if text.contains("crate::{") {
                complaints.push(format!("{}: import one module a line", file.display()));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn what_must_be_absent_is() {
    let mut complaints = Vec::new();
    for (module, words) in ABSENT {
        for (file, text) in sources(module) {
            for word in words.iter().filter(|word| text.contains(**word)) {
                complaints.push(format!("{} contains `{word}`", file.display()));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn only_media_names_the_crates_of_webrtc() {
    let (mut inside, mut outside) = (0, Vec::new());
    for file in rust_files(Path::new("src")) {
        let text = without_comments(&fs::read_to_string(&file).unwrap());
        let named = text.lines().find(|line| names_webrtc(line));
        match named {
            Some(_) if file.starts_with("src/live/media") => inside += 1,
            Some(_) if file == Path::new("src/live/media.rs") => inside += 1,
            Some(line) => outside.push(format!("{}: `{}`", file.display(), line.trim())),
            None => {}
        }
    }
    assert!(outside.is_empty(), "{}", outside.join("\n"));
    assert!(inside > 0, "the test looks for what is not there");
}

/// There is no way to keep what is said and seen: nothing that handles media, and nothing else that
/// knows who is connected, can write a file, and no page records.
#[test]
fn nothing_records_a_visit() {
    let writes = ["std::fs", "tokio::fs", "File::", "OpenOptions", "io::Write", "sqlx"];
    let mut complaints = Vec::new();
    let files = sources("live");
    assert!(files.len() > 10, "the test looks for what is not there");
    for (file, text) in files {
        for word in writes.iter().filter(|word| text.contains(**word)) {
            complaints.push(format!("{} contains `{word}`", file.display()));
        }
    }
    for (file, text) in pages(Path::new("web/src")) {
        for word in ["MediaRecorder", "captureStream"].iter().filter(|word| text.contains(**word)) {
            complaints.push(format!("{} contains `{word}`", file.display()));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn files_and_functions_stay_short() {
    let mut complaints = Vec::new();
    for file in rust_files(Path::new("src")).into_iter().chain(rust_files(Path::new("tests"))) {
        let text = fs::read_to_string(&file).unwrap();
        let lines = without_comments(&text).lines().filter(|line| !line.trim().is_empty()).count();
        if lines > FILE_LINES {
            complaints.push(format!("{} has {lines} lines of code", file.display()));
        }
        for (name, lines) in functions(&text) {
            if lines > FUNCTION_LINES {
                complaints.push(format!("{}: {name} has {lines} lines", file.display()));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_rules_see_what_they_forbid() {
    let text = "use crate::http::Problem;\nuse super::super::cli;\n";
    assert!(reaches(text, 2, "http").is_some());
    assert!(reaches(text, 2, "cli").is_some());
    // One step up from here is this module itself: a part of it may be called cli.
    assert!(reaches("use super::cli;", 2, "cli").is_none());
    assert!(reaches("use crate::httpd;", 1, "http").is_none());
    assert!(names_webrtc("use rtc::ice::Mode;") && names_webrtc("fn a() -> ::webrtc::Error {"));
    assert!(!names_webrtc("use webrtc_util::Conn;") && !names_webrtc("use my_rtc::A;"));
    assert_eq!(without_comments("// crate::http\nlet a;\n/// async \n"), "let a;\n");
    let text = "impl A {\n    fn short() {}\n    pub(crate) async fn long(\n        a: u8,\n    ) {\n        a();\n    }\n}\n";
    assert_eq!(functions(text), [("short".to_owned(), 1), ("long".to_owned(), 5)]);
}

/// Whether a line names the crates `webrtc` or `rtc`; `webrtc_util` is the relay's and another.
fn names_webrtc(line: &str) -> bool {
    ["webrtc::", "rtc::"].iter().any(|name| {
        line.match_indices(name).any(|(at, _)| {
            !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
        })
    })
}

/// The line in which a file, `depth` steps below the root, names the root's module `other`.
fn reaches<'t>(text: &'t str, depth: usize, other: &str) -> Option<&'t str> {
    let names = |line: &str, path: &str| {
        line.match_indices(path).any(|(at, _)| {
            let next = line[at + path.len()..].chars().next();
            !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    };
    // A nested module (the tests, mostly) needs one `super` more.
    let from_root = format!("crate::{other}");
    let from_here = format!("{}{other}", "super::".repeat(depth));
    text.lines().find(|line| names(line, &from_root) || names(line, &from_here))
}

/// The functions of a formatted file with the number of their lines. Formatted means that a body
/// ends with the first brace that stands as far left as its beginning.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let Some(name) = function_name(code) else { continue };
        let indent = &line[..line.len() - code.len()];
        // A method that a trait only declares ends with its parameters.
        let ends = [format!("{indent}}}"), format!("{indent});")];
        let end = if code.ends_with(['}', ';']) {
            Some(start)
        } else {
            (start + 1..lines.len()).find(|at| {
                ends.iter().any(|end| end == lines[*at])
                    || (lines[*at].starts_with(&format!("{indent}) ->"))
                        && lines[*at].ends_with(';'))
            })
        };
        found.push((name, end.unwrap_or(start) - start + 1));
    }
    found
}

/// The name of the function that a line of code begins, if it begins one.
fn function_name(code: &str) -> Option<String> {
    let mut words = code.split_whitespace();
    loop {
        match words.next()? {
            "fn" => break,
            "pub" | "async" | "const" => {}
            word if word.starts_with("pub(") => {}
            _ => return None,
        }
    }
    let name: String =
        words.next()?.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    Some(name)
}

/// The files of a module, without their comments: those may speak of what is absent.
fn sources(module: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new("src").join(format!("{module}.rs"));
    let mut files = rust_files(&Path::new("src").join(module));
    files.extend(root.is_file().then_some(root));
    let text = |file: &PathBuf| without_comments(&fs::read_to_string(file).unwrap());
    files.iter().map(|file| (file.clone(), text(file))).collect()
}

/// The sources of the pages, with their text.
fn pages(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|e| e == "ts" || e == "tsx") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// All Rust files below a folder, in a fixed order; none when there is no such folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The text without the lines that are comments only.
fn without_comments(text: &str) -> String {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| [line, "\n"]).collect()
}
