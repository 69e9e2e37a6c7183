import type { CallView } from "../../tele/call";

/** Which of the screens of the visit is shown. */
export type Scene = "waiting" | "call" | "ended" | "left" | "denied" | "elsewhere" | "removed" | "moved" | "signed_out";

/** What a farewell of the server means to the person. */
const FAREWELLS: Readonly<Record<string, Scene>> = { replaced: "elsewhere", removed: "removed", moved: "moved", signed_out: "signed_out" };

/** Whether the visit goes on for this side; on all other screens nobody is to be seen or heard. */
export function goesOn(scene: Scene): boolean {
  return scene === "waiting" || scene === "call";
}

/** Which of the screens a view calls for. */
export function sceneOf(view: Pick<CallView, "room" | "left" | "signal" | "bye">): Scene {
  const farewell = view.signal === "over" && view.bye ? FAREWELLS[view.bye] : undefined;
  if (farewell) return farewell;
  if (view.room.visit === "ended") return "ended";
  if (view.left) return "left";
  if (view.room.admission === "denied") return "denied";
  if (view.signal === "over") return "ended";
  return view.room.admission === "admitted" ? "call" : "waiting";
}
