import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../api/client";

/** The numbers of the last check of a line. */
export type LineBrief = Schemas["LineBrief"];

/** What is known of a patient's devices and line. */
export interface Checks {
  camera: boolean | undefined;
  microphone: boolean | undefined;
  speaker: boolean | undefined;
  line: string | undefined;
  numbers: LineBrief | undefined;
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

const flag = (value: unknown): boolean | undefined => (typeof value === "boolean" ? value : undefined);

/** Reads the stored results; what is missing stays unknown. The last line check wins over an older one's verdict, that over the device's word. */
export function readChecks(device: unknown, line: unknown, last?: LineBrief | null): Checks {
  const verdict = last?.verdict ?? field(line, "verdict") ?? field(device, "line");
  return {
    camera: flag(field(device, "camera")),
    microphone: flag(field(device, "microphone")),
    speaker: flag(field(device, "speaker")),
    line: typeof verdict === "string" ? verdict : undefined,
    numbers: last ?? undefined,
  };
}

/** Whether somebody should telephone before the visit: no picture, no sound or no line. */
export const isBad = (checks: Checks): boolean => checks.camera === false || checks.microphone === false || checks.line === "failed";

/** The results in few words. */
export function useCheckText(): (checks: Checks) => { text: string; bad: boolean } {
  const { t } = useLingui();
  const lineText = useLineText();
  return (checks) => {
    if (checks.camera === undefined && checks.line === undefined) return { text: t`未確認`, bad: false };
    const why = checks.numbers ? lineText(checks.numbers) : "";
    const faults = [
      ...(checks.camera === false ? [t`カメラ×`] : []),
      ...(checks.microphone === false ? [t`マイク×`] : []),
      ...(checks.speaker === false ? [t`スピーカー未確認`] : []),
      ...(checks.line === "failed" ? [why ? t`回線×（${why}）` : t`回線×`] : []),
      ...(checks.line === "degraded" ? [why ? t`回線△（${why}）` : t`回線△`] : []),
    ];
    return { text: faults.length > 0 ? faults.join(" ") : t`良好`, bad: isBad(checks) };
  };
}

const percent = (permille: number): string => String(Math.round(permille / 10));

/** Why a line is not good, with the number behind it. */
export function useLineText(): (line: LineBrief) => string {
  const { t } = useLingui();
  return (line) => {
    const [up, down] = [line.up_kbps ?? 0, line.down_kbps ?? 0];
    const [lostUp, lostDown] = [percent(line.loss_up_permille), percent(line.loss_down_permille)];
    const [trip, varies] = [line.rtt_ms ?? 0, line.jitter_ms ?? 0];
    switch (line.reason) {
      case "loss_up": return t`患者さんからの損失 ${lostUp} %`;
      case "loss_down": return t`患者さんへの損失 ${lostDown} %`;
      case "delay": return t`往復 ${trip} ミリ秒`;
      case "jitter": return t`ゆらぎ ${varies} ミリ秒`;
      case "bandwidth_up": return t`患者さんから ${up} kbit/s`;
      case "bandwidth_down": return t`患者さんへ ${down} kbit/s`;
      case "no_connection": return t`つながらない`;
      case "no_direct": return t`中継サーバーを通ればつながる`;
      case "no_relay": return t`中継サーバーを通れない`;
      case "too_short":
      case "inconsistent": return t`測れなかった`;
      default: return "";
    }
  };
}

/** All numbers of a check, for whoever wants to know. */
export function useLineNumbers(): (line: LineBrief) => string {
  const { t } = useLingui();
  return (line) => {
    const [up, down] = [line.up_kbps, line.down_kbps];
    const [lostUp, lostDown] = [percent(line.loss_up_permille), percent(line.loss_down_permille)];
    const [trip, varies] = [line.rtt_ms, line.jitter_ms];
    return [
      ...(trip == null ? [] : [t`往復 ${trip} ミリ秒`]),
      ...(varies == null ? [] : [t`ゆらぎ ${varies} ミリ秒`]),
      t`損失 上り ${lostUp} %、下り ${lostDown} %`,
      ...(up == null ? [] : [t`上り ${up} kbit/s`]),
      ...(down == null ? [] : [t`下り ${down} kbit/s`]),
      ...(line.relay_ok == null ? [] : [line.relay_ok ? t`中継 ○` : t`中継 ×`]),
    ].join(t`、`);
  };
}
