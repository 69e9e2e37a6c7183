//! The data set, the same in every run: facilities with five clinicians each, open Monday to Friday
//! from nine to twelve and from one to six, and four visits booked per clinician and day.
//!
//! The last hour of each day is left free, so that the cells that book know times which nobody has.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use onshin::format::seeds;
use uuid::Uuid;

/// Clinicians of a facility.
pub(crate) const CLINICIANS: u64 = 5;
/// Days from today on that can be booked.
pub(crate) const DAYS: u64 = 60;
/// Visits booked per clinician and day.
pub(crate) const BOOKED: usize = 4;
/// Facilities of one municipality.
pub(crate) const TOGETHER: u64 = 50;
/// Minutes of the day at which a quarter of an hour begins, those of the last hour at the end.
const QUARTERS: [u64; 32] = quarters();
/// Quarters of the last hour.
pub(crate) const FREE: u64 = 4;
/// Nine hours: Japan has one zone and no summer time.
const TOKYO: TimeDelta = TimeDelta::hours(9);

const fn quarters() -> [u64; 32] {
    let mut all = [0; 32];
    let mut at = 0;
    while at < 32 {
        let hours = if at < 12 { 9 * 60 } else { 10 * 60 };
        all[at] = hours + 15 * at as u64;
        at += 1;
    }
    all
}

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    Id(Uuid),
    Text(&'a str),
    Number(i64),
    Truth(bool),
    Date(NaiveDate),
    Time(DateTime<Utc>),
    /// So many bytes that follow from a number.
    Bytes(u64, usize),
}

/// Takes rows, table by table.
pub(crate) trait Sink {
    fn row(&mut self, table: &'static str, columns: &'static str, cells: &[Cell<'_>]);
}

/// The size and the days of a data set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Data {
    pub(crate) facilities: u64,
    pub(crate) today: NaiveDate,
}

/// The tables, by the first digits of their rows' ids.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Facility = 1,
    Clinician = 2,
    Service = 3,
    Patient = 4,
    Booking = 5,
    Notification = 6,
    Past = 7,
}

/// The id of row `number` of a table: as ids of version 7 do, they grow with the rows.
pub(crate) fn id(kind: Kind, number: u64) -> Uuid {
    Uuid::from_u128(prefix(kind) | u128::from(number))
}

/// The id of row 0.
pub(crate) fn prefix(kind: Kind) -> u128 {
    0x00be_9c40_0000_7000_8000_0000_0000_0000 | (kind as u128) << 56
}

/// A number that follows from another and looks like chance (the finaliser of `SplitMix64`).
pub(crate) fn mixed(number: u64) -> u64 {
    let mut x = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x5eed);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl Data {
    pub(crate) fn clinicians(self) -> u64 {
        self.facilities * CLINICIANS
    }

    /// The days on which the clinics are open, after today.
    pub(crate) fn open_days(self) -> Vec<NaiveDate> {
        let days = (1..DAYS).map(|ahead| self.today + Days::new(ahead));
        days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)).collect()
    }

    /// The municipality of a facility: fifty in each, of those of Tokyo in their order.
    pub(crate) fn municipality(facility: u64) -> &'static str {
        static CODES: std::sync::LazyLock<Vec<&str>> = std::sync::LazyLock::new(|| {
            let tokyo = seeds::municipalities().iter().filter(|m| m.prefecture_code == "13");
            tokyo.map(|m| m.code.as_str()).collect()
        });
        let at = usize::try_from(facility / TOGETHER).unwrap();
        CODES[at % CODES.len()]
    }

    /// All rows but the bookings'.
    pub(crate) fn fill(self, sink: &mut impl Sink) {
        for number in 0..self.facilities {
            self.facility(number, sink);
        }
        for patient in 0..self.clinicians() * BOOKED as u64 {
            let bytes = |length| Cell::Bytes(patient, length);
            sink.row(
                "patient",
                "id, wrapped_key, identity_index, phone_index, name, kana, birth_date, phone, \
                 created_at",
                &[
                    Cell::Id(id(Kind::Patient, patient)),
                    bytes(72),
                    bytes(32),
                    bytes(32),
                    bytes(56),
                    bytes(64),
                    bytes(50),
                    bytes(51),
                    Cell::Time(self.before()),
                ],
            );
        }
    }

    fn facility(self, number: u64, sink: &mut impl Sink) {
        let (facility, code) = (id(Kind::Facility, number), format!("13{number:08}"));
        let (place, name) = (Self::municipality(number), format!("試験{number:04}診療所"));
        let long_ago = Cell::Date(NaiveDate::from_ymd_opt(2022, 4, 1).unwrap());
        sink.row(
            "institution",
            "code10, prefecture_code, name, address, municipality_code, size, source, filed",
            &[
                Cell::Text(&code),
                Cell::Text("13"),
                Cell::Text(&name),
                Cell::Text("東京都"),
                Cell::Text(place),
                Cell::Text("clinic_without_beds"),
                Cell::Text("demo"),
                Cell::Truth(true),
            ],
        );
        sink.row(
            "notification",
            "id, code10, criterion, acceptance_number, effective_from, source, recorded_at",
            &[
                Cell::Id(id(Kind::Notification, number)),
                Cell::Text(&code),
                Cell::Text("ict_care"),
                Cell::Text("1"),
                long_ago,
                Cell::Text("demo"),
                Cell::Time(self.before()),
            ],
        );
        sink.row(
            "facility",
            "id, code10, name, kana, name_en, search, address, municipality_code, telephone, \
             departments, languages, about_ja, about_en, zone, on_holidays, ice_policy, version",
            &[
                Cell::Id(facility),
                Cell::Text(&code),
                Cell::Text(&name),
                Cell::Text("シケンシンリョウジョ"),
                Cell::Text("Trial Clinic"),
                Cell::Text(&name),
                Cell::Text("東京都"),
                Cell::Text(place),
                Cell::Text("03-0000-0000"),
                Cell::Text("内科"),
                Cell::Text("ja,en"),
                Cell::Text(""),
                Cell::Text(""),
                Cell::Text("Asia/Tokyo"),
                Cell::Text("open"),
                Cell::Text("all"),
                Cell::Number(1),
            ],
        );
        Self::service(number, sink);
        for clinician in number * CLINICIANS..(number + 1) * CLINICIANS {
            clinician_of(facility, id(Kind::Clinician, clinician), long_ago, sink);
        }
    }

    fn service(number: u64, sink: &mut impl Sink) {
        sink.row(
            "service",
            "id, facility_id, kind, name_ja, name_en, fee_note_ja, fee_note_en, insured, \
             length_min, buffer_before_min, buffer_after_min, step_min, notice_min, horizon_days, \
             change_cutoff_min, cancel_cutoff_min, needs_approval",
            &[
                Cell::Id(id(Kind::Service, number)),
                Cell::Id(id(Kind::Facility, number)),
                Cell::Text("online_care"),
                Cell::Text("オンライン診療"),
                Cell::Text("Online care"),
                Cell::Text(""),
                Cell::Text(""),
                Cell::Truth(true),
                Cell::Number(15),
                Cell::Number(0),
                Cell::Number(0),
                Cell::Number(15),
                Cell::Number(0),
                Cell::Number(DAYS.cast_signed()),
                Cell::Number(0),
                Cell::Number(0),
                Cell::Truth(false),
            ],
        );
    }

    /// The bookings of the days ahead: how many.
    pub(crate) fn bookings(self, sink: &mut impl Sink) -> u64 {
        let days = self.open_days();
        let mut number = 0;
        for clinician in 0..self.clinicians() {
            for day in &days {
                for (nth, quarter) in taken(clinician, *day).into_iter().enumerate() {
                    let patient = clinician * BOOKED as u64 + nth as u64;
                    let start = instant(*day, QUARTERS[quarter]);
                    self.booking(Kind::Booking, number, clinician, patient, start, "booked", sink);
                    number += 1;
                }
            }
        }
        number
    }

    /// `count` bookings that are over, each clinician's on the days before today, latest first.
    pub(crate) fn past(self, count: u64, sink: &mut impl Sink) {
        for number in 0..count {
            let (clinician, nth) = (number % self.clinicians(), number / self.clinicians());
            let day = self.today - Days::new(1 + nth / QUARTERS.len() as u64);
            let start = instant(day, QUARTERS[usize::try_from(nth).unwrap() % QUARTERS.len()]);
            let patient = clinician * BOOKED as u64 + nth % BOOKED as u64;
            self.booking(Kind::Past, number, clinician, patient, start, "fulfilled", sink);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a row")]
    fn booking(
        self,
        kind: Kind,
        number: u64,
        clinician: u64,
        patient: u64,
        start: DateTime<Utc>,
        status: &str,
        sink: &mut impl Sink,
    ) {
        let end = start + TimeDelta::minutes(15);
        let (facility, before) = (clinician / CLINICIANS, self.before());
        let salt = (kind as u64) << 40 | number;
        sink.row(
            "booking",
            "id, facility_id, clinician_id, service_id, patient_id, number, status, starts_at, \
             ends_at, busy_from, busy_until, hold_extended, link_hash, for_whom, language, \
             questionnaire, consented_at, version, created_at, session_key, changed_at",
            &[
                Cell::Id(id(kind, number)),
                Cell::Id(id(Kind::Facility, facility)),
                Cell::Id(id(Kind::Clinician, clinician)),
                Cell::Id(id(Kind::Service, facility)),
                Cell::Id(id(Kind::Patient, patient)),
                Cell::Text(&format!("{kind:?}{number}")),
                Cell::Text(status),
                Cell::Time(start),
                Cell::Time(end),
                Cell::Time(start),
                Cell::Time(end),
                Cell::Truth(false),
                Cell::Bytes(salt, 32),
                Cell::Text("self"),
                Cell::Text("ja"),
                Cell::Bytes(salt, 160),
                Cell::Time(before),
                Cell::Number(2),
                Cell::Time(before),
                Cell::Id(id(kind, number)),
                Cell::Time(before),
            ],
        );
    }

    /// When everything was made: a year ago.
    fn before(self) -> DateTime<Utc> {
        instant(self.today - Days::new(365), 0)
    }

    /// A time that the data set leaves free: one clinician after the other, then the next quarter
    /// of the last hour, then the next day.
    pub(crate) fn free(self, number: u64) -> FreeTime {
        let days = self.open_days();
        let (clinician, round) = (number % self.clinicians(), number / self.clinicians());
        let (quarter, day) = (round % FREE, usize::try_from(round / FREE).unwrap());
        let start = instant(days[day % days.len()], QUARTERS[28] + 15 * quarter);
        FreeTime { facility: clinician / CLINICIANS, clinician, start }
    }
}

/// A time that nobody has yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FreeTime {
    pub(crate) facility: u64,
    pub(crate) clinician: u64,
    pub(crate) start: DateTime<Utc>,
}

fn clinician_of(facility: Uuid, clinician: Uuid, trained: Cell<'_>, sink: &mut impl Sink) {
    let name = [Cell::Text("試験 太郎"), Cell::Text("Taro Shiken"), Cell::Number(2000)];
    let (id, of) = (Cell::Id(clinician), Cell::Id(facility));
    sink.row(
        "clinician",
        "id, facility_id, name, name_en, license_year, training_completed_on, hours_version",
        &[id, of, name[0], name[1], name[2], trained, Cell::Number(1)],
    );
    for weekday in 1..=5 {
        for (half, (opens, closes)) in (0..).zip([(540, 720), (780, 1080)]) {
            let numbers = [2 * weekday + half, weekday, opens, closes].map(Cell::Number);
            let [position, weekday, opens, closes] = numbers;
            sink.row(
                "weekly_hours",
                "facility_id, clinician_id, position, weekday, opens, closes",
                &[of, id, position, weekday, opens, closes],
            );
        }
    }
}

/// The four quarters that are taken of a clinician's day, in order: by chance, but always the same.
pub(crate) fn taken(clinician: u64, day: NaiveDate) -> Vec<usize> {
    let mut chance = mixed(clinician << 20 | u64::from(day.num_days_from_ce().cast_unsigned()));
    let mut taken: Vec<usize> = Vec::with_capacity(BOOKED);
    while taken.len() < BOOKED {
        chance = mixed(chance);
        let quarter = usize::try_from(chance % (QUARTERS.len() as u64 - FREE)).unwrap();
        if !taken.contains(&quarter) {
            taken.push(quarter);
        }
    }
    taken.sort_unstable();
    taken
}

/// The minute of the day at which a quarter begins.
pub(crate) fn quarter_at(quarter: usize) -> u64 {
    QUARTERS[quarter]
}

/// The instant of a minute of a day in Tokyo.
pub(crate) fn instant(day: NaiveDate, minute: u64) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc() - TOKYO
        + TimeDelta::minutes(minute.cast_signed())
}
