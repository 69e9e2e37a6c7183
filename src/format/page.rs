//! A whole page as the server writes it: for readers without JavaScript, for paper, for a file that
//! is sent around. What fills it is in `format/pages`.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Lang;

/// The styles of these pages, on screen and on A4.
pub const CSS: &str = include_str!("page/page.css");

/// Where a page has its styles from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Styles {
    /// From the service, at `/pages.css`.
    Linked,
    /// From itself: the page is a file that needs nothing else.
    Inline,
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its heading, also the document's title.
    pub title: String,
    /// The language it speaks.
    pub language: Lang,
    /// Its address in the service, without `lang`: `/cards/series?as_of=2025-09-01`. Nothing for a
    /// page that has none, as a file.
    pub path: Option<String>,
    /// What stands below the heading.
    pub body: Markup,
    /// Whether it stands in somebody else's frame: without the service's head and foot.
    pub embed: bool,
}

impl Page {
    /// The document.
    pub fn render(&self, styles: Styles) -> String {
        let markup = html! {
            (DOCTYPE)
            html lang=(self.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light";
                    title { (self.title) " ｜ Onshin" }
                    @match styles {
                        Styles::Linked => { link rel="stylesheet" href="/pages.css"; }
                        Styles::Inline => { style { (PreEscaped(CSS)) } }
                    }
                }
                body class=(if self.embed { "embedded" } else { "whole" }) {
                    @if !self.embed { (self.head()) }
                    main id="main" {
                        h1 { (self.title) }
                        (self.body)
                    }
                }
            }
        };
        markup.into_string()
    }

    /// The service's name, and the same page in the other language.
    fn head(&self) -> Markup {
        let (other, tag, name) = match self.language {
            Lang::Ja => (Lang::En, "en", "English"),
            Lang::En => (Lang::Ja, "ja", "日本語"),
        };
        let skip = self.language.pick("本文へ", "Skip to the content");
        html! {
            a.skip href="#main" { (skip) }
            header.bar {
                a.brand href="/" { "Onshin" }
                @if let Some(path) = &self.path {
                    nav { a href=(with(path, "lang", tag)) lang=(other.tag()) hreflang=(tag) { (name) } }
                }
            }
        }
    }
}

/// `path` with one more part of a query; `value` needs no encoding.
pub fn with(path: &str, name: &str, value: &str) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}{name}={value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(language: Lang, embed: bool) -> Page {
        Page {
            title: "<b>件数</b>".to_owned(),
            language,
            path: Some("/cards/series?as_of=2025-09-01".to_owned()),
            body: html! { p { "a < b" } },
            embed,
        }
    }

    #[test]
    fn texts_are_texts_and_the_other_language_is_one_step_away() {
        let text = page(Lang::Ja, false).render(Styles::Linked);
        assert!(text.starts_with("<!DOCTYPE html><html lang=\"ja\">"), "{text}");
        assert!(text.contains("<h1>&lt;b&gt;件数&lt;/b&gt;</h1><p>a &lt; b</p>"), "{text}");
        assert!(text.contains("href=\"/cards/series?as_of=2025-09-01&amp;lang=en\""), "{text}");
        assert!(text.contains("/pages.css") && !text.contains("<style"), "{text}");
    }

    #[test]
    fn a_file_needs_nothing_else_and_a_frame_has_no_head() {
        let file = Page { path: None, ..page(Lang::En, false) }.render(Styles::Inline);
        assert!(file.contains("<style>") && !file.contains("/pages.css"), "{file}");
        assert!(!page(Lang::En, true).render(Styles::Linked).contains("<header"));
    }
}
