import { describe, expect, it } from "vitest";
import { Judge } from "./judge";
import type { Link } from "./link";
import type { ClientMessage } from "./messages";
import { type Sample, sample } from "./quality";

const link = { pc: "room:a:1", ownerOf: (mid: string) => ({ 4: "doc", 5: "ipr" })[mid], sender: () => undefined } as unknown as Link;
const at = (ms: number, part: Partial<Sample> = {}): Sample => ({ ...sample([], ms), ...part });

function judge(mode: "p2p" | "room"): { judge: Judge; sent: ClientMessage[]; told: string[] } {
  const [sent, told]: [ClientMessage[], string[]] = [[], []];
  return {
    sent,
    told,
    judge: new Judge({
      send: (message) => sent.push(message),
      peopleOf: () => ["doc"],
      shows: () => true,
      topology: () => ({ mode, epoch: 1, peers: [] }),
      isNewest: () => true,
      onVerdict: (verdict) => told.push(verdict),
      onSpared: (spared) => told.push(spared ? "spared" : "whole"),
    }),
  };
}

describe("the judge of a connection", () => {
  it("tells the server at once, and then every five seconds", () => {
    const { judge: one, sent } = judge("p2p");
    for (let ms = 0; ms <= 11_000; ms += 500) one.look(link, at(ms, { framesDecoded: ms / 50 }));
    expect(sent.map((message) => (message.t === "quality" ? message.frames_decoded : undefined))).toEqual([0, 100, 200]);
    expect(sent[1]).toMatchObject({ pc: "room:a:1", fps: 20, score: 5 });
    expect(sent[1]).not.toHaveProperty("from");
  });

  it("says how good it is every two seconds, and that only the sound is sent", () => {
    const { judge: one, told } = judge("p2p");
    for (let ms = 0; ms <= 10_000; ms += 500) one.look(link, at(ms, { framesDecoded: ms / 50, outgoingKbps: 90 }));
    expect(told).toEqual(["good", "whole", "good", "whole", "good", "whole", "good", "spared", "good", "spared"]);
  });

  it("tells in a forwarding room whose pictures came", () => {
    const { judge: one, sent } = judge("room");
    one.look(link, at(0, { framesByMid: { 4: 10, 5: 7, 6: 0 } }));
    expect(sent).toMatchObject([{ from: [{ participant: "doc", frames_decoded: 10 }, { participant: "ipr", frames_decoded: 7 }] }]);
  });
});
