//! What problems say, in Japanese and English. A test asks for a sentence for every code that
//! the source names.

use crate::format::Lang;

mod august;
mod before;
mod calendar;
mod care;
mod closing;
mod fields;
mod figures;
mod filing;
mod lists;
mod visit;

use fields::FIELDS;

/// Code, Japanese, English.
const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "not_found",
        "見つかりません。リンクや番号をもう一度お確かめください。",
        "Not found. Please check the link or the number.",
    ),
    (
        "signed_out",
        "ログインしていないか、時間が切れました。もう一度入ってください。",
        "You are signed out. Please sign in again, or open your link again.",
    ),
    ("forbidden", "この操作をする権限がありません。", "You are not allowed to do this."),
    (
        "wrong_login",
        "ログイン名かパスワードが違います。",
        "The login name or the password is wrong.",
    ),
    (
        "wrong_birth_date",
        "生年月日が予約のときと違います。もう一度お確かめください。",
        "This is not the birth date given at booking. Please check it.",
    ),
    (
        "rate_limited",
        "試した回数が多すぎます。しばらく待ってから、もう一度お試しください。",
        "Too many tries. Please wait a while and try again.",
    ),
    (
        "invalid",
        "入力に問題があります。下の項目をお直しください。",
        "Something you entered needs to be corrected.",
    ),
    ("malformed", "送られた内容を読み取れませんでした。", "What was sent could not be read."),
    (
        "wrong_media_type",
        "送られた内容の形式に対応していません。",
        "This kind of content is not accepted here.",
    ),
    ("too_large", "送られた内容が大きすぎます。", "What was sent is too large."),
    (
        "no_socket",
        "ビデオ診察の接続（WebSocket）として開いてください。",
        "This address is the connection of a video visit (WebSocket) and opens only as one.",
    ),
    (
        "cross_site",
        "ほかのサイトからの操作は受け付けません。",
        "Requests from other sites are not accepted.",
    ),
    ("method_not_allowed", "この操作はできません。", "This cannot be done here."),
    (
        "busy",
        "ただいま混み合っています。数秒待って、もう一度お試しください。",
        "The service is busy. Please try again in a few seconds.",
    ),
    (
        "internal",
        "サービスに問題が起きました。予約は変わっていません。もう一度お試しいただくか、お電話ください。",
        "Something went wrong on our side and nothing was changed. Please try again, or telephone the clinic.",
    ),
    (
        "stale",
        "ほかの操作で先に変わっています。画面を新しくして、もう一度お試しください。",
        "Somebody changed this first. Please reload and try again.",
    ),
    (
        "slot_taken",
        "この時間は、ほかの方が先に予約しました。近くの時間をお選びください。",
        "Somebody else took this time first. Please choose another near it.",
    ),
    ("in_past", "この時間は過ぎています。", "This time is in the past."),
    (
        "too_soon",
        "この時間はもう受け付けていません。もう少し先の時間をお選びください。",
        "It is too late to book this time. Please choose a later one.",
    ),
    ("beyond_horizon", "この日はまだ予約を受け付けていません。", "This day cannot be booked yet."),
    (
        "not_accepted",
        "この医療機関は、この日のオンライン診療を受け付けていません。",
        "This clinic does not offer online care on this day.",
    ),
    (
        "not_trained",
        "この医師は、この日のオンライン診療を行えません。",
        "This doctor cannot give online care on this day.",
    ),
    (
        "not_offered",
        "この医師は、この種類の診療を行っていません。",
        "This doctor does not offer this kind of visit.",
    ),
    (
        "daily_limit",
        "この日のこの診療は定員に達しました。別の日をお選びください。",
        "All visits of this kind on this day are taken. Please choose another day.",
    ),
    (
        "team_not_free",
        "同席する担当者の都合がつきません。別の時間をお選びください。",
        "Not everybody who must be there is free. Please choose another time.",
    ),
    (
        "no_room",
        "この時間に空いている部屋がありません。別の時間をお選びください。",
        "No room is free at this time. Please choose another time.",
    ),
    ("facility_closed", "この日は休診です。", "The clinic is closed on this day."),
    ("clinician_closed", "この日は担当医が休みです。", "The doctor is away on this day."),
    ("closed_day", "この日は休診です。", "The clinic is closed on this day."),
    ("closed_period", "この期間は休診です。", "The clinic is closed in this period."),
    ("holiday", "祝日のため休診です。", "The clinic is closed on this public holiday."),
    (
        "holidays_unknown",
        "この日の祝日がまだ決まっていないため、予約を受け付けていません。",
        "Public holidays of this year are not published yet, so this day cannot be booked.",
    ),
    (
        "calendar_stale",
        "担当医の予定を確かめられないため、今はこの医師の予約を受け付けていません。ほかの医師をお選びいただくか、医療機関にお電話ください。",
        "The doctor's other appointments cannot be checked now. Please choose another doctor, or telephone the clinic.",
    ),
    (
        "calendar_unknown",
        "この日の担当医の予定がまだ分からないため、予約を受け付けていません。近い日をお選びください。",
        "The doctor's other appointments on this day are not known yet. Please choose an earlier day.",
    ),
    ("outside_hours", "診療時間の外です。", "This is outside the clinic's hours."),
    ("no_hours", "この日の診療時間はありません。", "There are no hours on this day."),
    (
        "off_grid",
        "この時刻からは予約できません。一覧の時間をお選びください。",
        "Visits do not start at this time. Please choose one from the list.",
    ),
    ("invalid_time", "時刻の指定が正しくありません。", "This is not a valid time."),
    (
        "hold_expired",
        "おさえていた時間が切れました。もう一度時間をお選びください。",
        "The time is no longer held for you. Please choose a time again.",
    ),
    ("already_extended", "時間をのばせるのは1回だけです。", "The time can be extended only once."),
    (
        "too_many_holds",
        "同時におさえられる時間は2つまでです。先の時間を放してください。",
        "You can hold two times at once. Please give one back first.",
    ),
    (
        "too_many_patient_holds",
        "同じ方の予約のために、いくつもの時間がおさえられています。予約しない時間を放してください。",
        "Several times are held for the same patient. Please give those back that are not needed.",
    ),
    (
        "too_many_unused_holds",
        "時間をおさえたまま予約されないことが続きました。30分ほど待つか、医療機関にお電話ください。",
        "Several times were held and not booked. Please wait half an hour, or telephone the clinic.",
    ),
    (
        "too_many_network_holds",
        "同じ回線から多くの時間がおさえられています。しばらく待つか、医療機関にお電話ください。",
        "Many times are held from your network. Please wait a while, or telephone the clinic.",
    ),
    (
        "too_many_called_off",
        "予約と取り消しが続いたため、画面からは予約できません。医療機関にお電話ください。",
        "Bookings were made and cancelled several times. Please telephone the clinic to book.",
    ),
    (
        "too_many_on_the_day",
        "この医療機関では、同じ日にこれ以上予約できません。別の日をお選びください。",
        "You cannot book more visits at this clinic on this day. Please choose another day.",
    ),
    (
        "too_many_bookings",
        "これから受ける予約は5件までです。",
        "You can have five bookings ahead at most.",
    ),
    (
        "patient_busy",
        "この方は、この時間に別の診療の予約があります。",
        "This patient has another visit at this time.",
    ),
    (
        "cut_off_passed",
        "画面から変更できる時間を過ぎました。医療機関にお電話ください。",
        "It is too late to do this here. Please telephone the clinic.",
    ),
    (
        "first_visit_once",
        "初診は続けて予約できません。再診の予約をお使いください。",
        "First visits are booked one at a time. Please use repeat visits.",
    ),
    (
        "no_series",
        "この予約は、くり返しの予約ではありません。",
        "This booking is not one of several.",
    ),
    (
        "already_waiting",
        "この診療の空き待ちには、もう登録されています。",
        "You are waiting for this kind of visit already.",
    ),
    (
        "too_many_waiting",
        "空き待ちの登録が多すぎます。ほかの登録を取り消してください。",
        "You are waiting for too many visits. Please leave another list first.",
    ),
    (
        "override_needed",
        "期限を過ぎています。理由を選ぶと続けられます。",
        "The time limit has passed. Choose a reason to go on.",
    ),
    (
        "wrong_status",
        "今の状態では、この操作はできません。",
        "This cannot be done in the present state.",
    ),
    (
        "another_in_progress",
        "診察中の方がいます。先にその診察を終えてください。",
        "Another visit is in progress. Please end it first.",
    ),
    ("too_early", "診察の30分前から入れます。", "You can enter from 30 minutes before the visit."),
    ("too_late", "この診察は終わっています。", "This visit is over."),
    (
        "removed",
        "クリニックの操作で、この診察から退出しました。お困りの場合はクリニックに電話してください。",
        "The clinic has ended this visit for you. If you need help, please call the clinic.",
    ),
    (
        "video_not_seen",
        "両方の映像がつながらなかった診察は「オンラインで診察した」では閉じられません。ほかの結果を選んでください。",
        "A visit in which both sides did not see each other cannot be closed as done online. Please choose another outcome.",
    ),
    (
        "strands_visits",
        "この変更のままだと、決まっている予約のうち受けられなくなるものがあります。予約を確かめて、そのままにするか選んでください。",
        "Some visits that are agreed would not be possible by these rules. Please look at them, and choose whether they stay.",
    ),
    (
        "plan_changed",
        "計画した後に予約が変わりました。もう一度、影響をお確かめください。",
        "Bookings have changed since this was planned. Please look at what it affects again.",
    ),
    (
        "already_sent",
        "患者さんへのお知らせを送り始めたため、元に戻せません。新しい変更として入力してください。",
        "Patients are being told of this change, so it cannot be undone. Please make a new change.",
    ),
    (
        "undo_strands",
        "この変更の後の時間に予約が入っているため、そのままでは元に戻せません。新しい変更として入力してください。",
        "Visits have been booked in the new hours, so this cannot simply be undone. Please make a new change.",
    ),
    (
        "room_in_use",
        "この部屋を使う予約があります。先に予約を変えるか取り消してください。",
        "There are bookings in this room. Please move or cancel them first.",
    ),
    (
        "room_shared",
        "ほかの医療機関も使う部屋のため、名前は変えられません。",
        "Other clinics use this room too, so its name stays.",
    ),
    (
        "service_in_use",
        "この診療の予約か、空き待ちのかたがいます。先に予約を変えるか取り消してください。",
        "There are bookings of this kind, or people who wait for one. Please move or cancel them first.",
    ),
    (
        "service_has_hours",
        "この診療だけの診療時間があります。先に診療時間から消してください。",
        "There are hours for this kind of visit only. Please remove them first.",
    ),
    (
        "too_many_services",
        "診療の種類は50までです。",
        "A clinic can offer 50 kinds of visit at most.",
    ),
    ("too_many_rooms", "部屋は100室までです。", "A clinic can have 100 rooms at most."),
    (
        "too_many_overbookings",
        "別枠は8つまでです。",
        "A clinic can have eight named capacities at most.",
    ),
    ("unchanged", "予約はすでにこの時間です。", "The booking is at this time already."),
    ("already_closed", "この診察はもう閉じられています。", "This visit is closed already."),
    (
        "no_relay",
        "中継サーバーがないため、この設定にはできません。",
        "There is no relay that visits could go through.",
    ),
    (
        "line_check_busy",
        "回線の確認が混み合っています。少し待って、もう一度お試しください。",
        "Many lines are being checked now. Please try again in a moment.",
    ),
    (
        "idempotency_key_malformed",
        "Idempotency-Key は、空白を含まない英数字と記号で、1文字以上255文字以下にしてください。",
        "An Idempotency-Key has 1 to 255 visible ASCII characters.",
    ),
    (
        "idempotency_key_weak",
        "ログインしていないときの Idempotency-Key は、推測されない22文字以上の値にしてください。",
        "Without a session an Idempotency-Key must be a random value of at least 22 characters.",
    ),
    (
        "idempotency_key_reused",
        "この Idempotency-Key は、内容の異なる操作に使われています。操作ごとに新しい値にしてください。",
        "This Idempotency-Key was used for something else. Please use a new one for each action.",
    ),
    (
        "idempotency_key_in_use",
        "同じ操作を処理しています。数秒待って、もう一度お試しください。",
        "The same request is being served. Please try again in a few seconds.",
    ),
    (
        "too_many_webhooks",
        "通知先は5件までです。先に使っていないものを消してください。",
        "A clinic can have five endpoints at most. Please remove one first.",
    ),
];

/// Every sentence.
fn all() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    let parts = [
        SENTENCES,
        august::SENTENCES,
        before::SENTENCES,
        care::SENTENCES,
        closing::SENTENCES,
        figures::SENTENCES,
        filing::SENTENCES,
        lists::SENTENCES,
        visit::SENTENCES,
    ];
    parts.into_iter().flatten()
}

/// The sentence for `code`.
pub fn sentence(code: &str, language: Lang) -> &'static str {
    let row = all().find(|row| row.0 == code);
    let (_, ja, en) =
        row.copied().unwrap_or(("", "受け付けられませんでした。", "This was refused."));
    language.pick(ja, en)
}

/// The sentence for what is wrong with a field.
pub fn field(pointer: &str, code: &str, language: Lang) -> String {
    let own = || FIELDS.iter().chain(before::FIELDS).chain(filing::FIELDS);
    let visits = || care::FIELDS.iter().chain(closing::FIELDS);
    let register = || figures::FIELDS.iter().chain(august::FIELDS);
    let all = || own().chain(calendar::FIELDS).chain(visits()).chain(register());
    let row = all()
        .find(|row| row.0 == pointer && row.1 == code)
        .or_else(|| filing::of_a_part(pointer, code))
        .or_else(|| all().find(|row| row.0.is_empty() && row.1 == code));
    let (_, _, ja, en) =
        row.copied().unwrap_or(("", "", "内容をお確かめください。", "Please check this."));
    language.pick(ja, en).to_owned()
}

#[cfg(test)]
mod tests;
