import { useLingui } from "@lingui/react/macro";
import type { CallView } from "../../tele/call";
import type { Participant, Role } from "../../tele/messages";
import type { Verdict } from "../../tele/score";
import type { Seen } from "../../tele/stage";

/** One of the others, as a tile shows them. */
export interface Person {
  id: string;
  role: Role;
  label: string;
  camera: MediaStream | undefined;
  screen: MediaStream | undefined;
  audio: boolean;
  video: boolean;
  /** The camera is off because the line carries only sound. */
  spared: boolean;
  away: boolean;
  verdict: Verdict | undefined;
}

/** What people are called by their part in the visit. */
export function useRoleName(): (role: Role) => string {
  const { t } = useLingui();
  const names: Record<Role, string> = {
    clinician: t`医師`,
    staff: t`医療機関の職員`,
    patient: t`患者`,
    family_proxy: t`家族・代理の方`,
    nurse: t`看護師`,
    specialist: t`専門の医師`,
    interpreter: t`通訳`,
    observer: t`見学の方`,
  };
  return (role) => names[role];
}

/** Whether somebody only sees, hears and reads: nothing of theirs reaches the others, in no way. */
export function looksOn(role: Role): boolean {
  return role === "observer";
}

/** Whether somebody who was invited may be beside the patient, and so has to call for help. */
export function maybeBeside(role: Role): boolean {
  return role === "nurse" || role === "family_proxy";
}

/**
 * Whether somebody has a tile. Staff only see and read unless something of theirs arrives; an observer is neither seen
 * nor heard, whatever is said to be theirs.
 */
export function hasTile({ role }: Pick<Participant, "role">, seen: Seen | undefined): boolean {
  if (looksOn(role)) return false;
  return role !== "staff" || seen !== undefined;
}

/** The others in the call, those with a face apart from those who only look on. The order is by part, so that nobody jumps about. */
export function useOthers(view: CallView): { faces: Person[]; onlookers: string[] } {
  const { t } = useLingui();
  const nameOf = useRoleName();
  const order: Role[] = ["clinician", "patient", "interpreter", "nurse", "specialist", "family_proxy", "staff", "observer"];
  const others = view.room.participants
    .filter((one) => one.participant !== view.room.self && one.state !== "waiting" && one.state !== "left")
    .sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role) || a.participant.localeCompare(b.participant));
  const labelOf = ({ name, role: part }: Participant) => {
    const role = nameOf(part);
    return name ? t`${name}（${role}）` : role;
  };
  const faces = others.filter((one) => hasTile(one, view.seen[one.participant])).map((one) => {
    const seen = view.seen[one.participant];
    return {
      id: one.participant,
      role: one.role,
      label: labelOf(one),
      camera: seen?.camera,
      screen: one.screen === true ? seen?.screen : undefined,
      audio: one.audio !== false,
      video: one.video !== false,
      spared: one.video === false && one.video_off_by === "line",
      away: one.state === "reconnecting",
      verdict: view.verdicts[one.participant],
    };
  });
  return { faces, onlookers: others.filter((one) => !faces.some((face) => face.id === one.participant)).map(labelOf) };
}
