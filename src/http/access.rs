//! Who may use which route: the one authorization table. A route without a row stops the start;
//! a row without a route does too.
//!
//! This is about kinds of actors. Whether *this* actor may see *this* booking is decided in
//! `actions`, from the same actor.

use axum::http::Method;

use crate::model::person::Role;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody. Nobody's session is looked at.
    Public,
    /// Anybody; a patient's browser is recognised.
    Visitor,
    /// A patient's browser that opened a booking.
    Patient,
    /// An account of one of these roles.
    Staff(&'static [Role]),
    /// Whoever brings a ticket in the first message (the signaling socket).
    Ticket,
}

use Access::{Patient, Public, Staff, Ticket, Visitor};

const CLINIC: Access = Staff(&[Role::Clinician, Role::ClinicStaff]);
const DOCTOR: Access = Staff(&[Role::Clinician]);
const PREFECTURE: Access = Staff(&[Role::PrefectureAdmin]);
const OFFICE: Access = Staff(&[Role::PrefectureAdmin, Role::Operator]);
/// Whose notifications there are: clinics, and who runs a reception facility.
const FILERS: Access = Staff(&[Role::Clinician, Role::ClinicStaff, Role::FacilityOperator]);
/// They, and who reviews.
const FILING: Access =
    Staff(&[Role::Clinician, Role::ClinicStaff, Role::FacilityOperator, Role::PrefectureAdmin]);
const RECEPTION: Access = Staff(&[Role::FacilityOperator]);
const ANY_ACCOUNT: Access = Staff(&Role::ALL);

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const DELETE: Method = Method::DELETE;

/// Method, path, who.
pub const TABLE: &[(Method, &str, Access)] = &[
    // Health and documents
    (GET, "/livez", Public),
    (GET, "/readyz", Public),
    (GET, "/openapi.json", Public),
    (GET, "/", Public),
    (GET, "/clinics/{*rest}", Public),
    (GET, "/book/{*rest}", Public),
    (GET, "/bookings/{*rest}", Public),
    (GET, "/bookings", Public),
    (GET, "/visit", Public),
    (GET, "/visit/{*rest}", Public),
    (GET, "/staff", Public),
    (GET, "/staff/{*rest}", Public),
    (GET, "/staff/visit/{id}", Public),
    (GET, "/assets/{*file}", Public),
    (GET, "/pages.css", Public),
    (GET, "/sheet", Public),
    (GET, "/reconciliation", Public),
    (GET, "/reconciliation.csv", Public),
    (GET, "/indicators.csv", Public),
    (GET, "/open-data", Public),
    (GET, "/open-data/medical-institutions.csv", Public),
    (GET, "/facilities/{code10}", Public),
    (GET, "/facilities/{code10}/posting", Public),
    (GET, "/counts/series.svg", Public),
    (GET, "/counts/series.csv", Public),
    (GET, "/counts/by/{file}", Public),
    (GET, "/cards", Public),
    (GET, "/cards/{name}", Public),
    (GET, "/facilities", Public),
    (GET, "/api/data", Public),
    (GET, "/api/data/{series}", Public),
    // Finding and booking
    (GET, "/api/facilities", Public),
    (GET, "/api/search-choices", Public),
    (GET, "/api/places", Public),
    (GET, "/api/municipalities", Public),
    (GET, "/api/facilities/{id}", Public),
    (GET, "/api/facilities/{id}/slots", Public),
    (GET, "/api/facilities/{id}/days", Public),
    (GET, "/api/services/{id}/questionnaire", Public),
    (GET, "/api/services/{id}/terms", Public),
    (POST, "/api/bookings", Visitor),
    (GET, "/api/bookings", Patient),
    (GET, "/api/bookings/{id}", Patient),
    (GET, "/api/bookings/{id}/calendar.ics", Patient),
    (POST, "/api/bookings/{id}/extend", Patient),
    (POST, "/api/bookings/{id}/confirm", Patient),
    (POST, "/api/bookings/{id}/release", Patient),
    (POST, "/api/bookings/{id}/cancel", Patient),
    (POST, "/api/bookings/{id}/move", Patient),
    (POST, "/api/bookings/{id}/consents/{kind}/withdraw", Patient),
    (POST, "/api/visitor", Visitor),
    (POST, "/api/visitor/guest", Visitor),
    (GET, "/api/bookings/{id}/series", Patient),
    (POST, "/api/bookings/{id}/series", Patient),
    (GET, "/api/bookings/{id}/series/visits", Patient),
    (POST, "/api/bookings/{id}/series/cancel", Patient),
    (POST, "/api/waitlist", Visitor),
    (GET, "/api/waitlist", Patient),
    (DELETE, "/api/waitlist/{id}", Patient),
    // Calendars of other programs: a feed's address holds its secret
    (GET, "/calendars/{file}", Public),
    (GET, "/api/feeds", Patient),
    (POST, "/api/feeds", Patient),
    (DELETE, "/api/feeds/{id}", Patient),
    (GET, "/api/clinic/feeds", CLINIC),
    (POST, "/api/clinic/feeds", CLINIC),
    (DELETE, "/api/clinic/feeds/{id}", CLINIC),
    (GET, "/api/clinic/freebusy.ics", CLINIC),
    (GET, "/api/clinic/hours.ics", CLINIC),
    (GET, "/api/clinic/media-policy", CLINIC),
    (PUT, "/api/clinic/media-policy", CLINIC),
    (POST, "/api/clinic/hours.ics", CLINIC),
    (GET, "/api/clinic/outside", CLINIC),
    (POST, "/api/clinic/outside", CLINIC),
    (POST, "/api/clinic/outside/addresses", CLINIC),
    (POST, "/api/clinic/outside/{id}/fetch", CLINIC),
    (DELETE, "/api/clinic/outside/{id}", CLINIC),
    // The visit, for the patient
    (GET, "/api/visits/{id}", Patient),
    (GET, "/api/visits/{id}/guest", Patient),
    (POST, "/api/visits/{id}/signal-ticket", Patient),
    (GET, "/api/visits/{id}/signal", Ticket),
    (GET, "/api/visits/{id}/closing", Patient),
    (POST, "/api/visits/{id}/exchange-number", Patient),
    (GET, "/api/visits/{id}/place", Patient),
    (PUT, "/api/visits/{id}/place", Patient),
    (GET, "/api/visits/{id}/care-plan", Patient),
    (POST, "/api/visits/{id}/care-plan/agree", Patient),
    (POST, "/api/visits/{id}/emergency", Patient),
    (POST, "/api/bookings/{id}/device-check", Patient),
    (POST, "/api/bookings/{id}/line-check", Patient),
    (POST, "/api/bookings/{id}/line-check/{check}/finish", Patient),
    (POST, "/api/bookings/{id}/line-check/{check}/relay", Patient),
    // Clinics
    (POST, "/api/session", Public),
    (GET, "/api/session", ANY_ACCOUNT),
    (DELETE, "/api/session", ANY_ACCOUNT),
    (GET, "/api/clinic/visits", CLINIC),
    (GET, "/api/clinic/visits/{id}", CLINIC),
    (POST, "/api/clinic/visits/{id}/signal-ticket", CLINIC),
    (POST, "/api/clinic/visits/{id}/close", DOCTOR),
    (GET, "/api/clinic/visits/{id}/closing", DOCTOR),
    (PUT, "/api/clinic/visits/{id}/exchange-number", DOCTOR),
    (PUT, "/api/clinic/visits/{id}/place", CLINIC),
    (GET, "/api/clinic/visits/{id}/clearance", CLINIC),
    (PUT, "/api/clinic/visits/{id}/clearance/{item}", CLINIC),
    (POST, "/api/clinic/visits/{id}/clearance/{item}/waive", CLINIC),
    (GET, "/api/clinic/visits/{id}/care-plan", DOCTOR),
    (PUT, "/api/clinic/visits/{id}/care-plan", DOCTOR),
    (POST, "/api/clinic/visits/{id}/care-plan/agree", DOCTOR),
    (POST, "/api/clinic/visits/{id}/emergency", CLINIC),
    (POST, "/api/clinic/visits/{id}/call", CLINIC),
    (GET, "/api/clinic/visits/{id}/quality", CLINIC),
    (GET, "/api/clinic/partners", CLINIC),
    (POST, "/api/clinic/partners", CLINIC),
    (DELETE, "/api/clinic/partners/{id}", CLINIC),
    (POST, "/api/clinic/visits/{id}/cancel", CLINIC),
    (POST, "/api/clinic/visits/{id}/move", CLINIC),
    (GET, "/api/clinic/visits/{id}/series", CLINIC),
    (POST, "/api/clinic/visits/{id}/series", CLINIC),
    (GET, "/api/clinic/visits/{id}/series/visits", CLINIC),
    (POST, "/api/clinic/visits/{id}/series/cancel", CLINIC),
    // Third persons of a visit; who hears a patient agree is the doctor
    (GET, "/api/clinic/visits/{id}/people", CLINIC),
    (POST, "/api/clinic/visits/{id}/people", CLINIC),
    (DELETE, "/api/clinic/visits/{id}/people/{participant}", CLINIC),
    (PUT, "/api/clinic/visits/{id}/people/{participant}/consent", DOCTOR),
    (GET, "/api/clinic/visits/changes", CLINIC),
    (GET, "/api/clinic/delay", CLINIC),
    (PUT, "/api/clinic/delay", CLINIC),
    (GET, "/api/clinic/requests", CLINIC),
    (GET, "/api/clinic/waitlist", CLINIC),
    (PUT, "/api/clinic/waitlist/policy", CLINIC),
    (DELETE, "/api/clinic/waitlist/{id}", CLINIC),
    (POST, "/api/clinic/requests/{id}/approve", CLINIC),
    (POST, "/api/clinic/requests/{id}/decline", CLINIC),
    (POST, "/api/clinic/bookings", CLINIC),
    (POST, "/api/clinic/bookings/{id}/release", CLINIC),
    (GET, "/api/clinic/clinicians", CLINIC),
    (PUT, "/api/clinic/clinicians/{id}/training", CLINIC),
    (GET, "/api/clinic/hours", CLINIC),
    (GET, "/api/clinic/exceptions", CLINIC),
    (GET, "/api/clinic/messages", CLINIC),
    (GET, "/api/clinic/messages/undelivered", CLINIC),
    (POST, "/api/clinic/messages/{id}/again", CLINIC),
    (GET, "/api/clinic/webhooks", CLINIC),
    (POST, "/api/clinic/webhooks", CLINIC),
    (DELETE, "/api/clinic/webhooks/{id}", CLINIC),
    (POST, "/api/clinic/webhooks/{id}/test", CLINIC),
    (GET, "/api/clinic/explain", CLINIC),
    (GET, "/api/clinic/services", CLINIC),
    (POST, "/api/clinic/services", CLINIC),
    (GET, "/api/clinic/services/{id}", CLINIC),
    (PUT, "/api/clinic/services/{id}", CLINIC),
    (DELETE, "/api/clinic/services/{id}", CLINIC),
    (GET, "/api/clinic/rooms", CLINIC),
    (POST, "/api/clinic/rooms", CLINIC),
    (PUT, "/api/clinic/rooms/{id}", CLINIC),
    (DELETE, "/api/clinic/rooms/{id}", CLINIC),
    (GET, "/api/clinic/overbookings", CLINIC),
    (POST, "/api/clinic/overbookings", CLINIC),
    (PUT, "/api/clinic/overbookings/{id}", CLINIC),
    (DELETE, "/api/clinic/overbookings/{id}", CLINIC),
    (POST, "/api/clinic/hours-changes", CLINIC),
    (GET, "/api/clinic/hours-changes", CLINIC),
    (GET, "/api/clinic/hours-changes/{id}", CLINIC),
    (POST, "/api/clinic/hours-changes/{id}/apply", CLINIC),
    (POST, "/api/clinic/hours-changes/{id}/undo", CLINIC),
    (POST, "/api/clinic/hours-changes/{id}/visits/{booking}/keep", CLINIC),
    (GET, "/api/clinic/stranded", CLINIC),
    (GET, "/api/clinic/closures", CLINIC),
    (GET, "/api/clinic/holidays", CLINIC),
    // What is asked, told and agreed before a visit
    (POST, "/api/clinic/bookings/{id}/confirm", CLINIC),
    (GET, "/api/clinic/visits/{id}/intake", CLINIC),
    (PUT, "/api/clinic/visits/{id}/basis", DOCTOR),
    (GET, "/api/clinic/services/{id}/questionnaire", CLINIC),
    (PUT, "/api/clinic/services/{id}/questionnaire", CLINIC),
    (GET, "/api/clinic/services/{id}/fees", CLINIC),
    (PUT, "/api/clinic/services/{id}/fees", CLINIC),
    (GET, "/api/clinic/services/{id}/first-visit", CLINIC),
    (PUT, "/api/clinic/services/{id}/first-visit", CLINIC),
    (GET, "/api/clinic/triage", CLINIC),
    (PUT, "/api/clinic/triage", CLINIC),
    (GET, "/api/clinic/consent-texts", CLINIC),
    (PUT, "/api/clinic/consent-texts/{kind}", CLINIC),
    // Notifications, and reception facilities
    (GET, "/api/filings", FILERS),
    (POST, "/api/filings", FILERS),
    (GET, "/api/filings/letters", FILERS),
    (PUT, "/api/filings/letters", FILERS),
    (GET, "/api/filings/letters/undelivered", FILERS),
    (POST, "/api/filings/letters/{id}/again", FILERS),
    (GET, "/api/filings/{id}", FILERS),
    (PUT, "/api/filings/{id}", FILERS),
    (PUT, "/api/filings/{id}/check", FILERS),
    (POST, "/api/filings/{id}/submit", FILERS),
    (POST, "/api/filings/{id}/withdraw", FILERS),
    (GET, "/filings/{id}/form1", FILING),
    (GET, "/api/clinic/self-checks", CLINIC),
    (PUT, "/api/clinic/self-checks/{year}", CLINIC),
    (GET, "/api/admin/filings", PREFECTURE),
    (GET, "/api/admin/filings/due", PREFECTURE),
    (GET, "/api/admin/filings/letters", PREFECTURE),
    (GET, "/api/admin/filings/{id}", PREFECTURE),
    (POST, "/api/admin/filings/{id}/return", PREFECTURE),
    (POST, "/api/admin/filings/{id}/accept", PREFECTURE),
    (POST, "/api/admin/filings/{id}/revoke", PREFECTURE),
    (GET, "/api/admin/self-checks/{year}", PREFECTURE),
    (GET, "/api/reception-facilities", Public),
    (GET, "/api/reception/sites", RECEPTION),
    (POST, "/api/reception/sites", RECEPTION),
    (PUT, "/api/reception/sites/{id}", RECEPTION),
    (POST, "/api/reception/sites/{id}/rooms", RECEPTION),
    (DELETE, "/api/reception/sites/{id}/rooms/{room}", RECEPTION),
    (POST, "/api/reception/sites/{id}/links", RECEPTION),
    (DELETE, "/api/reception/sites/{id}/links/{facility}", RECEPTION),
    (GET, "/api/clinic/reception-sites", CLINIC),
    (PUT, "/api/clinic/reception-sites/{id}", CLINIC),
    (DELETE, "/api/clinic/reception-sites/{id}", CLINIC),
    // Register and counts
    (GET, "/api/series", Public),
    (GET, "/api/indicators", Public),
    (GET, "/api/counts", Public),
    (GET, "/api/reconciliation", Public),
    (POST, "/api/admin/indicators", PREFECTURE),
    (POST, "/api/admin/indicators/file", PREFECTURE),
    (DELETE, "/api/admin/indicators/{id}", PREFECTURE),
    (POST, "/api/admin/published-counts", PREFECTURE),
    (POST, "/api/admin/published-counts/file", PREFECTURE),
    (PUT, "/api/admin/published-counts/{id}/explanation", PREFECTURE),
    (GET, "/api/admin/subsidies", PREFECTURE),
    (POST, "/api/admin/subsidies", PREFECTURE),
    (GET, "/api/admin/subsidies/{id}", PREFECTURE),
    (POST, "/api/admin/subsidies/{id}/steps", PREFECTURE),
    (GET, "/api/clinic/posting", CLINIC),
    (PUT, "/api/clinic/posting", CLINIC),
    // The service's own side, and the yearly report of a clinic
    (GET, "/counts/own", Public),
    (GET, "/counts/own.csv", Public),
    (GET, "/counts/own.xlsx", Public),
    (GET, "/api/own-counts", Public),
    (GET, "/checks", OFFICE),
    (GET, "/api/checks", OFFICE),
    (GET, "/api/clinic/august", CLINIC),
    (GET, "/api/clinic/august/{year}", CLINIC),
    (PUT, "/api/clinic/august/{year}/months", CLINIC),
    (PUT, "/api/clinic/august/{year}/months.csv", CLINIC),
    (PUT, "/api/clinic/august/{year}/answers", CLINIC),
    (PUT, "/api/clinic/august/{year}/visits/{id}/place", CLINIC),
    (POST, "/api/clinic/august/{year}/final", CLINIC),
    (GET, "/api/clinic/august/{year}/report.html", CLINIC),
    (GET, "/api/clinic/august/{year}/report.csv", CLINIC),
    (GET, "/api/admin/imports", PREFECTURE),
    (GET, "/api/admin/imports/drafts", PREFECTURE),
    (POST, "/api/admin/imports/drafts", PREFECTURE),
    (GET, "/api/admin/imports/drafts/{id}", PREFECTURE),
    (DELETE, "/api/admin/imports/drafts/{id}", PREFECTURE),
    (GET, "/api/admin/imports/drafts/{id}/rows", PREFECTURE),
    (GET, "/api/admin/imports/drafts/{id}/errors.xlsx", PREFECTURE),
    (POST, "/api/admin/imports/drafts/{id}/commit", PREFECTURE),
    (POST, "/api/admin/imports/{id}/undo", PREFECTURE),
];

/// Who may use this route; nobody where there is no row.
pub fn of(method: &Method, path: &str) -> Option<Access> {
    let method = if method == Method::HEAD { &GET } else { method };
    TABLE.iter().find(|row| row.0 == *method && row.1 == path).map(|row| row.2)
}

/// Checks that `routes` and the table name the same.
pub fn check(routes: &[(Method, String)]) -> Result<(), String> {
    for (method, path) in routes {
        if of(method, path).is_none() {
            return Err(format!("{method} {path} has no row in the authorization table"));
        }
    }
    for (method, path, _) in TABLE {
        if !routes.iter().any(|route| route.0 == *method && route.1 == *path) {
            return Err(format!(
                "{method} {path} has a row in the authorization table but no route"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Vec<(Method, String)> {
        TABLE.iter().map(|(method, path, _)| (method.clone(), (*path).to_owned())).collect()
    }

    #[test]
    fn a_route_without_a_row_and_a_row_without_a_route_are_told() {
        assert_eq!(check(&routes()), Ok(()));
        let mut more = routes();
        more.push((Method::POST, "/api/new".to_owned()));
        assert!(check(&more).unwrap_err().contains("POST /api/new"));
        assert!(check(&routes()[1..]).unwrap_err().contains("/livez"));
    }

    #[test]
    fn no_row_is_there_twice_and_nothing_of_patients_is_for_administrators() {
        for (at, row) in TABLE.iter().enumerate() {
            let again = TABLE[at + 1..].iter().any(|other| other.0 == row.0 && other.1 == row.1);
            assert!(!again, "{} {} twice", row.0, row.1);
        }
        for (_, path, access) in TABLE {
            if path.starts_with("/api/clinic") {
                let Staff(roles) = access else { panic!("{path} is not for staff") };
                assert!(roles.iter().all(|role| role.is_of_a_facility()), "{path}");
            }
        }
    }
}
