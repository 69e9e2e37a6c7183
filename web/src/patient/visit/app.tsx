import { useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { Route, Routes, useParams } from "react-router";
import { api, type Visit } from "../../api/client";
import type { Precheck } from "../../tele/messages";
import { closeMedia } from "../../tele/devices";
import { WithDoctor } from "../../ui/call/doctor-panel";
import { Busy } from "../../ui/page";
import { Shell } from "../../ui/shell";
import { CheckPage } from "./check-page";
import { rememberClinic } from "./clinic-memory";
import { Entry } from "./entry";
import { GuestEntry } from "./guest-entry";
import { NoVisit } from "./no-visit";
import { PlanPage } from "./plan-page";
import { RoomPage } from "./room-page";
import { VisitHome } from "./visit-home";

/** What the check gave and the room uses: it outlives the change of page. */
export interface Kit {
  stream: MediaStream | undefined;
  precheck: Precheck | undefined;
}

/** The day of the visit: link, check, waiting room, conversation. The only page that may use the camera. */
export function VisitApp({ secret }: { secret: string }) {
  const { t } = useLingui();
  const [kit, setKit] = useState<Kit>({ stream: undefined, precheck: undefined });
  useEffect(() => {
    const away = () => { closeMedia(kit.stream); };
    window.addEventListener("pagehide", away);
    return () => { window.removeEventListener("pagehide", away); };
  }, [kit.stream]);
  // What opens the booking in another browser, as long as this page knows it.
  const address = secret ? `${window.location.origin}/visit#${secret}` : window.location.href;
  return (
    <Shell home="/" name={t`オンライン診療`}>
      <Routes>
        <Route path="/visit" element={<Entry secret={secret} />} />
        <Route path="/visit/:booking" element={<WithVisit>{(visit) => <VisitHome visit={visit} />}</WithVisit>} />
        <Route path="/visit/:booking/plan" element={<WithVisit>{(visit) => <PlanPage visit={visit} />}</WithVisit>} />
        <Route path="/visit/:booking/check" element={<WithVisit>{(visit) => <CheckPage visit={visit} kit={kit} onKit={setKit} address={address} />}</WithVisit>} />
        <Route path="/visit/:booking/room" element={<WithVisit>{(visit) => <RoomPage visit={visit} kit={kit} onKit={setKit} address={address} />}</WithVisit>} />
        <Route path="/visit/:booking/guest" element={<GuestEntry />} />
      </Routes>
    </Shell>
  );
}

/** The visit named by the address; asked again every half minute, as its door opens at a time. */
function WithVisit({ children }: { children: (visit: Visit) => React.ReactNode }) {
  const { booking = "" } = useParams();
  const query = api.useQuery("get", "/api/visits/{id}", { params: { path: { id: booking } } }, { refetchInterval: 30_000 });
  const facility = query.data?.booking.facility;
  useEffect(() => {
    if (facility) rememberClinic(facility);
  }, [facility]);
  if (query.data) return <WithDoctor booking={query.data.booking}>{children(query.data)}</WithDoctor>;
  return query.error ? <NoVisit error={query.error} /> : <Busy />;
}
