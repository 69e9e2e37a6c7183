import { describe, expect, it } from "vitest";
import type { ServerMessage } from "./messages";
import { emptyRoom, fold, type Room } from "./room";

const topology = { mode: "p2p" as const, epoch: 2, peers: [{ participant: "doc", pc: "p2p:doc:pat:2", polite: true }] };
const limits = { sdp_frame_bytes: 131_072, frame_bytes: 16_384, sdp_bytes: 98_304, media_lines: 40, candidate_bytes: 512, candidates: 20, chat_chars: 2_000, caption_chars: 500 };
const welcome: ServerMessage = {
  t: "welcome", resume_token: "t", self: { participant: "pat", role: "patient", caps: [] }, limits, grace_s: 60, policy: "all", ping_s: 10, ice_servers: [{ urls: ["stun:a"] }],
  snapshot: { state: "open", participants: [], topology: { mode: "none", epoch: 0, peers: [] }, admission: "none" },
};
const after = (...messages: ServerMessage[]): Room => messages.reduce(fold, emptyRoom);

describe("what is known of a visit", () => {
  it("starts with the welcome", () => {
    expect(after(welcome)).toMatchObject({ self: "pat", role: "patient", visit: "open", admission: "none", iceServers: [{ urls: ["stun:a"] }] });
  });

  it("follows the own place in the queue", () => {
    const room = after(welcome, { t: "waiting", event: "entered", participant: "pat", position: 3 }, { t: "waiting", event: "updated", participant: "pat", position: 2 });
    expect([room.admission, room.position]).toEqual(["waiting", 2]);
    expect(fold(room, { t: "admitted", participant: "pat" }).admission).toBe("admitted");
    expect(fold(room, { t: "denied", participant: "pat" }).admission).toBe("denied");
  });

  it("keeps the list of those who wait, for the clinician", () => {
    const doctor: ServerMessage = { ...welcome, self: { participant: "doc", role: "clinician", caps: [] } };
    const one: ServerMessage = { t: "waiting", event: "entered", participant: "pat", name: "山田", since: "2026-12-01T00:00:00Z" };
    const check: ServerMessage = { t: "waiting", event: "updated", participant: "pat", precheck: { camera: true, microphone: true, speaker: false } };
    expect(after(doctor, one, check).waiting).toEqual([{ participant: "pat", name: "山田", since: "2026-12-01T00:00:00Z", precheck: { camera: true, microphone: true, speaker: false } }]);
    expect(after(doctor, one, { t: "admitted", participant: "pat" }).waiting).toEqual([]);
    expect(after(doctor, one, { t: "waiting", event: "left", participant: "pat" }).waiting).toEqual([]);
    expect(after(doctor, one).admission).toBe("none");
  });

  it("merges what is told of a participant in parts", () => {
    const room = after(welcome, { t: "participant", event: "joined", participant: "doc", role: "clinician", name: "佐々木" }, { t: "state", from: "doc", audio: true, video: false }, { t: "participant", event: "reconnecting", participant: "doc", role: "clinician", state: "reconnecting" });
    expect(room.participants).toEqual([{ participant: "doc", role: "clinician", name: "佐々木", audio: true, video: false, state: "reconnecting" }]);
    expect(fold(room, { t: "participant", event: "left", participant: "doc", role: "clinician" }).participants).toEqual([]);
  });

  it("forgets the marks that a state does not repeat", () => {
    const doc: ServerMessage = { t: "participant", event: "joined", participant: "doc", role: "clinician", name: "佐々木" };
    const shown = after(welcome, doc, { t: "state", from: "doc", audio: true, video: true, screen: true, screen_mid: "2" });
    expect(shown.participants[0]).toMatchObject({ screen: true, screen_mid: "2" });
    expect(fold(shown, { t: "state", from: "doc", audio: true, video: true }).participants).toEqual([{ participant: "doc", role: "clinician", name: "佐々木", audio: true, video: true }]);
    expect(fold(shown, { t: "state", from: "nobody", audio: true, video: true })).toBe(shown);
  });

  it("takes topology and end from the server, and a new snapshot whole", () => {
    const room = after(welcome, { t: "topology", ...topology }, { t: "visit", state: "ended" });
    expect(room.topology).toEqual(topology);
    expect(room.visit).toBe("ended");
    expect(fold(room, welcome).topology.peers).toEqual([]);
  });
});
