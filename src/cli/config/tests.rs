use super::layers::{KEYS, variable};
use super::*;

fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// Loads with `onshin.toml` in a folder of its own.
fn load(toml: &str, vars: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Config, Error> {
    let folder = tempfile::tempdir().unwrap();
    if !toml.is_empty() {
        std::fs::write(folder.path().join("onshin.toml"), toml).unwrap();
    }
    let flags: Vec<_> = flags.iter().map(|(key, text)| (*key, (*text).to_owned())).collect();
    Config::load(None, folder.path(), env(vars), &flags)
}

fn complaint(toml: &str, vars: &[(&str, &str)]) -> String {
    load(toml, vars, &[]).unwrap_err().to_string()
}

#[test]
fn without_any_layer_the_defaults_hold() {
    let config = load("", &[], &[]).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(config.public_url(), "http://127.0.0.1:8080");
    assert_eq!(config.database(), "sqlite:var/onshin.db");
    let path = PathBuf::from("var/master.key");
    assert_eq!(config.master_key(), MasterKey::File { path, may_create: true });
}

/// Browsers leave out the usual port and write the host in lower case, and so must we.
#[test]
fn the_public_address_is_written_as_browsers_write_it() {
    let url = |toml: &str| load(toml, &[], &[]).unwrap().public_url();
    assert_eq!(url("public_url = 'HTTPS://Care.Example.JP:443/'"), "https://care.example.jp");
    assert_eq!(url("listen = '127.0.0.1:80'"), "http://127.0.0.1");
    assert_eq!(url("listen = '[::1]:8080'"), "http://[::1]:8080");
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let toml = "listen = '127.0.0.1:1'\ntrusted_proxy_hops = 1\n[turn]\nrealm = 'file'\n\
                listen = '127.0.0.1:9'";
    let vars = [("ONSHIN_LISTEN", "127.0.0.1:2"), ("ONSHIN_TURN__REALM", "env"), ("PATH", "/bin")];
    let config = load(toml, &vars, &[("listen", "127.0.0.1:3")]).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.turn.realm, "env");
    assert_eq!(config.turn.listen.port(), 9);
    assert_eq!(config.trusted_proxy_hops, 1);
    assert_eq!(config.session, Session::default());
}

#[test]
fn a_named_file_must_exist_and_replaces_the_usual_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("onshin.toml"), "trusted_proxy_hops = 1").unwrap();
    let other = folder.path().join("other.toml");
    std::fs::write(&other, "demo = true").unwrap();
    let config = Config::load(Some(&other), folder.path(), env(&[]), &[]).unwrap();
    assert!(config.demo);
    assert_eq!(config.trusted_proxy_hops, 0);
    let missing = folder.path().join("none.toml");
    let error = Config::load(Some(&missing), folder.path(), env(&[]), &[]).unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }));
}

#[test]
fn an_unknown_key_names_the_nearest_in_the_same_spelling() {
    let cases = [
        ("lisen = '127.0.0.1:1'", "lisen in ", "Did you mean listen?"),
        ("[turn]\nrelm = 'x'", "turn.relm in ", "Did you mean turn.realm?"),
        ("idle_minutes = 3", "idle_minutes in ", "Did you mean session.idle_minutes?"),
        (
            "[sesion]\nidle_minutes = 3",
            "sesion.idle_minutes in ",
            "Did you mean session.idle_minutes?",
        ),
        ("[nothing]", "nothing in ", "Did you mean "),
    ];
    for (toml, what, nearest) in cases {
        let message = complaint(toml, &[]);
        assert!(message.starts_with(what) && message.contains(nearest), "{message}");
    }
    let message = complaint("", &[("ONSHIN_TURN__MOD", "off")]);
    assert_eq!(message, "ONSHIN_TURN__MOD is not a setting. Did you mean ONSHIN_TURN__MODE?");
    assert!(load("", &[("ONSHIN_TEST_POSTGRES", "x")], &[]).is_ok());
}

#[test]
fn a_wrong_value_is_blamed_on_its_place() {
    let cases = [
        ("listen = 'here'", "", "", "listen in "),
        ("listen = 5", "", "", "listen in "),
        ("turn = 5", "", "", "turn in "),
        ("[turn]\nmode = 'sometimes'", "", "", "turn.mode in "),
        ("a = ", "", "", "onshin.toml, line 1: not TOML"),
        ("", "ONSHIN_DEMO", "maybe", "ONSHIN_DEMO: expected true or false"),
        ("", "ONSHIN_TRUSTED_PROXY_HOPS", "-1", "ONSHIN_TRUSTED_PROXY_HOPS: "),
        ("", "ONSHIN_PREFECTURES", "13,48", "ONSHIN_PREFECTURES: expected JIS codes"),
        ("", "ONSHIN_DATABASE", "mysql://x", "ONSHIN_DATABASE: expected sqlite:PATH"),
        ("", "ONSHIN_TURN__MODE", "external", "turn.urls: "),
        ("", "ONSHIN_PUBLIC_URL", "example.jp", "ONSHIN_PUBLIC_URL: "),
        ("", "ONSHIN_PUBLIC_URL", "https://a.jp/x", "ONSHIN_PUBLIC_URL: expected https://HOST"),
        ("", "ONSHIN_SESSION__IDLE_MINUTES", "0", "session: "),
        ("", "ONSHIN_LOG__FILTER", "a=b=c", "ONSHIN_LOG__FILTER: "),
        ("", "ONSHIN_MAIL__HOST", "mail.example.jp", "mail.from: mail needs a sender"),
        ("", "ONSHIN_MAIL__SECURITY", "some", "ONSHIN_MAIL__SECURITY: "),
        ("", "ONSHIN_OUTGOING__ALLOW", "http://a.jp/x", "ONSHIN_OUTGOING__ALLOW: expected"),
        ("ice_policy = 'relay'\nturn.mode = 'off'", "", "", "ice_policy in "),
    ];
    for (toml, name, text, what) in cases {
        let vars = [(name, text)];
        let message = complaint(toml, &vars);
        assert!(message.contains(what), "{toml}{name}={text}: {message}");
    }
}

#[test]
fn lists_are_texts_with_commas_and_may_be_empty() {
    let config = load("", &[("ONSHIN_PREFECTURES", "13, 14")], &[]).unwrap();
    assert_eq!(config.prefectures, ["13", "14"]);
    assert!(load("prefectures = []\n[log]", &[], &[]).unwrap().prefectures.is_empty());
}

#[test]
fn secrets_come_from_files_and_the_stronger_layer_wins() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "from-file\n").unwrap();
    let file = file.to_str().unwrap();
    let secret = |toml: &str, vars: &[(&str, &str)]| {
        load(toml, vars, &[]).unwrap().turn.secret.unwrap().reveal().to_owned()
    };
    assert_eq!(secret("", &[("ONSHIN_TURN__SECRET_FILE", file)]), "from-file");
    let plain = "[turn]\nsecret = 'plain'";
    assert_eq!(secret(plain, &[("ONSHIN_TURN__SECRET_FILE", file)]), "from-file");
    let in_file = format!("[turn]\nsecret_file = '{file}'");
    assert_eq!(secret(&in_file, &[("ONSHIN_TURN__SECRET", "plain")]), "plain");
    let missing = load("", &[("ONSHIN_DATABASE_FILE", "/nowhere/at/all")], &[]);
    assert!(matches!(missing, Err(Error::Unreadable { .. })));
}

#[test]
fn nothing_prints_a_secret() {
    let vars = [
        ("ONSHIN_DATABASE", "postgres://onshin:canary1@db.example/onshin"),
        ("ONSHIN_MASTER_KEY", "canary2"),
        ("ONSHIN_TURN__SECRET", "canary3"),
        ("ONSHIN_MAIL__PASSWORD", "canary7"),
    ];
    let config = load("", &vars, &[]).unwrap();
    let printed = format!("{config:?} {:?} {}", config.master_key(), config.database_shown());
    assert!(!printed.contains("canary"), "{printed}");
    assert_eq!(config.database_shown(), "postgres://…@db.example/onshin");
    assert!(config.database().contains("canary1"));
    // Nor does a complaint about one.
    let message =
        complaint("master_key = 'canary4", &[]) + &complaint("database = ['canary5']", &[]);
    assert!(!message.contains("canary"), "{message}");
    let message = complaint("", &[("ONSHIN_DATABASE", "canary6")]);
    assert!(!message.contains("canary"), "{message}");
}

#[test]
fn the_master_key_lies_beside_the_database_unless_it_is_said_where() {
    let key = |database: &str| load("", &[], &[("database", database)]).unwrap().master_key();
    let file = |path: &str| MasterKey::File { path: path.into(), may_create: true };
    assert_eq!(key("sqlite:/data/clinic.db?mode=rwc"), file("/data/master.key"));
    assert_eq!(key("sqlite:///data/clinic.db"), file("/data/master.key"));
    assert_eq!(key("sqlite:clinic.db"), file("master.key"));
    assert_eq!(key("postgres://db/onshin"), file("var/master.key"));
    assert_eq!(key("sqlite::memory:"), file("var/master.key"));
    let config = load("master_key_file = '/run/key'", &[], &[]).unwrap();
    let path = PathBuf::from("/run/key");
    assert_eq!(config.master_key(), MasterKey::File { path, may_create: false });
}

/// The list of keys and the fields of the structs are one and the same. The names of the fields come
/// out of the complaint that `serde` makes about a field that none of them has.
#[test]
fn every_field_has_its_key() {
    let fields = |group: &str| -> Vec<String> {
        let toml = if group.is_empty() { "q = 1".to_owned() } else { format!("[{group}]\nq = 1") };
        let message = toml::from_str::<Config>(&toml).unwrap_err().message().to_owned();
        let names = message.split('`').skip(1).step_by(2).filter(|name| *name != "q");
        let above = if group.is_empty() { String::new() } else { format!("{group}.") };
        names.map(|name| format!("{above}{name}")).collect()
    };
    let groups = ["turn", "log", "session", "mail", "sms", "outgoing", "metrics"];
    let mut all: Vec<String> = fields("");
    all.retain(|name| !groups.contains(&name.as_str()));
    all.extend(groups.iter().flat_map(|group| fields(group)));
    let mut keys: Vec<&str> = KEYS.iter().map(|(key, _)| *key).collect();
    all.sort();
    keys.sort_unstable();
    assert_eq!(all, keys);
    assert_eq!(variable("turn.secret_file"), "ONSHIN_TURN__SECRET_FILE");
}
