import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { api, client, type Slot } from "../api/client";
import { problemOf } from "../api/problem";
import { dayAndTime, language } from "../i18n";
import { Banner } from "../ui/banner";
import { Failure } from "../ui/errors";
import { Busy, PageTitle } from "../ui/page";
import { Telephone } from "../ui/telephone";
import { useLater } from "./later";
import { clinicName, nameOf } from "./service";
import { SlotPicker } from "./slot-picker";

/** A1: choose a time; a tap holds it. */
export function TimesPage() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { facility: id = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const facility = api.useQuery("get", "/api/facilities/{id}", { params: { path: { id } } });
  // What follows a tap is fetched while the times are looked at.
  useLater();
  const [refusal, setRefusal] = useState<{ error: unknown; alternatives: Slot[] } | null>(null);
  const [holding, setHolding] = useState(false);
  const [round, setRound] = useState(0);
  if (facility.isPending) return <Busy />;
  if (facility.error) return <Failure error={facility.error} retry={() => { void facility.refetch(); }} />;
  const clinic = facility.data;
  const service = clinic.services.find((known) => known.id === search.get("service")) ?? clinic.services[0];
  if (!service) return <Banner kind="warning" title={t`予約できる診療がありません`} />;

  const hold = async (slot: Slot, named: boolean) => {
    setHolding(true);
    setRefusal(null);
    try {
      const { data, error } = await client.POST("/api/bookings", {
        body: { facility_id: clinic.id, service_id: service.id, start: slot.start, ...(named && slot.clinician_id ? { clinician_id: slot.clinician_id } : {}) },
      });
      if (data) {
        await navigate(`/book/${data.id}/who`);
        return;
      }
      const near = [...(error.alternatives ?? [])].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
      setRefusal({ error, alternatives: near });
      setRound((count) => count + 1);
    } catch (error) {
      setRefusal({ error, alternatives: [] });
    } finally {
      setHolding(false);
      window.scrollTo(0, 0);
    }
  };

  return (
    <>
      <p className="back">
        <Link to={`/clinics/${clinic.id}`}>{t`${clinicName(clinic, language())} へもどる`}</Link>
      </p>
      <PageTitle title={t`日時を選んでください`} />
      <p>
        {clinicName(clinic, language())} ｜ {nameOf(service, language())} ｜ {t`${service.length_min} 分`}
      </p>
      {refusal ? <Refused refusal={refusal} zone={clinic.zone} onPick={(slot) => { void hold(slot, true); }} /> : null}
      <SlotPicker
        facility={clinic}
        service={service}
        from={search.get("from")}
        round={round}
        busy={holding}
        onFrom={(from) => { setSearch({ service: service.id, from }); }}
        onPick={(slot, named) => { void hold(slot, named); }}
      />
      <p>
        {t`よい時間がないときは`} <Link to={`/clinics/${clinic.id}/wait?service=${service.id}`}>{t`空きを待つ`}</Link>
      </p>
      <Telephone name={clinic.name} number={clinic.telephone} />
    </>
  );
}

/** The time went to somebody else: said at the tap, with times near it. */
function Refused({ refusal, zone, onPick }: { refusal: { error: unknown; alternatives: Slot[] }; zone: string; onPick: (slot: Slot) => void }) {
  const { t } = useLingui();
  if (problemOf(refusal.error).code !== "slot_taken") return <Failure error={refusal.error} />;
  return (
    <div className="banner banner-warning" role="alert">
      <p className="banner-title">{t`その時間は、たった今ほかの方が予約しました`}</p>
      {refusal.alternatives.length > 0 ? (
        <>
          <p>{t`近い時間なら予約できます。`}</p>
          <div className="slots">
            {refusal.alternatives.map((slot) => (
              <button type="button" className="slot slot-wide" key={`${slot.clinician_id ?? ""}${slot.start}`} onClick={() => { onPick(slot); }}>
                {dayAndTime(slot.start, zone, language())}
              </button>
            ))}
          </div>
        </>
      ) : (
        <p>{t`下からほかの時間を選んでください。`}</p>
      )}
    </div>
  );
}
