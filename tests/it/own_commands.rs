//! The commands of the service's own side: what they print, what they write, how they end.

use serde_json::Value;

use crate::support::{raw, served::onshin};

/// What a command printed, and its code.
fn run(folder: &std::path::Path, args: &[&str]) -> (i32, String, String) {
    let done = onshin(folder).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

#[tokio::test]
async fn reports_of_the_own_side_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert_eq!(run(at, &["seed", "demo"]).0, 0);
    let (code, out, _) = run(at, &["report", "fold"]);
    assert_eq!((code, out.as_str()), (0, "0 bookings, 0 events, 0 differ\n"));

    // Of a year that is over there is a table without places; of one that is to come nothing.
    let (code, out, _) = run(at, &["report", "own", "--year", "2025", "--format", "csv"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("place,place_name,period,measure,visits,status\r\n"), "{out}");
    assert!(out.contains("all,全体,2025,kept,0,\r\n"), "{out}");
    let (_, out, _) = run(at, &["report", "own", "--year", "2025", "--json"]);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&json["schema"], &json["year"]), (&"onshin.report.own/1".into(), &"2025".into()));
    let (code, out, _) = run(at, &["report", "own", "--year", "2025", "--format", "svg"]);
    assert!(code == 0 && out.starts_with("<svg"), "{out}");

    // The yearly report as a page that needs nothing else.
    let file = at.join("report.html");
    let args = ["report", "august", "1319990010", "2025", "--format", "html", "--out"];
    let (code, out, err) = run(at, &[&args[..], &[file.to_str().unwrap()]].concat());
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(
        page.contains("<style>") && page.contains("下書き") && page.contains("9990010"),
        "{page}"
    );
    let (_, out, _) = run(at, &["report", "august", "1319990010", "2025", "--json"]);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&json["ready"], &json["report"]["from"]), (&false.into(), &"2024-08-01".into()));
    let (_, out, _) = run(at, &["report", "august", "1319990010", "2025"]);
    assert!(out.contains("draft"), "{out}");

    // No such facility, no such version, not in effect then.
    assert_eq!(run(at, &["report", "august", "1300000000", "2025"]).0, 3);
    assert_eq!(run(at, &["report", "august", "1319990010", "2025", "--final", "1"]).0, 3);
    assert_eq!(run(at, &["report", "august", "1319990010", "2021"]).0, 4);
    assert_eq!(run(at, &["report", "own", "--year", "1900"]).0, 5);
}

/// The workbook of `report own`: what may not be shown is no number, and places have names.
#[tokio::test]
async fn the_own_side_is_written_as_a_workbook() {
    use calamine::{Data, Reader, Xlsx};
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert_eq!(run(at, &["seed", "demo"]).0, 0);
    // Months are told once all bookings were checked, which counts them anew.
    assert_eq!(run(at, &["report", "fold"]).0, 0);
    let counts = ["2025-03", "2025"].map(|period| {
        let of = |place: &str| {
            format!(
                "('{place}', '{period}', 'booked', 12, 5, 1), ('{place}', '{period}', 'kept', 9, 5, 1),
                 ('{place}', '{period}', 'cancelled', 2, 2, 0)"
            )
        };
        format!("{}, {}", of("all"), of("131016"))
    });
    let sql = "INSERT INTO own_month (place, period, measure, visits, patients, shown) VALUES ";
    raw::execute(&database(at), &format!("{sql}{}", counts.join(", "))).await.unwrap();

    let args = ["report", "own", "--year", "2025", "--format", "xlsx", "--lang"];
    for (lang, sheets, names, month) in [
        ("ja", ["データ", "グラフ"], ["全体", "千代田区"], "3月"),
        ("en", ["Data", "Chart"], ["All", "Chiyoda City"], "Mar"),
    ] {
        let done = onshin(at).args(args).arg(lang).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(done.stdout)).unwrap();
        assert_eq!(book.sheet_names(), sheets);
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        let rows: Vec<&[Data]> = sheet.rows().skip(3).collect();
        let column = |title: &str| rows[0].iter().position(|cell| *cell == *title).unwrap();
        let titles = if lang == "en" {
            ["Booked", "Kept", "Cancelled", "Kept of booked"]
        } else {
            ["予約", "実施", "取消", "実施率"]
        };
        let [booked, kept, cancelled, share] = titles.map(column);
        for name in names {
            let row = rows.iter().find(|row| row[1] == *name && row[2] == *month).unwrap();
            assert_eq!(row[booked], Data::Float(12.0), "{row:?}");
            assert_eq!((&row[kept], &row[share]), (&Data::Float(9.0), &Data::Float(0.75)));
            assert_eq!(row[cancelled], Data::String("＊".to_owned()), "two patients are too few");
        }
    }
}

/// The database that the program made in its folder.
fn database(folder: &std::path::Path) -> String {
    let path = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = path.flat_map(|path| {
        let inside = std::fs::read_dir(&path).map(|all| all.map(|e| e.unwrap().path()).collect());
        inside.unwrap_or_else(|_| vec![path])
    });
    let file = found.into_iter().find(|path| path.extension().is_some_and(|e| e == "db")).unwrap();
    format!("sqlite:{}", file.display())
}

#[tokio::test]
async fn a_divergence_ends_the_check_with_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert_eq!(run(at, &["seed", "demo"]).0, 0);
    let (_, shown, _) = run(at, &["doctor", "--json"]);
    assert!(shown.contains("not compared with their record yet"), "{shown}");
    let url = database(at);
    let stray = "INSERT INTO booking_event (booking_id, seq, at, status, clinician_id, starts_at,
            ends_at, version)
        SELECT x'ffffffff000000000000000000000000', 1, '2026-01-01T00:00:00+00:00', 'held', id,
            '2026-01-01T00:00:00+00:00', '2026-01-01T00:15:00+00:00', 1 FROM clinician LIMIT 1";
    raw::execute(&url, stray).await.unwrap();
    let (code, out, err) = run(at, &["report", "fold"]);
    assert_eq!(code, 1, "{out} {err}");
    assert!(out.contains("1 bookings, 1 events, 1 differ") && out.contains("no_row"), "{out}");
    assert!(err.contains("stand otherwise"), "{err}");
    let (code, out, _) = run(at, &["doctor"]);
    assert!(code == 1 && out.contains("1 of 1 stood otherwise"), "{out}");
}
