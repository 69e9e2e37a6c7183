import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { SummaryList } from "../../ui/summary-list";
import { CLINIC_ZONE } from "../today-page";
import { day, said, useStateNames, useStepNames, type Whole } from "./words";

/** The name of a field or demand that a remark is about. */
export const placeName = (whole: Whole, id: string): string => {
  const { field, demand } = whole.definition;
  const found = field.find((one) => one.id === id) ?? demand.find((one) => one.item === id);
  return found ? said(found) : id;
};

/** What was done to a notification: by whom, when, why, and what is to be corrected. */
export function History({ whole }: { whole: Whole }) {
  const { t } = useLingui();
  const steps = useStepNames();
  const states = useStateNames();
  if (whole.events.length === 0) return null;
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">{t`経過`}</h2>
      <ol>
        {whole.events.map((event: Schemas["FilingEvent"]) => (
          <li key={event.number}>
            <strong>{steps[event.step]}</strong> {dayAndTime(event.at, CLINIC_ZONE, language())} {event.by ?? t`（自動）`}
            <span className="small block">{t`${states[event.from]} から ${states[event.to]} へ`}</span>
            {event.reason ? <span className="block">{t`理由：${event.reason}`}</span> : null}
            {Object.keys(event.remarks).length > 0 ? (
              <ul>
                {Object.entries(event.remarks).map(([id, remark]) => <li key={id}>{placeName(whole, id)}：{remark}</li>)}
              </ul>
            ) : null}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Number and days of a notification. */
export function Office({ whole }: { whole: Whole }) {
  const { t } = useLingui();
  const states = useStateNames();
  const { filing } = whole;
  return (
    <SummaryList rows={[
      { term: t`届出者`, value: `${whole.name}${whole.code10 ? `（${whole.code10}）` : ""}` },
      { term: t`届け先`, value: language() === "ja" ? whole.definition.to_ja : whole.definition.to_en },
      { term: t`状態`, value: <strong>{states[filing.state]}</strong> },
      ...(filing.due_on ? [{ term: t`法の期限`, value: day(filing.due_on) }] : []),
      ...(filing.correct_by ? [{ term: t`補正の期限`, value: day(filing.correct_by) }] : []),
      ...(filing.submitted_on ? [{ term: t`提出日`, value: day(filing.submitted_on) }] : []),
      ...(filing.acceptance_number ? [
        { term: t`受理番号`, value: filing.acceptance_number },
        { term: t`受理した日`, value: day(filing.accepted_on) },
        { term: t`有効になる日`, value: day(filing.effective_from) },
      ] : []),
      ...(filing.ended_on ? [{ term: t`効力がなくなる日`, value: day(filing.ended_on) }] : []),
    ]} />
  );
}
