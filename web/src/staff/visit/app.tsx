import { useLingui } from "@lingui/react/macro";
import { Route, Routes, useParams } from "react-router";
import { api, type Visit } from "../../api/client";
import { Failure } from "../../ui/errors";
import { Busy } from "../../ui/page";
import { Shell } from "../../ui/shell";
import { SignedIn } from "../account";
import { ConsultPage } from "./consult-page";

/** The clinician's side of a visit: the only staff page that may use the camera. */
export function VisitApp() {
  const { t } = useLingui();
  return (
    <Shell home="/staff" name={t`診察`} wide extra={<a className="header-link" href="/staff">{t`診察の一覧へ`}</a>}>
      <SignedIn>
        {() => (
          <Routes>
            <Route path="/staff/visit/:booking" element={<WithVisit>{(visit) => <ConsultPage visit={visit} />}</WithVisit>} />
          </Routes>
        )}
      </SignedIn>
    </Shell>
  );
}

function WithVisit({ children }: { children: (visit: Visit) => React.ReactNode }) {
  const { booking = "" } = useParams();
  const query = api.useQuery("get", "/api/clinic/visits/{id}", { params: { path: { id: booking } } }, { refetchOnWindowFocus: false });
  if (query.data) return children(query.data);
  return query.error ? <Failure error={query.error} retry={() => { void query.refetch(); }} /> : <Busy />;
}
