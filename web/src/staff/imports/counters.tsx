import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";
import { count } from "../../i18n";
import { TableFrame } from "../table-frame";

/** Which rows of a list are open. */
export interface Choice {
  thing: "institution" | "notification";
  kind: "new" | "changed" | "lapsed" | "unchanged" | "error" | "warning";
  page: number;
}

/** What the kinds of rows are called. */
export function useKinds(): Record<Choice["kind"], string> {
  const { t } = useLingui();
  return { new: t`新規`, changed: t`変更`, lapsed: t`失効`, unchanged: t`変更なし`, error: t`エラー`, warning: t`注意` };
}

/** What the two things of a list are called. */
export function useThings(): Record<Choice["thing"], string> {
  const { t } = useLingui();
  return { institution: t`医療機関`, notification: t`届出` };
}

/** How many are new, changed, lapsed, as before and wrong; each number opens its rows. */
export function Counters({ summary, choice, onChoose }: { summary: Schemas["Summary"]; choice: Choice | undefined; onChoose: (choice: Choice | undefined) => void }) {
  const { t } = useLingui();
  const kinds = useKinds();
  const things = useThings();
  const columns = ["new", "changed", "lapsed", "unchanged", "error"] as const;
  const rows = [
    { thing: "institution", tally: { ...summary.institutions, error: summary.errors.institutions } },
    { thing: "notification", tally: { ...summary.notifications, error: summary.errors.notifications } },
  ] as const;
  return (
    <TableFrame label={t`変わるところ`}>
      <table className="table stacked">
        <caption>{t`変わるところ（数を押すと、その行が開きます）`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`区分`}</th>
            {columns.map((kind) => <th scope="col" className="figures" key={kind}>{kinds[kind]}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ thing, tally }) => (
            <tr key={thing}>
              <th scope="row" data-label={t`区分`}>{things[thing]}</th>
              {columns.map((kind) => {
                const open = choice?.thing === thing && choice.kind === kind;
                return (
                  <td className="figures" key={kind} data-label={kinds[kind]}>
                    {tally[kind] === 0 ? "0" : (
                      <button type="button" className="link" aria-expanded={open} aria-label={t`${things[thing]} ${kinds[kind]} ${count(tally[kind])} の行`} onClick={() => { onChoose(open ? undefined : { thing, kind, page: 1 }); }}>
                        {count(tally[kind])}
                      </button>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
