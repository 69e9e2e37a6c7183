/** Why camera and microphone could not be had, as far as the page can help with it. */
export type MediaFault = "denied" | "missing" | "busy" | "unsupported" | "unknown";

/** Sorts what `getUserMedia` threw. Browsers differ in names; what to do about it does not. */
export function mediaFaultOf(error: unknown): MediaFault {
  const name = typeof error === "object" && error !== null && "name" in error ? String(error.name) : "";
  switch (name) {
    case "NotAllowedError":
    case "PermissionDeniedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "busy";
    case "TypeError":
      return "unsupported";
    default:
      return "unknown";
  }
}

/** A guess that the page runs inside another app (LINE, Facebook, …). Only decides which help comes first. */
export function looksEmbedded(userAgent: string): boolean {
  return /\bLine\/|FBAN|FBAV|Instagram|MicroMessenger|YJApp|; wv\)/i.test(userAgent);
}

/** Whether the help for iPhone or for Android fits. */
export function deviceOf(userAgent: string): "ios" | "android" | "other" {
  if (/iPhone|iPad|iPod/.test(userAgent)) return "ios";
  return /Android/.test(userAgent) ? "android" : "other";
}

/** Opens camera and microphone: the user's camera, a size that old telephones bear. */
export async function openMedia(): Promise<MediaStream> {
  // Not there at all in some in-app browsers and on pages without TLS, whatever the types say.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new TypeError("no media devices");
  return devices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24, max: 30 } },
  });
}

/** Stops every track: the lamp of the camera goes out. */
export function closeMedia(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Root mean square of a block of sound, 0 to 1. */
export function loudness(block: Float32Array): number {
  let sum = 0;
  for (const value of block) sum += value * value;
  return block.length === 0 ? 0 : Math.sqrt(sum / block.length);
}

/**
 * Tells the loudness of a stream ten times a second until stopped, and whether the browser lets the page listen at
 * all: without a touch some do not, and then silence means nothing.
 */
export function watchLoudness(stream: MediaStream, tell: (level: number, listening: boolean) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const block = new Float32Array(analyser.fftSize);
  void context.resume();
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(block);
    tell(loudness(block), context.state === "running");
  }, 100);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** Two soft notes, a second long; needs no file. */
export async function playTestTone(): Promise<void> {
  const context = new AudioContext();
  await context.resume();
  const gain = context.createGain();
  gain.gain.value = 0.2;
  gain.connect(context.destination);
  const note = (hertz: number, from: number) => {
    const oscillator = context.createOscillator();
    oscillator.frequency.value = hertz;
    oscillator.connect(gain);
    oscillator.start(context.currentTime + from);
    oscillator.stop(context.currentTime + from + 0.45);
    return oscillator;
  };
  note(523.25, 0);
  const last = note(659.25, 0.5);
  await new Promise<void>((resolve) => { last.onended = () => { resolve(); }; });
  await context.close();
}
