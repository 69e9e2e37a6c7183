import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { api, type Booking } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { labelOf, useAnswerText } from "../../ui/question-words";
import { QueryState } from "../../ui/query-state";
import { SummaryList } from "../../ui/summary-list";
import { READ_ONCE_SHOWN } from "../read-once";
import { BasisPart } from "./basis-part";
import { type Answered, type Intake, partsOf } from "./parts";

/** What a visit was booked with, as its doctor reads it: basis, complaint, medicines and history, signs, consents. */
export function IntakeView({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const path = { params: { path: { id: booking.id } } };
  const query = api.useQuery("get", "/api/clinic/visits/{id}/intake", path, READ_ONCE_SHOWN);
  const intake = query.data;
  if (!intake) return <QueryState query={query} />;
  const { history, others } = partsOf(intake.questionnaire?.items ?? []);
  return (
    <>
      <BasisPart booking={booking} basis={intake.first_visit} onReload={() => query.refetch()} onSaved={(next) => {
        queries.setQueryData(api.queryOptions("get", "/api/clinic/visits/{id}/intake", path).queryKey, next);
        // What must be clear around the visit says so as well, where it is on show.
        void queries.invalidateQueries({ queryKey: ["get", "/api/clinic/visits/{id}/clearance"] });
      }} />
      <h2>{t`相談の内容`}</h2>
      <p className="multi-line">{intake.symptoms ?? t`（残っていません）`}</p>
      {history.length > 0 ? <Answers title={t`お薬・アレルギー歴・既往歴`} items={history} /> : null}
      {others.length > 0 ? <Answers title={history.length > 0 ? t`そのほかの問診` : t`問診`} items={others} /> : null}
      {intake.questionnaire ? null : <p>{t`この予約では、問診はありません。`}</p>}
      {intake.triage ? <Answers title={t`急いで受診が必要な症状`} items={intake.triage.items} /> : null}
      <Consents booking={booking} consents={intake.consents} />
      <Acknowledged intake={intake} />
    </>
  );
}

function Answers({ title, items }: { title: string; items: Answered[] }) {
  const text = useAnswerText();
  return (
    <>
      <h2>{title}</h2>
      <div className="answers"><SummaryList rows={items.map(({ question, answer }) => ({ term: labelOf(question), value: <span className="multi-line">{text(question, answer)}</span> }))} /></div>
    </>
  );
}

function Consents({ booking, consents }: { booking: Booking; consents: Intake["consents"] }) {
  const { t } = useLingui();
  const at = (instant: string) => dayAndTime(instant, booking.zone, language());
  const kinds: Record<Intake["consents"][number]["kind"], string> = { online_care: t`オンライン診療を受けること`, privacy: t`個人情報の扱い` };
  const methods: Record<Intake["consents"][number]["method"], string> = { checkbox: t`画面で`, spoken: t`口頭で`, paper: t`書面で` };
  return (
    <>
      <h2>{t`同意`}</h2>
      {consents.length === 0 ? <p>{t`同意の記録はありません。`}</p> : null}
      <SummaryList rows={consents.map((one) => ({
        term: kinds[one.kind],
        value: (
          <>
            {t`${at(one.at)} に同意（${methods[one.method]}、説明は第${one.version}版）`}
            {one.withdrawn_at ? <strong className="bad block">{t`${at(one.withdrawn_at)} に取り消されました`}</strong> : null}
          </>
        ),
      }))} />
    </>
  );
}

/** Of a talk before care: that it may be refused, and its fee (G-03). */
function Acknowledged({ intake }: { intake: Intake }) {
  const { t } = useLingui();
  if (!intake.refusal_acknowledged && !intake.fee_acknowledged) return null;
  return (
    <ul>
      {intake.refusal_acknowledged ? <li>{t`オンライン診療をお断りすることがあると、確かめました`}</li> : null}
      {intake.fee_acknowledged ? <li>{t`診療前相談の料金を、確かめました`}</li> : null}
    </ul>
  );
}
