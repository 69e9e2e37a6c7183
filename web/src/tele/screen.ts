/** Whether this device can show its screen at all: telephones cannot. */
export function canShareScreen(device: Navigator): boolean {
  // Not there on telephones, whatever the types say.
  const devices = device.mediaDevices as MediaDevices | undefined;
  return typeof (devices as { getDisplayMedia?: unknown } | undefined)?.getDisplayMedia === "function";
}

/**
 * Asks for a screen or a window: five pictures a second, sharp rather than fluent, for documents and images. Undefined
 * when the person chose none.
 */
export async function openScreen(onEnded: () => void): Promise<MediaStreamTrack | undefined> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 5, max: 5 } }, audio: false });
  } catch {
    return undefined;
  }
  const [track] = stream.getVideoTracks();
  if (!track) return undefined;
  track.contentHint = "detail";
  // The browser's own "stop sharing".
  track.onended = onEnded;
  return track;
}
