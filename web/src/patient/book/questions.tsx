import { useLingui } from "@lingui/react/macro";
import { BirthDateField } from "../../ui/birth-date";
import { errorOf, type FieldError } from "../../ui/errors";
import { RadioGroup, TextField } from "../../ui/fields";
import type { Booking } from "../../api/client";
import type { Draft, Relation, Step } from "./draft";
import type { Asked } from "./intake";
import { ClinicQuestions, FlagQuestions } from "./intake-fields";

/** The question of each page; it is the page's heading too. */
export function useStepTitle(step: Step): string {
  const { t } = useLingui();
  switch (step) {
    case "who":
      return t`どなたの受診ですか`;
    case "name":
      return t`受診する方のお名前`;
    case "birth":
      return t`受診する方の生年月日`;
    case "contact":
      return t`連絡先`;
    case "symptoms":
      return t`どのようなご相談ですか`;
    case "flags":
      return t`急いで診るほうがよいかの確認`;
    case "clinic":
      return t`医療機関からの質問`;
    case "check":
      return t`内容を確かめてください`;
  }
}

/** Family relations in words. */
export function useRelations(): { value: Relation; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "child", label: t`子ども` },
    { value: "parent", label: t`親` },
    { value: "spouse", label: t`夫・妻・パートナー` },
    { value: "other", label: t`その他` },
  ];
}

export interface Props {
  draft: Draft;
  errors: FieldError[];
  onDraft: (draft: Draft) => void;
}

/** The fields of one page. */
export function Question({ step, asked, booking, ...props }: Props & { step: Exclude<Step, "check">; asked: Asked; booking: Booking }) {
  switch (step) {
    case "who":
      return <Who {...props} />;
    case "name":
      return <Name {...props} />;
    case "birth":
      return <Birth {...props} />;
    case "contact":
      return <Contact {...props} />;
    case "symptoms":
      return <Symptoms {...props} />;
    case "flags":
      return <FlagQuestions asked={asked} booking={booking} {...props} />;
    case "clinic":
      return <ClinicQuestions asked={asked} {...props} />;
  }
}

/** Who it is for. */
export function Who({ draft, errors, onDraft, plain = true }: Props & { plain?: boolean }) {
  const { t } = useLingui();
  const relations = useRelations();
  return (
    <>
      <RadioGroup id="for_whom" plain={plain} legend={t`どなたの受診ですか`} error={errorOf(errors, "for_whom")} value={draft.forWhom} onChange={(forWhom) => { onDraft({ ...draft, forWhom }); }} options={[
        { value: "self", label: t`自分` },
        { value: "family", label: t`家族`, hint: t`家族のために予約します` },
      ]} />
      {draft.forWhom === "family" ? (
        <>
          <RadioGroup id="relation" legend={t`受診する方は、あなたの`} error={errorOf(errors, "relation")} value={draft.relation} onChange={(relation) => { onDraft({ ...draft, relation }); }} options={relations} />
          <TextField id="booker_name" label={t`予約する方（あなた）のお名前`} autoComplete="name" error={errorOf(errors, "booker_name")} value={draft.bookerName} onChange={(bookerName) => { onDraft({ ...draft, bookerName }); }} />
        </>
      ) : null}
    </>
  );
}

/** Name of the patient. */
export function Name({ draft, errors, onDraft }: Props) {
  const { t } = useLingui();
  const own = draft.forWhom === "self";
  return (
    <>
      <TextField id="name" label={t`お名前`} hint={t`例: 山田 花子`} autoComplete={own ? "name" : "off"} error={errorOf(errors, "name")} value={draft.name} onChange={(name) => { onDraft({ ...draft, name }); }} />
      <TextField id="kana" label={t`フリガナ`} hint={t`例: ヤマダ ハナコ（ひらがな、ローマ字でもよい）`} autoComplete="off" error={errorOf(errors, "kana")} value={draft.kana} onChange={(kana) => { onDraft({ ...draft, kana }); }} />
    </>
  );
}

/** Birth of the patient. */
export function Birth({ draft, errors, onDraft }: Props) {
  const { t } = useLingui();
  return <BirthDateField id="birth" legend={t`生年月日`} entry={draft.birth} error={errorOf(errors, "birth")} onChange={(birth) => { onDraft({ ...draft, birth }); }} />;
}

/** Contact of the patient. */
export function Contact({ draft, errors, onDraft }: Props) {
  const { t } = useLingui();
  return (
    <>
      <TextField id="phone" type="tel" inputMode="tel" width="medium" label={t`電話番号`} hint={t`ビデオがつながらないとき、医療機関から電話することがあります`} autoComplete="tel" error={errorOf(errors, "phone")} value={draft.phone} onChange={(phone) => { onDraft({ ...draft, phone }); }} />
      <TextField id="email" type="email" inputMode="email" optional label={t`メールアドレス`} autoComplete="email" error={errorOf(errors, "email")} value={draft.email} onChange={(email) => { onDraft({ ...draft, email }); }} />
    </>
  );
}

function Symptoms({ draft, errors, onDraft }: Props) {
  const { t } = useLingui();
  return (
    <>
      <div className="banner banner-warning">
        <p>{t`強い胸の痛み、息が苦しい、意識がはっきりしないなどのときは、予約を待たずに 119番へ電話してください。`}</p>
      </div>
      <TextField id="symptoms" rows={6} label={t`いつから、どのような症状か`} hint={t`例: 3日前からせきが出ます。熱はありません。飲んでいる薬も書いてください。`} error={errorOf(errors, "symptoms")} value={draft.symptoms} onChange={(symptoms) => { onDraft({ ...draft, symptoms }); }} />
    </>
  );
}
