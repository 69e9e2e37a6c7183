import { useLingui } from "@lingui/react/macro";

/** What is known of a patient's devices and line. The server keeps both as the page told them. */
export interface Checks {
  camera: boolean | undefined;
  microphone: boolean | undefined;
  speaker: boolean | undefined;
  line: string | undefined;
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

const flag = (value: unknown): boolean | undefined => (typeof value === "boolean" ? value : undefined);

/** Reads the stored results; what is missing stays unknown. The line check's verdict wins over the device's word. */
export function readChecks(device: unknown, line: unknown): Checks {
  const verdict = field(line, "verdict") ?? field(device, "line");
  return {
    camera: flag(field(device, "camera")),
    microphone: flag(field(device, "microphone")),
    speaker: flag(field(device, "speaker")),
    line: typeof verdict === "string" ? verdict : undefined,
  };
}

/** Whether somebody should telephone before the visit: no picture, no sound or no line. */
export const isBad = (checks: Checks): boolean => checks.camera === false || checks.microphone === false || checks.line === "failed";

/** The results in few words. */
export function useCheckText(): (checks: Checks) => { text: string; bad: boolean } {
  const { t } = useLingui();
  return (checks) => {
    if (checks.camera === undefined && checks.line === undefined) return { text: t`未確認`, bad: false };
    const faults = [
      ...(checks.camera === false ? [t`カメラ×`] : []),
      ...(checks.microphone === false ? [t`マイク×`] : []),
      ...(checks.speaker === false ? [t`スピーカー未確認`] : []),
      ...(checks.line === "failed" ? [t`回線×`] : []),
      ...(checks.line === "degraded" ? [t`回線△`] : []),
    ];
    return { text: faults.length > 0 ? faults.join(" ") : t`良好`, bad: isBad(checks) };
  };
}
