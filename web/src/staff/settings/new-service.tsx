import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { client, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { Failure } from "../../ui/errors";
import { CheckField, RadioGroup, TextField } from "../../ui/fields";
import { useCall } from "../use-call";

/** What a kind of visit begins with; everything can be set after. */
const RULES: Schemas["ServiceRules"] = {
  length_min: 15, step_min: 15, buffer_before_min: 0, buffer_after_min: 0, notice_min: 60, notice_working_days: 0, horizon_days: 30,
  change_cutoff_min: 120, cancel_cutoff_min: 60, needs_approval: false, answer_within_min: 2880, visit: "any", daily_limit: null,
  capacity: 1, needs_room: false, patient_daily_limit: 2, clinicians: [], team: [],
};

type Visit = Schemas["Stage"];

/** A kind of visit that the clinic does not offer yet: first, repeat, a talk before care, self-pay. */
export function NewService({ onAdded }: { onAdded: (id: string) => void }) {
  const { t } = useLingui();
  const [kind, setKind] = useState<Schemas["ServiceKind"]>("online_care");
  const [visit, setVisit] = useState<Visit>("any");
  const [insured, setInsured] = useState(true);
  const [names, setNames] = useState({ ja: "", en: "" });
  const { busy, failure, call } = useCall();
  const fault = (name: string) => (failure ? problemOf(failure).fields.find(({ pointer }) => pointer === `/${name}`)?.detail : undefined);
  const add = async () => {
    const body = { kind, name_ja: names.ja, name_en: names.en, insured, rules: { ...RULES, visit } };
    const added = await call(() => client.POST("/api/clinic/services", { body }));
    if (!added) return;
    setNames({ ja: "", en: "" });
    onAdded(added.id);
  };
  return (
    <details>
      <summary>{t`診療の種類を足す`}</summary>
      <form className="narrow-form" noValidate onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}>
        {failure ? <Failure error={failure} /> : null}
        <RadioGroup id="new-kind" legend={t`何をするか`} value={kind} onChange={setKind} options={[
          { value: "online_care", label: t`オンライン診療` },
          { value: "pre_consultation", label: t`診療前相談（診断と処方はできません）` },
        ]} />
        {kind === "online_care" ? (
          <>
            <RadioGroup id="new-visit" legend={t`初診・再診`} value={visit} onChange={setVisit} options={[
              { value: "any", label: t`初診と再診` },
              { value: "first", label: t`初診だけ` },
              { value: "repeat", label: t`再診だけ` },
            ]} />
            <CheckField id="new-insured" label={t`保険診療（外すと自費診療）`} checked={insured} onChange={setInsured} />
          </>
        ) : null}
        <TextField id="new-name-ja" label={t`診療の名前`} error={fault("name_ja")} value={names.ja} onChange={(ja) => { setNames({ ...names, ja }); }} />
        <TextField id="new-name-en" label={t`英語の名前`} error={fault("name_en")} value={names.en} onChange={(en) => { setNames({ ...names, en }); }} />
        <p className="hint">{t`足すと、すぐに患者さんに出ます。長さや期限、この診療だけの時間は、足した後に決められます。`}</p>
        <button type="submit" className="button button-outline" disabled={busy}>{t`この診療を足す`}</button>
      </form>
    </details>
  );
}

/** Stops offering a kind of visit. */
export function CloseService({ service, onClosed }: { service: Schemas["ClinicService"]; onClosed: () => void }) {
  const { t } = useLingui();
  const { busy, failure, call } = useCall();
  const close = async () => {
    if (await call(() => client.DELETE("/api/clinic/services/{id}", { params: { path: { id: service.id } } })) !== undefined) onClosed();
  };
  return (
    <details>
      <summary>{t`この診療をやめる`}</summary>
      {failure ? <Failure error={failure} /> : null}
      <p>{t`予約や空き待ち、この診療だけの時間が残っているうちは、やめられません。`}</p>
      <button type="button" className="button button-danger" disabled={busy} onClick={() => { void close(); }}>{t`この診療をやめる`}</button>
    </details>
  );
}
