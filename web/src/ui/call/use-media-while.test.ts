import { renderHook } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { useMediaWhile } from "./use-media-while";

function camera(): { stream: MediaStream; stop: ReturnType<typeof vi.fn> } {
  const stop = vi.fn();
  return { stream: { getTracks: () => [{ stop }, { stop }] } as unknown as MediaStream, stop };
}

describe("camera and microphone of a visit", () => {
  it("go out when the visit is over, and not before", () => {
    const { stream, stop } = camera();
    const { rerender, unmount } = renderHook(({ goesOn }) => { useMediaWhile(goesOn, stream); }, { initialProps: { goesOn: true } });
    rerender({ goesOn: true });
    expect(stop).not.toHaveBeenCalled();
    rerender({ goesOn: false });
    expect(stop).toHaveBeenCalledTimes(2);
    unmount();
    expect(stop).toHaveBeenCalledTimes(2);
  });

  it("stay with who goes away while it goes on: the stream is the page's", () => {
    const { stream, stop } = camera();
    renderHook(() => { useMediaWhile(true, stream); }).unmount();
    expect(stop).not.toHaveBeenCalled();
  });

  it("are called for anew where it goes on after all", () => {
    const [first, second] = [camera(), camera()];
    const anew = vi.fn();
    const { rerender } = renderHook(({ goesOn, stream }) => { useMediaWhile(goesOn, stream, anew); }, { initialProps: { goesOn: true, stream: first.stream } });
    rerender({ goesOn: false, stream: first.stream });
    expect(anew).not.toHaveBeenCalled();
    rerender({ goesOn: true, stream: first.stream });
    expect(anew).toHaveBeenCalledTimes(1);
    rerender({ goesOn: true, stream: second.stream });
    expect(anew).toHaveBeenCalledTimes(1);
    expect(second.stop).not.toHaveBeenCalled();
  });
});
