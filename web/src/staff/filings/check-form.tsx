import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { errorOf, type FieldError } from "../../ui/errors";
import { RadioGroup, TextField } from "../../ui/fields";
import { type Check, said } from "./words";

type Demand = Schemas["FilingCriterion"];

/** What stands for a demand while it is typed. */
export interface Draft { met: "" | "yes" | "no"; evidence: string; url: string; checked: string; snapshot: string }

export const draftOf = (check: Check | undefined): Draft => ({
  met: check ? (check.met ? "yes" : "no") : "",
  evidence: check?.evidence ?? "",
  url: check?.url ?? "",
  checked: check?.checked_on ?? "",
  snapshot: check?.snapshot_on ?? "",
});

/** As it is sent. */
export const checkOf = (demand: Demand, draft: Draft): Check => ({
  item: demand.item,
  met: draft.met === "yes",
  evidence: draft.evidence,
  ...(demand.page ? { url: draft.url || null, checked_on: draft.checked || null, snapshot_on: draft.snapshot || null } : {}),
});

/** The name of a demand with the letter by which the notice calls it. */
export const demandName = (demand: Demand): string => `${demand.letter ? `${demand.letter}　` : ""}${said(demand)}`;

/** The controls for one demand. Their ids begin with `at`. */
export function CheckFields({ at, demand, draft, errors, remark, onChange }: {
  at: string;
  demand: Demand;
  draft: Draft;
  errors: FieldError[];
  remark?: string | undefined;
  onChange: (change: Partial<Draft>) => void;
}) {
  const { t } = useLingui();
  const error = (part: string) => errorOf(errors, `${at}-${part}`);
  return (
    <>
      <RadioGroup id={at} legend={demandName(demand)} hint={demand.source} error={errorOf(errors, at) ?? (remark ? t`指摘：${remark}` : undefined)} value={draft.met} onChange={(met) => { onChange({ met }); }} options={[
        { value: "yes", label: t`満たす` },
        { value: "no", label: t`満たさない` },
      ]} />
      <TextField id={`${at}-evidence`} rows={2} label={t`それを示すもの`} error={error("evidence")} value={draft.evidence} onChange={(evidence) => { onChange({ evidence }); }} />
      {demand.page ? (
        <>
          <TextField id={`${at}-url`} label={t`掲載しているページ（https:// から）`} error={error("url")} value={draft.url} onChange={(url) => { onChange({ url }); }} />
          <TextField id={`${at}-checked_on`} type="date" width="medium" label={t`ページを確かめた日`} error={error("checked_on")} value={draft.checked} onChange={(checked) => { onChange({ checked }); }} />
          <TextField id={`${at}-snapshot_on`} type="date" width="medium" label={t`ページの控えを取った日`} error={error("snapshot_on")} value={draft.snapshot} onChange={(snapshot) => { onChange({ snapshot }); }} />
        </>
      ) : null}
    </>
  );
}

/** One demand of a notification, saved by itself. */
export function CheckForm({ demand, check, errors, remark, busy, onSave }: {
  demand: Demand;
  check: Check | undefined;
  errors: FieldError[];
  remark?: string | undefined;
  busy: boolean;
  onSave: (check: Check) => Promise<boolean>;
}) {
  const { t } = useLingui();
  const [draft, setDraft] = useState<Draft>(() => draftOf(check));
  const [saved, setSaved] = useState(false);
  const at = `checks-${demand.item}`;
  return (
    <form className="panel" noValidate aria-label={demandName(demand)} onSubmit={(event) => {
      event.preventDefault();
      void onSave(checkOf(demand, draft)).then(setSaved);
    }}>
      <CheckFields at={at} demand={demand} draft={draft} errors={errors} remark={remark} onChange={(change) => {
        setDraft({ ...draft, ...change });
        setSaved(false);
      }} />
      <button type="submit" className="button button-outline" disabled={busy || draft.met === ""}>{t`この項目を保存する`}</button>
      {saved ? <p role="status">{t`保存しました。`}</p> : null}
    </form>
  );
}
