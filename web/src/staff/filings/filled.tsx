import { useLingui } from "@lingui/react/macro";
import { SummaryList } from "../../ui/summary-list";
import { demandName } from "./check-form";
import { isShown } from "./form-fields";
import { day, said, type Whole } from "./words";

/** What was handed in, to be read. */
export function Filled({ whole }: { whole: Whole }) {
  const { t } = useLingui();
  const { form, site } = whole;
  const answer = (field: Whole["definition"]["field"][number]) => {
    const text = form[field.id] ?? "";
    const chosen = field.options?.find((one) => one.id === text);
    if (chosen) return said(chosen);
    return field.type === "date" ? day(text) : text || "―";
  };
  const linked = whole.links.filter((link) => link.confirmed_at).map((link) => link.facility_name);
  return (
    <>
      {site ? (
        <>
          <h2>{t`受診施設`}</h2>
          <SummaryList rows={[
            { term: t`設置者`, value: site.operator_name },
            { term: t`名前`, value: site.name },
            { term: t`住所`, value: site.address },
            { term: t`電話`, value: site.telephone },
            { term: t`24時間の連絡先`, value: site.contact_24h },
            { term: t`利用料`, value: t`${site.usage_fee}円` },
            { term: t`看護師など`, value: site.has_nurse ? t`いる` : t`いない` },
            { term: t`連携する医療機関`, value: linked.join("、") || "―" },
          ]} />
        </>
      ) : null}
      <h2>{t`記載事項`}</h2>
      <SummaryList rows={whole.definition.field.filter((field) => isShown(field, form)).map((field) => ({ term: said(field), value: answer(field) }))} />
      <h2>{t`基準と、それを示すもの`}</h2>
      <SummaryList rows={whole.definition.demand.map((demand) => {
        const check = whole.checks.find((one) => one.item === demand.item);
        return {
          term: demandName(demand),
          value: check ? (
            <>
              <strong>{check.met ? t`満たす` : t`満たさない`}</strong> {check.evidence}
              {check.url ? <span className="block"><a href={check.url} rel="noopener noreferrer" target="_blank">{check.url}</a></span> : null}
              {check.url ? <span className="small block">{t`確かめた日 ${day(check.checked_on)}、控えの日 ${day(check.snapshot_on)}`}</span> : null}
            </>
          ) : "―",
        };
      })} />
    </>
  );
}
