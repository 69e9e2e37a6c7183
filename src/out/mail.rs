//! Electronic mail: over SMTP, or into a folder where a person can look at it.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::time::Instant;

/// How long one step of the conversation with the server may take.
const STEP: Duration = Duration::from_secs(10);
/// How long a letter may take with everything.
const WHOLE: Duration = Duration::from_secs(30);

/// How the connection to the mail server is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// From the beginning (port 465).
    Tls,
    /// From the command STARTTLS on, without which nothing is sent (port 587).
    Starttls,
    /// Not at all: for a server on this machine or network.
    Plain,
}

/// Where the mail server is.
#[derive(Clone, Debug)]
pub struct Smtp<'a> {
    /// Its name.
    pub host: &'a str,
    /// Its port; unset: the usual one.
    pub port: Option<u16>,
    /// How the connection is secured.
    pub security: Security,
    /// Name and password, where it asks for them.
    pub login: Option<(&'a str, &'a str)>,
    /// Certificates to believe beside those that browsers do.
    pub roots: Option<&'a Path>,
}

/// Why there is no mailer.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The sender is no address.
    #[error("the sender is no mail address")]
    Sender,
    /// The certificates cannot be read.
    #[error("the file {0} holds no certificates (PEM)")]
    Roots(String),
    /// The library refuses.
    #[error("mail cannot be secured: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

/// Why a letter was not sent. It names nothing that the other side said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The recipient's address is none.
    #[error("no mail address")]
    Address,
    /// The server will not take it, now or later.
    #[error("refused by the mail server")]
    Refused,
    /// The server does not take it now.
    #[error("the mail server says: later")]
    Later,
    /// The server does not answer.
    #[error("the mail server does not answer")]
    Unreachable,
}

impl Error {
    /// A stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Refused => "refused",
            Self::Later => "later",
            Self::Unreachable => "unreachable",
        }
    }
}

/// A letter.
#[derive(Debug)]
pub struct Letter<'a> {
    /// Names it: sent twice, it is the same letter twice.
    pub id: &'a str,
    /// To whom.
    pub to: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// What it says.
    pub text: &'a str,
    /// The visit as iCalendar, with its method.
    pub calendar: Option<(&'a str, &'a str)>,
    /// When it is written.
    pub at: Instant,
}

/// Sends letters.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Mailer {
    /// A mailer by a mail server.
    ///
    /// # Errors
    /// When the sender is no address or the certificates cannot be read.
    pub fn smtp(from: &str, server: &Smtp<'_>) -> Result<Self, SetupError> {
        let tls = || -> Result<TlsParameters, SetupError> {
            let mut parameters = TlsParameters::builder(server.host.to_owned());
            if let Some(path) = server.roots {
                let unreadable = || SetupError::Roots(path.display().to_string());
                let pem = std::fs::read(path).map_err(|_| unreadable())?;
                let root = Certificate::from_pem(&pem).map_err(|_| unreadable())?;
                parameters = parameters.add_root_certificate(root);
            }
            Ok(parameters.build_rustls()?)
        };
        let (tls, usual) = match server.security {
            Security::Tls => (Tls::Wrapper(tls()?), 465),
            Security::Starttls => (Tls::Required(tls()?), 587),
            Security::Plain => (Tls::None, 25),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host)
            .port(server.port.unwrap_or(usual))
            .tls(tls)
            .timeout(Some(STEP));
        if let Some((name, password)) = server.login {
            builder = builder.credentials(Credentials::new(name.to_owned(), password.to_owned()));
        }
        Ok(Self { from: sender(from)?, way: Way::Smtp(builder.build()) })
    }

    /// A mailer that lays letters into `folder`, a file each, for people who try the service.
    ///
    /// # Errors
    /// When the sender is no address.
    pub fn folder(from: &str, folder: &Path) -> Result<Self, SetupError> {
        Ok(Self { from: sender(from)?, way: Way::Folder(folder.to_owned()) })
    }

    /// The sender's address.
    pub fn sender(&self) -> &str {
        self.from.email.as_ref()
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// [`Error::Address`] and [`Error::Refused`] for good, the others for now.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), Error> {
        let to: Address = letter.to.parse().map_err(|_| Error::Address)?;
        let message = self.written(letter, to.clone()).map_err(|_| Error::Address)?;
        match &self.way {
            Way::Smtp(transport) => {
                let envelope = Envelope::new(Some(self.from.email.clone()), vec![to])
                    .map_err(|_| Error::Address)?;
                let bytes = message.formatted();
                let sent = transport.send_raw(&envelope, &bytes);
                let sent = tokio::time::timeout(WHOLE, sent).await;
                sent.map_err(|_| Error::Unreachable)?.map(|_| ()).map_err(|error| why(&error))
            }
            Way::Folder(folder) => {
                let name: String = letter.id.chars().filter(|c| *c != '/' && *c != '\\').collect();
                let path = folder.join(format!("{name}.eml"));
                lay(&path, &message.formatted()).await.map_err(|_| Error::Unreachable)
            }
        }
    }

    fn written(&self, letter: &Letter<'_>, to: Address) -> Result<Message, lettre::error::Error> {
        let builder = Message::builder()
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .date(SystemTime::from(letter.at))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(letter.subject))
            // Nobody's holiday notice shall answer (RFC 3834).
            .raw_header(automatic());
        let text = SinglePart::plain(letter.text.to_owned());
        let Some((method, calendar)) = letter.calendar else { return builder.singlepart(text) };
        let kind = format!("text/calendar; charset=utf-8; method={method}");
        let kind = ContentType::parse(&kind).unwrap_or(ContentType::TEXT_PLAIN);
        let shown = SinglePart::builder().header(kind.clone()).body(calendar.to_owned());
        let file = Attachment::new("visit.ics".to_owned()).body(calendar.to_owned(), kind);
        let both = MultiPart::alternative().singlepart(text).singlepart(shown);
        builder.multipart(MultiPart::mixed().multipart(both).singlepart(file))
    }
}

fn automatic() -> lettre::message::header::HeaderValue {
    let name = lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted");
    lettre::message::header::HeaderValue::new(name, "auto-generated".to_owned())
}

fn sender(text: &str) -> Result<Mailbox, SetupError> {
    text.parse().map_err(|_| SetupError::Sender)
}

/// A header is one line, whatever its text came from.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn why(error: &lettre::transport::smtp::Error) -> Error {
    if error.is_permanent() {
        Error::Refused
    } else if error.is_transient() {
        Error::Later
    } else {
        Error::Unreachable
    }
}

/// Writes a file that is there whole or not at all.
async fn lay(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    let part = path.with_extension("part");
    tokio::fs::write(&part, bytes).await?;
    tokio::fs::rename(&part, path).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter<'a>(to: &'a str, subject: &'a str) -> Letter<'a> {
        Letter {
            id: "0190-mail",
            to,
            subject,
            text: "12月1日（火）12:00\n",
            calendar: Some(("REQUEST", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")),
            at: "2026-12-01T00:00:00Z".parse().unwrap(),
        }
    }

    #[tokio::test]
    async fn a_letter_lies_in_the_folder_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = Mailer::folder("音信 <care@onshin.example>", folder.path()).unwrap();
        mailer.send(&letter("hana@mail.example", "ご予約を受け付けました")).await.unwrap();
        let text = std::fs::read_to_string(folder.path().join("0190-mail.eml")).unwrap();
        assert!(text.contains("To: hana@mail.example\r\n"), "{text}");
        assert!(text.contains("Message-ID: <0190-mail@onshin.example>\r\n"), "{text}");
        assert!(text.contains("method=REQUEST") && text.contains("Auto-Submitted: auto-generated"));
        assert!(text.contains("filename=\"visit.ics\""), "{text}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// Neither the address nor the subject can begin another line of the head.
    #[tokio::test]
    async fn no_header_can_be_added() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = Mailer::folder("care@onshin.example", folder.path()).unwrap();
        for to in [
            "hana@mail.example\r\nBcc: all@evil.example",
            "hana@mail.example\nBcc: all@evil.example",
            "hana@mail.example, all@evil.example",
            "<hana@mail.example> SIZE=1",
            "\"a\r\nRCPT TO:<x@evil.example>\"@mail.example",
            "",
        ] {
            assert_eq!(mailer.send(&letter(to, "x")).await, Err(Error::Address), "{to:?}");
        }
        let subject = "visit\r\nBcc: all@evil.example\r\n\r\nbody";
        mailer.send(&letter("hana@mail.example", subject)).await.unwrap();
        let text = std::fs::read_to_string(folder.path().join("0190-mail.eml")).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(Mailer::folder("care\r\nBcc: x@evil.example", folder.path()).is_err());
    }
}
