//! `onshin admin user add`: accounts for staff and administrators.

use std::io::{IsTerminal, Read};

use super::Context;
use super::failure::Failure;
use super::parts;
use crate::actions::App;
use crate::actions::people::{self, NewAccount};
use crate::model::FacilityId;
use crate::model::person::{Actor, Role};
use crate::seal::token::Token;
use crate::store::FacilityFilter;

/// What to administer.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Admin {
    /// Accounts
    #[command(subcommand)]
    User(User),
}

/// What to do with accounts.
#[derive(Debug, clap::Subcommand)]
pub(super) enum User {
    /// Add an account; its password is read from stdin, or made and printed once
    Add(Add),
}

/// A new account.
#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// The name to sign in with
    #[arg(long)]
    login: String,
    /// The person's name
    #[arg(long)]
    name: String,
    /// What they may do: clinician, `clinic_staff`, `facility_operator` (of a reception facility),
    /// `prefecture_admin` or operator
    #[arg(long)]
    role: Role,
    /// The facility's ten digits, for roles of a facility
    #[arg(long, value_name = "CODE10")]
    facility: Option<String>,
    /// The doctor's name at the facility, for clinicians
    #[arg(long, value_name = "NAME")]
    clinician: Option<String>,
}

/// Administers.
pub(super) async fn run(context: &Context, admin: &Admin) -> Result<(), Failure> {
    let Admin::User(User::Add(add)) = admin;
    let app = parts::app(&context.config).await?;
    let done = add_user(&app, context, add).await;
    app.store.close().await;
    done
}

async fn add_user(app: &App, context: &Context, add: &Add) -> Result<(), Failure> {
    let mut tx = app.store.read().await?;
    let mut facility = None;
    let mut clinician = None;
    if let Some(code) = &add.facility {
        let all = tx.facilities(&FacilityFilter::default()).await?;
        let found = all.iter().find(|one| one.code10 == *code);
        let id: FacilityId =
            found.ok_or_else(|| Failure::not_found(format!("no facility {code}")))?.id;
        facility = Some(id);
        if let Some(name) = &add.clinician {
            let doctors = tx.clinicians(&FacilityFilter::one(id)).await?;
            let found = doctors.iter().find(|one| one.name == *name);
            let missing = || Failure::not_found(format!("no doctor {name} at facility {code}"));
            clinician = Some(found.ok_or_else(missing)?.id);
        }
    }
    drop(tx);
    let (password, made) = password()?;
    let new = NewAccount {
        login: add.login.clone(),
        name: add.name.clone(),
        password: password.clone(),
        role: add.role,
        facility,
        clinician,
    };
    let id = people::add_account(app, &Actor::Command, new).await?;
    let shown = made.then_some(password);
    if context.json {
        return super::print_json(&serde_json::json!({
            "schema": "onshin.admin.user/1", "id": id, "login": add.login, "password": shown,
        }));
    }
    let line = shown.map(|password| format!("password (shown once): {password}\n"));
    super::print(&format!("added {}\n{}", add.login, line.unwrap_or_default()))
}

/// The first line of stdin, or a new password where stdin is a terminal or empty.
fn password() -> Result<(String, bool), Failure> {
    let mut text = String::new();
    if !std::io::stdin().is_terminal() {
        std::io::stdin().lock().take(4096).read_to_string(&mut text)?;
    }
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => Ok((line.to_owned(), false)),
        None => Ok((Token::random().reveal()[..24].to_owned(), true)),
    }
}
