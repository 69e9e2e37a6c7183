import { useLingui } from "@lingui/react/macro";
import { language } from "../i18n";
import { TableFrame } from "./table-frame";

/** A chart drawn by the server, with the address of its numbers. The table stands beside it. */
export function Figure({ svg: plainSvg, csv: plainCsv, alt }: { svg: string; csv: string; alt: string }) {
  const { t } = useLingui();
  const inPageLanguage = (address: string) => `${address}${address.includes("?") ? "&" : "?"}lang=${language()}`;
  const [svg, csv] = [inPageLanguage(plainSvg), inPageLanguage(plainCsv)];
  return (
    <figure className="figure">
      <TableFrame label={t`図`}>
        <img src={svg} alt={alt} />
      </TableFrame>
      <figcaption>
        <a href={csv} download>{t`CSV をダウンロード`}</a> ｜ <a href={svg}>{t`図だけを開く（SVG）`}</a>
      </figcaption>
    </figure>
  );
}
