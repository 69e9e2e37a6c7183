import { useLingui } from "@lingui/react/macro";
import { Link, Route, Routes } from "react-router";
import { PageTitle } from "../ui/page";
import { Shell } from "../ui/shell";
import { ClinicPage } from "./clinic-page";
import { Later } from "./later";
import { SearchPage } from "./search-page";
import { TimesPage } from "./times-page";

/** The patient's pages, by address. */
export function App() {
  const { t } = useLingui();
  return (
    <Shell home="/" name={t`オンライン診療の予約`} extra={<Link className="header-link" to="/bookings">{t`予約の確認`}</Link>}>
      <Routes>
        <Route path="/" element={<SearchPage />} />
        <Route path="/clinics/:facility" element={<ClinicPage />} />
        <Route path="/clinics/:facility/times" element={<TimesPage />} />
        <Route path="/clinics/:facility/wait" element={<Later page="WaitPage" />} />
        <Route path="/book/:booking/*" element={<Later page="BookFlow" />} />
        <Route path="/bookings" element={<Later page="BookingList" />} />
        <Route path="/bookings/:booking" element={<Later page="BookingPage" />} />
        <Route path="/bookings/:booking/change" element={<Later page="ChangePage" />} />
        <Route path="/bookings/:booking/cancel" element={<Later page="CancelPage" />} />
        <Route path="/bookings/:booking/series" element={<Later page="SeriesPage" />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Shell>
  );
}

function NotFound() {
  const { t } = useLingui();
  return (
    <>
      <PageTitle title={t`ページが見つかりません`} />
      <p>
        <Link to="/">{t`医療機関をさがす`}</Link>
      </p>
    </>
  );
}
