import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { language } from "../../i18n";
import { errorOf, ErrorSummary, Failure, fieldErrors, useErrors } from "../../ui/errors";
import { CheckField, SelectField, TextField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { Said } from "../../ui/said";
import { useAccount } from "../account";
import { TableFrame } from "../table-frame";
import { useCall } from "../use-call";
import { CsvUpload } from "./csv-upload";
import { wholeNumber } from "./numbers";

type Indicator = Schemas["IndicatorReport"];

const titleOf = (one: Indicator): string => (language() === "ja" ? one.title_ja : one.title_en);

/** Other figures of the same plan: each value with its fraction and its source, and new ones by form or file. */
export function IndicatorsPage() {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/indicators");
  const mayEnter = useAccount().role === "prefecture_admin";
  const again = () => { void query.refetch(); };
  const items = query.data?.items ?? [];
  return (
    <>
      <PageTitle title={t`指標`} />
      <p>
        <a href={`/sheet?lang=${language()}`}>{t`検討シートを開く`}</a> ｜ <a href={`/indicators.csv?lang=${language()}`} download>{t`CSV をダウンロード`}</a>
      </p>
      <QueryState query={query} />
      {items.map((indicator) => <IndicatorTable key={indicator.key} indicator={indicator} onRetracted={mayEnter ? again : undefined} />)}
      {mayEnter && items.length > 0 ? (
        <>
          <h2>{t`新しい調査の値を入れる`}</h2>
          <section className="panel"><ValueForm indicators={items} onKept={again} /></section>
          <section className="panel">
            <CsvUpload id="indicator-file" label={t`CSV で入れる`} columns={t`指標、時点、推計、値、分子、分母、出典`} onKept={again} send={(file, dryRun) =>
              client.POST("/api/admin/indicators/file", { params: { query: { dry_run: dryRun } }, body: file.name, bodySerializer: () => file, headers: { "Content-Type": "text/csv" } })
            } />
          </section>
        </>
      ) : null}
    </>
  );
}

function IndicatorTable({ indicator, onRetracted }: { indicator: Indicator; onRetracted?: (() => void) | undefined }) {
  const { t } = useLingui();
  const { busy, failure, call } = useCall();
  const units: Record<Indicator["unit"], string> = { percent: t`割合`, ten_thousand_people: t`万人`, people: t`人` };
  const changes = indicator.points.some((point) => point.change_shown != null);
  const retract = async (id: string) => {
    if (await call(() => client.DELETE("/api/admin/indicators/{id}", { params: { path: { id } } })) !== undefined) onRetracted?.();
  };
  return (
    <>
      {failure ? <Failure error={failure} /> : null}
      <TableFrame label={titleOf(indicator)}>
        <table className="table table-even stacked">
          <caption>{titleOf(indicator)}</caption>
          <thead>
            <tr>
              <th scope="col">{t`時点`}</th>
              <th scope="col" className="figures">{units[indicator.unit]}</th>
              {changes ? <th scope="col" className="figures">{t`増減`}</th> : null}
              <th scope="col">{t`出典`}</th>
              {onRetracted ? <th scope="col">{t`操作`}</th> : null}
            </tr>
          </thead>
          <tbody>
            {indicator.points.map((point) => {
              const label = language() === "ja" ? point.label_ja : point.label_en;
              return (
                <tr key={point.id}>
                  <th scope="row" data-label={t`時点`}>{label}{point.projection ? t`（推計）` : ""}</th>
                  <td className="figures" data-label={units[indicator.unit]}>{point.shown}</td>
                  {changes ? <td className="figures" data-label={t`増減`}>{point.change_shown ?? "―"}</td> : null}
                  <td data-label={t`出典`}>{point.source}</td>
                  {onRetracted ? (
                    <td data-label={t`操作`}>
                      {point.origin === "seed" ? "―" : (
                        <button type="button" className="link" disabled={busy} aria-label={t`${titleOf(indicator)} ${label} を取り消す`} onClick={() => { void retract(point.id); }}>{t({ message: "取り消す", context: "value" })}</button>
                      )}
                    </td>
                  ) : null}
                </tr>
              );
            })}
          </tbody>
        </table>
      </TableFrame>
    </>
  );
}

const EMPTY = { period: "", value: "", numerator: "", denominator: "", source: "", projection: false };

function ValueForm({ indicators, onKept }: { indicators: Indicator[]; onKept: () => void }) {
  const { t } = useLingui();
  const [key, setKey] = useState(indicators[0]?.key ?? "");
  const [entry, setEntry] = useState(EMPTY);
  const [errors, setErrors] = useErrors();
  const [said, setSaid] = useState("");
  const { busy, failure, call } = useCall();
  const share = indicators.find((one) => one.key === key)?.unit === "percent";
  const put = (part: Partial<typeof EMPTY>) => { setEntry({ ...entry, ...part }); };
  const error = (field: string) => errorOf(errors, `indicator-${field}`);
  const enter = async () => {
    setSaid("");
    const { numerator, denominator, ...rest } = entry;
    const fraction = share && (numerator || denominator) ? { numerator: wholeNumber(numerator) ?? null, denominator: wholeNumber(denominator) ?? null } : {};
    const kept = await call(async () => {
      const answer = await client.POST("/api/admin/indicators", { body: { key, ...rest, ...fraction } });
      setErrors(fieldErrors(answer.error, "indicator"));
      return answer;
    });
    if (!kept) return;
    setEntry({ ...EMPTY, period: entry.period, source: entry.source });
    setSaid(kept.changed > 0 ? t`値を訂正しました。` : kept.new > 0 ? t`値を入れました。` : t`同じ値が、もう入っています。`);
    onKept();
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void enter();
    }}>
      <ErrorSummary errors={errors} />
      {failure && errors.length === 0 ? <Failure error={failure} /> : null}
      {said ? <Said><p role="status">{said}</p></Said> : null}
      <SelectField id="indicator-key" label={t`指標`} error={error("key")} value={key} options={indicators.map((one) => ({ value: one.key, label: titleOf(one) }))} onChange={setKey} />
      <TextField id="indicator-period" label={t`時点`} hint={t`年、年月、年月日のどれか。例：2026、2026-03、2026-03-01`} width="short" error={error("period")} value={entry.period} onChange={(period) => { put({ period }); }} />
      <TextField id="indicator-value" label={share ? t`割合（％）` : t`値`} inputMode="decimal" width="short" error={error("value")} value={entry.value} onChange={(value) => { put({ value }); }} />
      {share ? (
        <>
          <TextField id="indicator-numerator" label={t`分子`} optional inputMode="numeric" width="short" error={error("numerator")} value={entry.numerator} onChange={(numerator) => { put({ numerator }); }} />
          <TextField id="indicator-denominator" label={t`分母`} optional inputMode="numeric" width="short" error={error("denominator")} value={entry.denominator} onChange={(denominator) => { put({ denominator }); }} />
        </>
      ) : null}
      <CheckField id="indicator-projection" label={t`推計の値`} checked={entry.projection} onChange={(projection) => { put({ projection }); }} />
      <TextField id="indicator-source" label={t`出典`} error={error("source")} value={entry.source} onChange={(source) => { put({ source }); }} />
      <button type="submit" className="button button-solid" disabled={busy}>{t`値を入れる`}</button>
    </form>
  );
}
