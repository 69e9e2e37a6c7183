import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { api, type Schemas } from "../api/client";
import { addDays, dateOf, dayAndTime, language } from "../i18n";
import { errorOf, ErrorSummary, useErrors } from "../ui/errors";
import { SelectField, TextField } from "../ui/fields";
import { PageTitle } from "../ui/page";
import { QueryState } from "../ui/query-state";
import { ClinicianSelect } from "./clinician-select";
import { serviceName } from "./hours/conditions";
import { TimeField } from "./hours/time-field";
import { CLINIC_ZONE } from "./today-page";
import { useServices } from "./settings/services";

/** What Tokyo's clocks are ahead of UTC, all the year. */
const OFFSET = "+09:00";

/** 「なぜ空いていないか」: what each rule says of one time, clinician by clinician. The address holds the question. */
export function WhyPage() {
  const { t } = useLingui();
  const [asked, setAsked] = useSearchParams();
  const clinicians = api.useQuery("get", "/api/clinic/clinicians");
  const services = useServices();
  return (
    <>
      <PageTitle title={t`この時間が空いていない理由`} />
      <p>{t`患者さんに出ていない時間について、どの決まりや予約がその時間をふさいでいるかを調べます。`}</p>
      <QueryState query={clinicians} />
      <QueryState query={services} />
      {clinicians.data && services.items ? (
        <Question key={asked.toString()} asked={asked} clinicians={clinicians.data.items} services={services.items} onAsk={setAsked} />
      ) : null}
      <Answer service={asked.get("service")} at={asked.get("at")} clinician={asked.get("clinician")} />
    </>
  );
}

function Question({ asked, clinicians, services, onAsk }: {
  asked: URLSearchParams;
  clinicians: Schemas["Clinician"][];
  services: Schemas["ClinicService"][];
  onAsk: (asked: Record<string, string>) => void;
}) {
  const { t } = useLingui();
  const [date = "", clock = ""] = (asked.get("at") ?? "").split("T");
  const [entry, setEntry] = useState({
    service: asked.get("service") ?? services[0]?.id ?? "",
    clinician: asked.get("clinician") ?? "",
    date: date || addDays(dateOf(new Date(), CLINIC_ZONE), 1),
    clock: clock || "10:30",
  });
  const [errors, setErrors] = useErrors();
  const put = (part: Partial<typeof entry>) => { setEntry({ ...entry, ...part }); };
  return (
    <form className="panel" noValidate onSubmit={(event) => {
      event.preventDefault();
      const faults = [
        ...(entry.date ? [] : [{ field: "date", text: t`日付を入れてください` }]),
        ...(entry.clock ? [] : [{ field: "clock", text: t`時刻は 9:00 のように入れてください` }]),
      ];
      setErrors(faults);
      if (faults.length > 0) return;
      onAsk({ service: entry.service, at: `${entry.date}T${entry.clock}`, ...(entry.clinician ? { clinician: entry.clinician } : {}) });
    }}>
      <ErrorSummary errors={errors} />
      <div className="form-row">
        <SelectField id="service" label={t`診療の種類`} value={entry.service} onChange={(service) => { put({ service }); }} options={services.map((one) => ({ value: one.id, label: serviceName(one) }))} />
        <ClinicianSelect everybody clinicians={clinicians} value={entry.clinician} onChange={(clinician) => { put({ clinician }); }} />
        <TextField id="date" type="date" width="medium" label={t`日付`} error={errorOf(errors, "date")} value={entry.date} onChange={(next) => { put({ date: next }); }} />
        <TimeField id="clock" label={t`時刻`} error={errorOf(errors, "clock")} value={entry.clock} onChange={(next) => { put({ clock: next }); }} />
      </div>
      <button type="submit" className="button button-solid">{t`調べる`}</button>
    </form>
  );
}

function Answer({ service, at, clinician }: { service: string | null; at: string | null; clinician: string | null }) {
  const { t } = useLingui();
  const start = `${at ?? ""}:00${OFFSET}`;
  const query = api.useQuery("get", "/api/clinic/explain", { params: { query: { service: service ?? "", start, ...(clinician ? { clinician } : {}) } } }, { enabled: service !== null && at !== null, retry: false });
  if (service === null || at === null) return null;
  return (
    <section aria-live="polite">
      <QueryState query={query} />
      {query.data?.clinicians.map((one) => (
        <section className="card" key={one.clinician_id} aria-labelledby={`why-${one.clinician_id}`}>
          <h2 id={`why-${one.clinician_id}`}>{one.free ? t`${one.name}: ${dayAndTime(query.data.start, query.data.zone, language())} は空いています` : t`${one.name}: ${dayAndTime(query.data.start, query.data.zone, language())} は予約できません`}</h2>
          <ul className="findings">
            {one.findings.map((finding, place) => (
              <FindingLine key={place} finding={finding} first={finding.against && one.findings.findIndex((other) => other.against) === place} />
            ))}
          </ul>
        </section>
      ))}
    </section>
  );
}

/** The page on which what a finding speaks of can be changed. */
function placeOf(about: Schemas["WhyAbout"]): string | undefined {
  switch (about.kind) {
    case "exception":
    case "closure":
    case "holiday":
      return "/staff/closed-days";
    case "hours":
      return about.exceptions.length > 0 ? "/staff/closed-days" : "/staff/hours";
    case "weekly":
      return "/staff/hours";
    case "booking":
      return `/staff?date=${dateOf(new Date(about.start), CLINIC_ZONE)}`;
    case "notice":
    case "working_days":
    case "horizon":
    case "offered":
    case "grid":
    case "day_limit":
    case "colleague":
    case "rooms":
      return "/staff/services";
    case "outside":
    case "calendar_age":
    case "calendar_reach":
      return "/staff/calendars";
    default:
      return undefined;
  }
}

function FindingLine({ finding, first }: { finding: Schemas["WhyFinding"]; first: boolean }) {
  const { t } = useLingui();
  const place = placeOf(finding.about);
  const sentence = language() === "ja" ? finding.ja : finding.en;
  return (
    <li className={finding.against ? "against" : ""}>
      <span aria-hidden="true">{finding.against ? "×" : "○"}</span>{" "}
      <span className="visually-hidden">{finding.against ? t`できない理由: ` : t`問題なし: `}</span>
      {first ? <strong>{sentence}</strong> : sentence}{" "}
      {place && finding.against ? <Link to={place} aria-label={t`${sentence} これを見る`}>{t`これを見る`}</Link> : null}
    </li>
  );
}
