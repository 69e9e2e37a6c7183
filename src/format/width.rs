//! How wide text is, in columns of a terminal: a full-width character takes two.

/// Of either width by the standard, and wide in every Japanese font.
const AMBIGUOUS: [char; 12] = ['▲', '△', '○', '●', '◎', '□', '■', '※', '→', '―', '…', '×'];

/// The columns that `c` takes: 2 for East Asian wide and full-width characters, 0 for marks that
/// combine with the one before, 1 otherwise.
pub fn of_char(c: char) -> usize {
    match u32::from(c) {
        0..0x20
        | 0x7F..0xA0
        | 0x300..0x370
        | 0x200B..=0x200F
        | 0x3099
        | 0x309A
        | 0xFE00..0xFE10 => 0,
        0x1100..0x1160
        | 0x2E80..0x303F
        | 0x3041..0xA4D0
        | 0xAC00..0xD7A4
        | 0xF900..0xFB00
        | 0xFE30..0xFE70
        | 0xFF00..0xFF61
        | 0xFFE0..0xFFE7
        | 0x1F300..0x1F650
        | 0x1F900..0x1FA00
        | 0x20000..0x40000 => 2,
        _ if AMBIGUOUS.contains(&c) => 2,
        _ => 1,
    }
}

/// The columns that `text` takes.
pub fn of(text: &str) -> usize {
    text.chars().map(of_char).sum()
}

/// Breaks `text` into lines of `columns`, at spaces where there are some. A closing character never
/// begins a line: it hangs over the end of the one before.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let (mut lines, mut line, mut width) = (Vec::new(), String::new(), 0);
    for c in text.chars() {
        let closing = matches!(c, '、' | '。' | '」' | '）' | ')' | ',' | '.' | '％' | ' ');
        if width + of_char(c) > columns && !line.is_empty() && !closing {
            let kept = break_at(&line);
            let rest = line.split_off(kept).trim_start().to_owned();
            lines.push(std::mem::replace(&mut line, rest).trim_end().to_owned());
            width = of(&line);
        }
        line.push(c);
        width += of_char(c);
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Where to break a full line: behind its last space if Latin text runs over its end.
fn break_at(line: &str) -> usize {
    let latin = line.chars().next_back().is_some_and(|c| c.is_ascii_graphic());
    let space = line.rfind(' ').map(|at| at + 1).filter(|at| latin && *at > line.len() / 2);
    space.unwrap_or(line.len())
}

/// Cuts `text` to `columns`, with an ellipsis where something is lost.
pub fn cut(text: &str, columns: usize) -> String {
    if of(text) <= columns {
        return text.to_owned();
    }
    let mut width = of_char('…');
    let kept = text.chars().take_while(|c| {
        width += of_char(*c);
        width <= columns
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_takes_two_columns() {
        assert_eq!(
            (of("abc"), of("東京都"), of("ﾃｽﾄ"), of("▲70"), of("か\u{3099}")),
            (3, 6, 3, 4, 2)
        );
    }

    #[test]
    fn lines_stay_within_their_width_and_lose_nothing() {
        let text =
            "注１　施設基準は、令和３年度まではオンライン診療料（再診のみ）、その後は別の基準。";
        let lines = wrap(text, 30);
        assert!(lines.iter().all(|line| of(line) <= 34), "{lines:?}");
        assert_eq!(lines.concat(), text);
        let english = wrap("The last point is July 2023, not a year end.", 20);
        assert_eq!(english, ["The last point is", "July 2023, not a", "year end."]);
    }

    #[test]
    fn cutting_shows_that_something_is_missing() {
        assert_eq!(
            (cut("さいたま市大宮区", 9), cut("川口市", 9)),
            ("さいた…".into(), "川口市".into())
        );
    }
}
