import { useLingui } from "@lingui/react/macro";
import { Banner } from "../../ui/banner";
import { inPage, labelOf } from "../../ui/question-words";
import { useFeeText } from "./terms";
import type { Changes } from "./use-intake";

/** What the clinic changed while somebody was answering, said in so many words. */
export function News({ news }: { news: Changes | undefined }) {
  const { t } = useLingui();
  const fee = useFeeText();
  if (!news) return null;
  return (
    <div className="banner banner-warning" role="alert">
      <p className="banner-title">{t`入力中に、医療機関が内容を変えました。確かめてください`}</p>
      <ul>
        {news.questions.map((question) => <li key={question.id}>{t`質問: ${labelOf(question)}`}</li>)}
        {news.fees.map(({ was, is }) => {
          const name = inPage(is.name_ja, is.name_en);
          const now = fee(is);
          const before = was ? fee(was) : t`なし`;
          return <li key={name}>{t`${name}: ${before} から ${now} に変わりました`}</li>;
        })}
        {news.feesChanged && news.fees.length === 0 ? <li>{t`料金の表が変わりました`}</li> : null}
        {news.consents.map((text) => <li key={text.kind}>{text.kind === "privacy" ? t`個人情報の扱いについての説明が変わりました` : t`オンライン診療についての説明が変わりました`}</li>)}
      </ul>
    </div>
  );
}

/** A sign of an emergency: the telephone, not a booking. */
export function CallTheClinic({ telephone, emergency = "119" }: { telephone: string; emergency?: string }) {
  const { t } = useLingui();
  return (
    <div role="alert">
      <Banner kind="error" title={t`予約を待たずに、今すぐ電話してください`}>
        <p>{t`答えの内容から、急いで診察が必要かもしれません。`}</p>
        <p className="buttons">
          <a className="button button-solid button-large" href={`tel:${telephone.replace(/[^\d+]/g, "")}`}>
            {t`医療機関に電話する ${telephone}`}
          </a>
          <a className="button button-outline button-large" href={`tel:${emergency}`}>
            {t`救急車を呼ぶ ${emergency}`}
          </a>
        </p>
      </Banner>
    </div>
  );
}
