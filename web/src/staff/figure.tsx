import { useLingui } from "@lingui/react/macro";

/** A chart drawn by the server, with the address of its numbers. The table stands beside it. */
export function Figure({ svg, csv, alt }: { svg: string; csv: string; alt: string }) {
  const { t } = useLingui();
  return (
    <figure className="figure">
      <img src={svg} alt={alt} />
      <figcaption>
        <a href={csv} download>{t`CSV をダウンロード`}</a> ｜ <a href={svg}>{t`図だけを開く（SVG）`}</a>
      </figcaption>
    </figure>
  );
}
