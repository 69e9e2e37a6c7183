import { useLingui } from "@lingui/react/macro";
import { minutesBetween } from "../../i18n";
import type { Call } from "../../tele/call";
import type { Waiting } from "../../tele/messages";
import { useRoleName } from "../../ui/call/people";
import { useNow } from "../../ui/now";
import { readChecks, useCheckText } from "../checks";

/** What may be done about somebody who waits. */
export type Deeds = Pick<Call, "admit" | "hold" | "deny">;

/** Somebody who waits: who, for how long, whether camera and line work; let in, asked for patience or turned away. */
export function WaitingCard({ one, call }: { one: Waiting; call: Deeds }) {
  const { t } = useLingui();
  const now = useNow(5_000);
  const role = useRoleName();
  const check = useCheckText()(readChecks(one.precheck, null));
  const minutes = one.since ? minutesBetween(one.since, now) : undefined;
  const waited = minutes === undefined ? "" : minutes === 0 ? t`今来ました` : t`${minutes} 分 待っています`;
  const isPatient = (one.role ?? "patient") === "patient";
  return (
    <>
      <p>
        <strong><bdi>{one.name ?? t`患者`}</bdi></strong>{isPatient || !one.role ? "" : t`（${role(one.role)}）`} {waited}
      </p>
      {isPatient ? <p className={check.bad ? "bad" : ""}>{t`機器・回線: ${check.text}`}</p> : null}
      <p role="status">
        {one.asked ? t`患者さんに、入ってよいか聞いています…` : one.held ? t`「もう少しお待ちください」と伝えました` : ""}
      </p>
      <p className="buttons">
        <button type="button" className="button button-solid button-large" disabled={one.asked === true} onClick={() => { call.admit(one.participant); }}>
          {isPatient ? t`呼ぶ` : t`患者さんに聞いて入れる`}
        </button>
        <button type="button" className="button button-outline" onClick={() => { call.hold(one.participant); }}>{t`お待たせする`}</button>
        <button type="button" className="button button-outline" onClick={() => { call.deny(one.participant); }}>{t`断る`}</button>
      </p>
    </>
  );
}

/** All who wait, as a list. */
export function WaitingList({ waiting, call }: { waiting: Waiting[]; call: Deeds }) {
  return (
    <ul className="cards">
      {waiting.map((one) => (
        <li className="card" key={one.participant}>
          <WaitingCard one={one} call={call} />
        </li>
      ))}
    </ul>
  );
}

/** Why somebody was not let in. What is to be done about it stands on this page, beside the call. */
export function NotAdmitted({ code }: { code: string }) {
  const { t } = useLingui();
  const words: Record<string, string> = {
    first_visit_basis_missing: t`初診の根拠がまだありません。「問診と初診の根拠」を開いて、根拠を確かめてから呼んでください。`,
    consent_withdrawn: t`患者さんが同意を取り消しています。オンライン診療はできません。`,
    clearance_missing: t`まだ済んでいない確認があります。「診察前の確認」を開いて、済ませるか、理由を書いて省いてください。患者さんの居場所は、待合室で患者さんに聞いています。`,
    another_in_progress: t`ほかの患者さんの診察が続いています。そちらを閉じてから呼んでください。`,
    patient_away: t`患者さんがまだ診察に入っていません。患者さんが入ってから、入れてよいか聞けます。`,
    no_answer: t`患者さんの返事がありませんでした。もう一度聞くか、口頭で確かめてください。`,
    visit_full: t`診察に入れるのは6人までです。`,
    consent_needed: t`患者さんの同意がないと入れません。`,
  };
  return (
    <div className="banner banner-error" role="alert">
      <p>{words[code] ?? t`呼べませんでした。画面を読み込み直して、もう一度試してください。`}</p>
    </div>
  );
}
