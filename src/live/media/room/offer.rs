//! The form of a page's offer: three streams up, and slots for all others that may ever come. One
//! form for everybody, so that whoever joins later costs nobody another offer.

use super::slots::OTHERS;

/// What a page sends: sound, the camera, and the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Audio,
    Camera,
    Screen,
}

impl Source {
    pub(super) const ALL: [Self; 3] = [Self::Audio, Self::Camera, Self::Screen];
}

/// Bytes of an offer; a browser's has about 30,000.
const LONGEST: usize = 96 * 1024;
/// Media of an offer: three up, and a slot of sound and one of pictures for each other person, and
/// one for the screen.
const MEDIA: usize = 3 + 2 * OTHERS + 1;

/// An offer that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// The text, without candidates.
    pub(super) sdp: String,
    /// Which connection of the page it is of: another page, or the page's next connection, names
    /// another.
    pub(super) session: String,
    /// The names of the slots: sounds, pictures, and the screen.
    pub(super) downs: Vec<String>,
}

/// Reads an offer; None if it has not the form.
///
/// Candidates are left out: whoever made the offer by hand could name any host for this server to
/// knock at. The page knocks, directly or through a relay, and its address is learnt from that.
pub(super) fn read(text: &str) -> Option<Offer> {
    if text.len() > LONGEST {
        return None;
    }
    let mut sdp = String::with_capacity(text.len());
    let mut session = None;
    let mut media: Vec<Media> = Vec::with_capacity(MEDIA);
    for line in text.lines() {
        if line.starts_with("a=candidate:") || line.starts_with("a=end-of-candidates") {
            continue;
        }
        if let Some(origin) = line.strip_prefix("o=") {
            session = origin.split(' ').nth(1).map(str::to_owned);
        } else if let Some(rest) = line.strip_prefix("m=") {
            media.push(Media { audio: rest.starts_with("audio "), ..Media::default() });
            if !rest.starts_with("audio ") && !rest.starts_with("video ") {
                return None;
            }
        } else if let Some(one) = media.last_mut() {
            match line {
                "a=sendonly" => one.way = Way::Up,
                "a=recvonly" => one.way = Way::Down,
                "a=sendrecv" | "a=inactive" => one.way = Way::Other,
                _ => {
                    if let Some(mid) = line.strip_prefix("a=mid:") {
                        mid.clone_into(&mut one.mid);
                    }
                }
            }
        }
        sdp.push_str(line);
        sdp.push_str("\r\n");
    }
    let formed = media.len() == MEDIA && media.iter().enumerate().all(|(at, one)| one.fits(at));
    let downs = media.into_iter().skip(3).map(|one| one.mid).collect();
    formed.then_some(Offer { sdp, session: session?, downs })
}

#[derive(Default)]
struct Media {
    audio: bool,
    way: Way,
    mid: String,
}

#[derive(Default, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    #[default]
    Other,
}

impl Media {
    fn fits(&self, at: usize) -> bool {
        let audio = at == 0 || (3..3 + OTHERS).contains(&at);
        let way = if at < 3 { Way::Up } else { Way::Down };
        self.audio == audio && self.way == way && !self.mid.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(media: &[(&str, &str)]) -> String {
        let mut text = "v=0\r\no=- 77 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n".to_owned();
        for (at, (kind, way)) in media.iter().enumerate() {
            text += &["m=", kind, " 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:", &at.to_string()].concat();
            text += &["\r\na=", way, "\r\n"].concat();
            text += "a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\na=end-of-candidates\r\n";
        }
        text
    }

    fn form() -> Vec<(&'static str, &'static str)> {
        let mut media = vec![("audio", "sendonly"), ("video", "sendonly"), ("video", "sendonly")];
        media.extend([("audio", "recvonly"); OTHERS]);
        media.extend([("video", "recvonly"); OTHERS + 1]);
        media
    }

    #[test]
    fn the_form_is_read_and_hosts_named_in_it_are_not() {
        let read = read(&offer(&form())).unwrap();
        assert_eq!(read.session, "77");
        assert_eq!(read.downs.first().map(String::as_str), Some("3"));
        assert_eq!(read.downs.len(), 11);
        assert!(!read.sdp.contains("candidate") && read.sdp.contains("a=mid:13\r\n"));
    }

    #[test]
    fn any_other_form_is_refused() {
        let mut without = form();
        without.pop();
        let mut more = form();
        more.push(("video", "recvonly"));
        let mut both = form();
        both[0].1 = "sendrecv";
        let mut turned = form();
        turned.swap(0, 1);
        let mut data = form();
        data[13] = ("application", "recvonly");
        for wrong in [without, more, both, turned, data] {
            assert_eq!(read(&offer(&wrong)), None, "{wrong:?}");
        }
        assert_eq!(read(""), None);
        assert_eq!(read(&(offer(&form()) + &"a=x\r\n".repeat(30_000))), None, "too long");
    }
}
