import { useLingui } from "@lingui/react/macro";
import { Navigate, NavLink, Route, Routes } from "react-router";
import { Shell } from "../ui/shell";
import { type Account, mayOpen, SignedIn, signOut } from "./account";
import { AugustPage } from "./august/august-page";
import { BookPage } from "./desk/book-page";
import { MovePage } from "./desk/move-page";
import { RepeatPage } from "./desk/repeat-page";
import { RequestsPage } from "./desk/requests-page";
import { BookingMessagesPage } from "./messages/booking-messages-page";
import { MessagesPage } from "./messages/messages-page";
import { AskedSitesPage } from "./filings/asked-sites";
import { FilingPage } from "./filings/filing-page";
import { FilingsPage } from "./filings/filings-page";
import { ReviewPage } from "./filings/review-page";
import { ReviewsPage } from "./filings/reviews-page";
import { SelfCheckPage } from "./filings/self-check-page";
import { SitesPage } from "./filings/sites-page";
import { ClosedDaysPage } from "./hours/closed-days-page";
import { CalendarsPage } from "./calendars-page";
import { CountsPage } from "./counts-page";
import { ChangesPage } from "./hours/changes-page";
import { HoursPage } from "./hours/page";
import { IntakePage } from "./intake/intake-page";
import { IndicatorsPage } from "./plan/indicators-page";
import { ReconcilePage } from "./plan/reconcile-page";
import { SubsidiesPage } from "./plan/subsidies-page";
import { DraftPage } from "./imports/draft-page";
import { ImportsPage } from "./imports/imports-page";
import { QuestionsPage } from "./questions/questions-page";
import { SeriesPage } from "./series-page";
import { PostingPage } from "./settings/posting-page";
import { ServicesPage } from "./settings/services-page";
import { TermsPage } from "./terms/terms-page";
import { TodayPage } from "./today-page";
import { WaitlistPage } from "./waitlist-page";
import { WhyPage } from "./why-page";

/** The pages of clinics and of the prefecture; which of them, the account decides. */
export function App() {
  const { t } = useLingui();
  return (
    <Shell home="/staff" name={t`職員用`} wide>
      <SignedIn>
        {(account) => (
          <>
            <AccountBar account={account} />
            <Routes>
              {mayOpen(account).clinic ? (
                <>
                  <Route path="/staff" element={<TodayPage />} />
                  <Route path="/staff/book" element={<BookPage />} />
                  <Route path="/staff/requests" element={<RequestsPage />} />
                  <Route path="/staff/move/:id" element={<MovePage />} />
                  <Route path="/staff/repeat/:id" element={<RepeatPage />} />
                  <Route path="/staff/intake/:id" element={<IntakePage />} />
                  <Route path="/staff/waitlist" element={<WaitlistPage />} />
                  <Route path="/staff/messages" element={<MessagesPage />} />
                  <Route path="/staff/messages/:booking" element={<BookingMessagesPage />} />
                  <Route path="/staff/calendars" element={<CalendarsPage />} />
                  <Route path="/staff/hours" element={<HoursPage />} />
                  <Route path="/staff/closed-days" element={<ClosedDaysPage />} />
                  <Route path="/staff/changes" element={<ChangesPage />} />
                  <Route path="/staff/why" element={<WhyPage />} />
                  <Route path="/staff/services" element={<ServicesPage />} />
                  <Route path="/staff/terms" element={<TermsPage />} />
                  <Route path="/staff/questions" element={<QuestionsPage />} />
                  <Route path="/staff/posting" element={<PostingPage />} />
                  <Route path="/staff/august" element={<AugustPage />} />
                  <Route path="/staff/self-check" element={<SelfCheckPage />} />
                  <Route path="/staff/reception" element={<AskedSitesPage />} />
                </>
              ) : null}
              {mayOpen(account).files ? (
                <>
                  <Route path="/staff/filings" element={<FilingsPage />} />
                  <Route path="/staff/filings/:id" element={<FilingPage />} />
                </>
              ) : null}
              {mayOpen(account).reception ? (
                <>
                  <Route path="/staff" element={<Navigate to="/staff/sites" replace />} />
                  <Route path="/staff/sites" element={<SitesPage />} />
                </>
              ) : null}
              {mayOpen(account).reviews ? (
                <>
                  <Route path="/staff/reviews" element={<ReviewsPage />} />
                  <Route path="/staff/reviews/:id" element={<ReviewPage />} />
                </>
              ) : null}
              {mayOpen(account).office ? (
                <>
                  <Route path="/staff" element={<Navigate to="/staff/series" replace />} />
                  <Route path="/staff/series" element={<SeriesPage />} />
                  <Route path="/staff/indicators" element={<IndicatorsPage />} />
                  <Route path="/staff/reconciliation" element={<ReconcilePage />} />
                  {account.role === "prefecture_admin" ? <Route path="/staff/subsidies" element={<SubsidiesPage />} /> : null}
                  <Route path="/staff/counts" element={<CountsPage />} />
                  <Route path="/staff/imports" element={<ImportsPage />} />
                  <Route path="/staff/imports/:id" element={<DraftPage />} />
                </>
              ) : null}
              <Route path="*" element={<Navigate to="/staff" replace />} />
            </Routes>
          </>
        )}
      </SignedIn>
    </Shell>
  );
}

function AccountBar({ account }: { account: Account }) {
  const { t } = useLingui();
  const may = mayOpen(account);
  const roles: Record<Account["role"], string> = {
    clinician: t`医師`,
    clinic_staff: t`医療機関職員`,
    facility_operator: t`受診施設の設置者`,
    prefecture_admin: t`都道府県職員`,
    operator: t`運用者`,
  };
  return (
    <div className="account-bar">
      <nav aria-label={t`メニュー`}>
        <ul className="menu">
          {may.clinic ? (
            <>
              <li><NavLink end to="/staff">{t`診察の一覧`}</NavLink></li>
              <li><NavLink to="/staff/requests">{t`承認待ち`}</NavLink></li>
              <li><NavLink to="/staff/book">{t`電話の予約`}</NavLink></li>
              <li><NavLink to="/staff/waitlist">{t`キャンセル待ち`}</NavLink></li>
              <li><NavLink to="/staff/messages">{t`お知らせ`}</NavLink></li>
              <li><NavLink to="/staff/hours">{t`診療時間`}</NavLink></li>
              <li><NavLink to="/staff/closed-days">{t`休診日`}</NavLink></li>
              <li><NavLink to="/staff/changes">{t`変更の記録`}</NavLink></li>
              <li><NavLink to="/staff/why">{t`空いていない理由`}</NavLink></li>
              <li><NavLink to="/staff/calendars">{t`カレンダー連携`}</NavLink></li>
              <li><NavLink to="/staff/services">{t`診療の種類`}</NavLink></li>
              <li><NavLink to="/staff/questions">{t`問診`}</NavLink></li>
              <li><NavLink to="/staff/terms">{t`料金と同意`}</NavLink></li>
              <li><NavLink to="/staff/posting">{t`掲示事項`}</NavLink></li>
              <li><NavLink to="/staff/august">{t`8月報告`}</NavLink></li>
              <li><NavLink to="/staff/reception">{t`受診施設との連携`}</NavLink></li>
              <li><NavLink to="/staff/self-check">{t`自己点検`}</NavLink></li>
            </>
          ) : null}
          {may.reception ? <li><NavLink to="/staff/sites">{t`受診施設`}</NavLink></li> : null}
          {may.files ? <li><NavLink to="/staff/filings">{t`届出`}</NavLink></li> : null}
          {may.office ? (
            <>
              <li><NavLink to="/staff/series">{t`届出数の推移`}</NavLink></li>
              <li><NavLink to="/staff/indicators">{t`指標`}</NavLink></li>
              <li><NavLink to="/staff/reconciliation">{t`公表値との突合`}</NavLink></li>
              {account.role === "prefecture_admin" ? <li><NavLink to="/staff/subsidies">{t`機器の補助金`}</NavLink></li> : null}
              <li><NavLink to="/staff/counts">{t`地域別の届出数`}</NavLink></li>
              <li><NavLink to="/staff/imports">{t`名簿の取り込み`}</NavLink></li>
              <li><a href="/counts/own">{t`診察の件数`}</a></li>
              <li><a href="/checks">{t`予約と記録の突き合わせ`}</a></li>
              {may.reviews ? <li><NavLink to="/staff/reviews">{t`届出の審査`}</NavLink></li> : null}
            </>
          ) : null}
        </ul>
      </nav>
      <p className="who">
        {account.facility ? `${account.facility.name} ` : ""}
        {t`${account.name}（${roles[account.role]}）`}{" "}
        <button type="button" className="link" onClick={() => { void signOut(); }}>
          {t`ログアウト`}
        </button>
      </p>
    </div>
  );
}
