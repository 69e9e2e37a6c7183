import { useLingui } from "@lingui/react/macro";
import type { Booking, Schemas } from "../../api/client";
import { count, language } from "../../i18n";
import { errorOf, type FieldError } from "../../ui/errors";
import { CheckField } from "../../ui/fields";
import { SummaryList } from "../../ui/summary-list";
import { feeOf } from "../service";
import type { Terms } from "./intake";
import { inPage } from "../../ui/question-words";

/** A fee in words: yen, or what each share comes to. */
export function useFeeText(): (fee: Schemas["FeeJson"]) => string {
  const { t } = useLingui();
  return (fee) => {
    if (fee.yen != null) return t`${count(fee.yen)} 円`;
    if (!fee.points) return t`医療機関に確かめてください`;
    const shares = fee.points.estimates.map((one) => {
      const tenths = one.share_pct / 10;
      return t`${tenths}割負担 約 ${count(one.yen)} 円`;
    });
    return shares.join(language() === "ja" ? "、" : ", ");
  };
}

/** What it costs, all of it before anything is confirmed. */
export function FeeTable({ booking, fees }: { booking: Booking; fees: Terms["fees"] }) {
  const { t } = useLingui();
  const text = useFeeText();
  if (!fees) return <p>{feeOf(booking.service, language())}</p>;
  const cancel = fees.cancel.fee_yen;
  const cancelNote = inPage(fees.cancel.note_ja ?? "", fees.cancel.note_en);
  const row = (term: string, value: string, note: string) => ({ term, value: note ? <>{value}<br />{note}</> : value });
  return (
    <>
      <SummaryList rows={[
        ...fees.items.map((fee) => row(inPage(fee.name_ja, fee.name_en), text(fee), inPage(fee.note_ja, fee.note_en))),
        ...(cancel != null || cancelNote ? [row(t`取り消したときの料金`, cancel == null ? "" : cancel === 0 ? t`かかりません` : t`${count(cancel)} 円`, cancelNote)] : []),
      ]} />
      {fees.items.some((fee) => fee.points) ? <p className="hint">{t`「約」の金額は目安です。診察の内容によって変わります。`}</p> : null}
    </>
  );
}

/** Ids of the boxes that must be ticked, in their order on the page. */
export const boxesOf = (terms: Terms): string[] => [
  ...terms.consents.map((text) => `consent-${text.kind}`),
  ...terms.acknowledge.map((what) => `${what}_acknowledged`),
];

/** Which text a box stands for: a text that changed has to be ticked again. */
export const tickOf = (terms: Terms, box: string): string => {
  const text = terms.consents.find((one) => `consent-${one.kind}` === box);
  return text ? `${box} ${String(text.version)}` : `${box} ${String(terms.fees?.version ?? 0)}`;
};

/** Each text with a box of its own that nobody ticked beforehand. */
export function Consents({ terms, errors, ticked, onTick }: {
  terms: Terms;
  errors: FieldError[];
  ticked: (box: string) => boolean;
  onTick: (box: string, on: boolean) => void;
}) {
  const { t } = useLingui();
  const box = (id: string, label: string) => <CheckField id={id} label={label} error={errorOf(errors, id)} checked={ticked(id)} onChange={(on) => { onTick(id, on); }} />;
  return (
    <>
      {terms.consents.map((text) => {
        const privacy = text.kind === "privacy";
        return (
          <section key={text.kind}>
            <h2>{privacy ? t`個人情報の扱いについての説明` : t`オンライン診療についての説明`}</h2>
            <p className="multi-line">{inPage(text.text_ja, text.text_en)}</p>
            {box(`consent-${text.kind}`, privacy ? t`説明を読みました。個人情報の扱いに同意します` : t`説明を読みました。オンライン診療を受けることに同意します`)}
          </section>
        );
      })}
      {terms.acknowledge.length > 0 ? <h2>{t`診療前相談について`}</h2> : null}
      {terms.acknowledge.includes("refusal") ? box("refusal_acknowledged", t`相談の結果、オンライン診療を受けられないことがあると分かりました`) : null}
      {terms.acknowledge.includes("fee") ? box("fee_acknowledged", t`オンライン診療を受けられなくても、相談の料金がかかることがあると分かりました`) : null}
    </>
  );
}
