import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";

export type Item = Schemas["ClearanceItem"];
export type Method = NonNullable<Item["method"]>;

/** What is cleared, in words. */
export function useItemWords(): Record<Item["item"], string> {
  const { t } = useLingui();
  return {
    questionnaire: t`問診`,
    medical_information: t`初診の根拠`,
    identity_patient: t`患者の本人確認`,
    identity_doctor_shown: t`医師の氏名と登録年の表示`,
    eligibility: t`資格確認`,
    consent_online_care: t`オンライン診療の同意`,
    consent_privacy: t`個人情報の同意`,
    care_plan_agreed: t`診療計画の合意`,
    location_confirmed: t`患者の所在`,
    emergency_contact: t`緊急のときの連絡先`,
    device_test: t`機器の確認`,
    recording_agreement: t`録音・録画の取り決め`,
    fee_acknowledged: t`料金の確認`,
    surroundings: t`患者のまわりの確認`,
  };
}

/** How an item stands, in words. */
export function useStateWords(): Record<Item["state"], string> {
  const { t } = useLingui();
  return { pending: t`まだ`, done: t`済み`, waived: t`省いた`, failed: t`問題あり` };
}

/** How identity, or insurance, can be checked. */
export function useMethods(item: Item["item"]): { value: Method; label: string }[] {
  const { t } = useLingui();
  if (item === "identity_patient") {
    return [
      { value: "photo_id", label: t`顔写真のある証明書` },
      { value: "two_docs", label: t`顔写真のない証明書 2種類` },
      { value: "one_doc_plus_questions", label: t`証明書 1種類と質問` },
      { value: "jpki", label: t`公的個人認証` },
      { value: "myna_eligibility", label: t`オンライン資格確認` },
    ];
  }
  if (item === "eligibility") {
    return [
      { value: "myna_home_web", label: t`マイナ在宅受付Web` },
      { value: "card_image", label: t`画面で見た` },
      { value: "certificate", label: t`資格確認書` },
    ];
  }
  return [];
}
