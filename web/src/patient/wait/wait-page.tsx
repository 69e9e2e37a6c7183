import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { api, client, type Facility, type Service } from "../../api/client";
import { addDays, clockOfMinutes, dateOf, language } from "../../i18n";
import { deviceToday } from "../../ui/birth-date";
import { errorOf, ErrorSummary, Failure, type FieldError, useErrors } from "../../ui/errors";
import { CheckField, SelectField, TextField } from "../../ui/fields";
import { Busy, PageTitle } from "../../ui/page";
import { Telephone } from "../../ui/telephone";
import { bodyOf, type Draft, emptyDraft, faultsOf } from "../book/draft";
import { useFaultTexts } from "../book/faults";
import type { Asked } from "../book/intake";
import { Birth, Contact, Name, Who } from "../book/questions";
import { clinicName, nameOf } from "../service";

/** No time suits: waits for one, in days and hours that do. */
export function WaitPage() {
  const { facility: id = "" } = useParams();
  const [search] = useSearchParams();
  const facility = api.useQuery("get", "/api/facilities/{id}", { params: { path: { id } } });
  if (facility.isPending) return <Busy />;
  if (facility.error) return <Failure error={facility.error} retry={() => { void facility.refetch(); }} />;
  const service = facility.data.services.find((known) => known.id === search.get("service")) ?? facility.data.services[0];
  return service ? <WaitForm clinic={facility.data} service={service} /> : null;
}

/** The pages of a booking ask a person who he is; a wish to wait asks no more than that. */
const nothingAsked = (service: Service): Asked => ({ service_id: service.id, questions: [], first_visit: { visit: "any", without_basis: "request" } });

interface When {
  from: string;
  until: string;
  /** Minutes after midnight. */
  fromMinute: number;
  untilMinute: number;
}

function WaitForm({ clinic, service }: { clinic: Facility; service: Service }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const texts = useFaultTexts(nothingAsked(service));
  const today = dateOf(new Date(), clinic.zone);
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [when, setWhen] = useState<When>({ from: today, until: addDays(today, 13), fromMinute: 0, untilMinute: 1440 });
  const [consent, setConsent] = useState(false);
  const [errors, setErrors] = useErrors();
  const [failure, setFailure] = useState<unknown>(null);
  const [sending, setSending] = useState(false);
  const found = (): FieldError[] => [
    ...(when.from && when.from >= today ? [] : [{ field: "from", text: t`はじめの日は、今日からあとの日にしてください` }]),
    ...(when.until && when.until >= when.from ? [] : [{ field: "until", text: t`おわりの日は、はじめの日からあとの日にしてください` }]),
    ...(when.fromMinute < when.untilMinute ? [] : [{ field: "until_minute", text: t`おわりの時刻は、はじめの時刻よりあとにしてください` }]),
    ...texts((["who", "name", "birth", "contact"] as const).flatMap((step) => faultsOf(step, draft, deviceToday()))),
    ...(consent ? [] : [{ field: "consent", text: t`空きを待つには、同意が必要です` }]),
  ];
  const submit = async () => {
    setFailure(null);
    const wrong = found();
    setErrors(wrong);
    const person = bodyOf(draft, language(), deviceToday());
    if (wrong.length > 0 || !person) return;
    const { for_whom, relation, booker_name, name, kana, birth_date, phone, email } = person;
    setSending(true);
    try {
      const { data, error } = await client.POST("/api/waitlist", {
        body: {
          facility_id: clinic.id, service_id: service.id, from: when.from, until: when.until,
          from_minute: when.fromMinute, until_minute: when.untilMinute,
          for_whom, name, kana, birth_date, phone, language: person.language, consent: true,
          ...(for_whom === "family" ? { relation: relation ?? null, booker_name: booker_name ?? null } : {}),
          ...(email ? { email } : {}),
        },
      });
      if (!data) {
        setFailure(error);
        return;
      }
      await queries.invalidateQueries({ queryKey: api.queryOptions("get", "/api/waitlist").queryKey });
      await navigate("/bookings", { state: { waiting: true } });
    } catch (error) {
      setFailure(error);
    } finally {
      setSending(false);
    }
  };
  const person = { draft, errors, onDraft: setDraft };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void submit();
    }}>
      <p className="back">
        <Link to={`/clinics/${clinic.id}/times?service=${service.id}`}>{t`日時の一覧へもどる`}</Link>
      </p>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      <PageTitle title={t`空きを待つ`} />
      <p>
        {clinicName(clinic, language())} ｜ {nameOf(service, language())}
      </p>
      <p>{t`空きが出ると、しばらくの間あなたのためにおさえ、この画面の「予約の確認」に出します。`}</p>
      <WhenFields when={when} errors={errors} onWhen={setWhen} />
      <Who {...person} plain={false} />
      <Name {...person} />
      <Birth {...person} />
      <Contact {...person} />
      <CheckField id="consent" label={t`空きを知らせるために、医療機関が上の内容を使うことに同意します`} error={errorOf(errors, "consent")} checked={consent} onChange={setConsent} />
      <button type="submit" className="button button-solid button-large" disabled={sending}>
        {t`空きを待つ`}
      </button>
      <Telephone name={clinic.name} number={clinic.telephone} />
    </form>
  );
}

function WhenFields({ when, errors, onWhen }: { when: When; errors: FieldError[]; onWhen: (when: When) => void }) {
  const { t } = useLingui();
  const hours = (start: number) => Array.from({ length: 24 }, (_, place) => {
    const minutes = (start + place) * 60;
    return { value: String(minutes), label: clockOfMinutes(minutes) };
  });
  return (
    <>
      <TextField id="from" type="date" width="medium" label={t`この日から`} error={errorOf(errors, "from")} value={when.from} onChange={(from) => { onWhen({ ...when, from }); }} />
      <TextField id="until" type="date" width="medium" label={t`この日まで`} error={errorOf(errors, "until")} value={when.until} onChange={(until) => { onWhen({ ...when, until }); }} />
      <SelectField id="from_minute" label={t`この時刻から`} value={String(when.fromMinute)} options={hours(0)} onChange={(minutes) => { onWhen({ ...when, fromMinute: Number(minutes) }); }} />
      <SelectField id="until_minute" label={t`この時刻まで`} error={errorOf(errors, "until_minute")} value={String(when.untilMinute)} options={hours(1)} onChange={(minutes) => { onWhen({ ...when, untilMinute: Number(minutes) }); }} />
    </>
  );
}
