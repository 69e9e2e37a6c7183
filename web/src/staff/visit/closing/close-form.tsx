import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { client, type Schemas, type Visit } from "../../../api/client";
import { problemOf } from "../../../api/problem";
import { Banner } from "../../../ui/banner";
import { ErrorSummary, errorOf, Failure, type FieldError } from "../../../ui/errors";
import { RadioGroup, TextField } from "../../../ui/fields";

type Outcome = Schemas["CloseWish"]["outcome"];

/** How the visit ended. "Done" is refused by the server unless both sides were seen on video. */
export function CloseForm({ visit }: { visit: Visit }) {
  const { t } = useLingui();
  const [outcome, setOutcome] = useState<Outcome | "">("");
  const [note, setNote] = useState("");
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const [saved, setSaved] = useState(false);
  const save = async () => {
    setFailure(null);
    setErrors(outcome ? [] : [{ field: "outcome", text: t`結果を選んでください` }]);
    if (!outcome) return;
    try {
      const { data, error } = await client.POST("/api/clinic/visits/{id}/close", {
        params: { path: { id: visit.booking.id } },
        body: { outcome, ...(note.trim() ? { note: note.trim() } : {}) },
      });
      if (data) setSaved(true);
      else setFailure(error);
    } catch (error) {
      setFailure(error);
    }
  };
  if (saved) {
    return (
      <Banner kind="success" live title={t`診察を閉じました`}>
        <p><a className="button button-outline" href="/staff">{t`診察の一覧へ`}</a></p>
      </Banner>
    );
  }
  const unseen = problemOf(failure).code === "video_not_seen";
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <h2>{t`診察を閉じる`}</h2>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      {unseen ? <p>{t`両方の映像が映っていない診察は、オンライン診療として終えられません。ほかの結果を選んでください。`}</p> : null}
      <RadioGroup id="outcome" legend={t`結果`} error={errorOf(errors, "outcome")} value={outcome} onChange={setOutcome} options={[
        { value: "done", label: t`診察した` },
        { value: "converted_to_in_person", label: t`来院での診察へ変えた` },
        { value: "patient_absent", label: t`患者が来なかった` },
        { value: "doctor_absent", label: t`医師が出られなかった` },
        { value: "could_not_connect", label: t`つながらなかった` },
      ]} />
      <TextField id="note" optional rows={3} label={t`メモ`} value={note} onChange={setNote} />
      <p className="buttons">
        <button type="submit" className="button button-solid">{t`保存して閉じる`}</button>
        <a className="button button-outline" href="/staff">{t`あとで閉じる`}</a>
      </p>
    </form>
  );
}
