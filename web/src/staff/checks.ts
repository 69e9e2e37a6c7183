import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../api/client";

type Item = Schemas["ClinicVisit"];

/** The result of a patient's device and line check in few words; the worst first. */
export function useCheckText(): (item: Pick<Item, "device_check" | "line_check">) => { text: string; bad: boolean } {
  const { t } = useLingui();
  return ({ device_check: device, line_check: line }) => {
    const verdict = line?.verdict ?? device?.line;
    if (!device && !verdict) return { text: t`未確認`, bad: false };
    const faults = [
      ...(device && !device.camera ? [t`カメラ×`] : []),
      ...(device && !device.microphone ? [t`マイク×`] : []),
      ...(device && !device.speaker ? [t`スピーカー未確認`] : []),
      ...(verdict === "failed" ? [t`回線×`] : []),
      ...(verdict === "degraded" ? [t`回線△`] : []),
    ];
    const bad = (device != null && (!device.camera || !device.microphone)) || verdict === "failed";
    return { text: faults.length > 0 ? faults.join(" ") : t`良好`, bad };
  };
}
