import { useLingui } from "@lingui/react/macro";

/** Human help, in the same place on every screen: name of the clinic and its number. */
export function Telephone({ name, number }: { name: string; number: string }) {
  const { t } = useLingui();
  return (
    <aside className="telephone" aria-label={t`電話でのお問い合わせ`}>
      <p>
        {t`お困りのときは電話でも受け付けています`}
        <br />
        <span className="telephone-name">{name}</span>{" "}
        <a className="telephone-number" href={`tel:${number.replace(/[^\d+]/g, "")}`}>
          {number}
        </a>
      </p>
    </aside>
  );
}
