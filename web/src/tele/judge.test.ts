import { describe, expect, it } from "vitest";
import { Judge } from "./judge";
import type { Link } from "./link";
import type { ClientMessage, Topology } from "./messages";
import { type Sample, sample } from "./quality";

const link = { pc: "room:a:1", ownerOf: (mid: string) => ({ 4: "doc", 5: "ipr" })[mid], sender: () => undefined } as unknown as Link;
const at = (ms: number, part: Partial<Sample> = {}): Sample => ({ ...sample([], ms), ...part });

function judge(mode: "p2p" | "room", video: () => Topology["video"] = () => undefined): { judge: Judge; sent: ClientMessage[]; told: string[] } {
  const [sent, told]: [ClientMessage[], string[]] = [[], []];
  return {
    sent,
    told,
    judge: new Judge({
      send: (message) => sent.push(message),
      peopleOf: () => ["doc"],
      shows: () => true,
      topology: () => ({ mode, epoch: 1, peers: [], video: video() ?? null }),
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

  it("sends less of the camera when more people come into the room, and all of it to one person", async () => {
    let cap: Topology["video"] = { width: 1280, height: 720, fps: 30, kbps: 1_500 };
    const encoding: RTCRtpEncodingParameters = {};
    const camera = {
      track: { getSettings: () => ({ height: 720 }) },
      getParameters: () => ({ encodings: [encoding] }),
      setParameters: () => Promise.resolve(),
    };
    const sending = { ...link, sender: (kind: string) => (kind === "video" ? camera : undefined) } as unknown as Link;
    const { judge: one } = judge("room", () => cap);
    const look = async (ms: number) => {
      one.look(sending, at(ms));
      await new Promise((done) => { setTimeout(done); });
    };
    await look(0);
    await look(2_000);
    expect(encoding).toMatchObject({ maxBitrate: 900_000, scaleResolutionDownBy: 1, maxFramerate: 30 });
    cap = { width: 640, height: 360, fps: 15, kbps: 600 };
    await look(4_000);
    expect(encoding).toMatchObject({ maxBitrate: 600_000, scaleResolutionDownBy: 2, maxFramerate: 15 });
    cap = undefined;
    await look(6_000);
    expect(encoding).toMatchObject({ active: true, maxBitrate: 900_000, scaleResolutionDownBy: 1 });
    expect(encoding).not.toHaveProperty("maxFramerate");
  });
});
