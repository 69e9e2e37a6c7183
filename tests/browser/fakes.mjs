// Cameras and microphones that can be told apart: each person sends a colour of his own and a tone
// of his own, so that a test can say whose picture and whose voice arrived, not only that one did.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** People of the tests, with colours that no codec confuses and tones that no room mixes up. */
export const CAST = {
  doctor: { color: '#c81e1e', tone: 440 },
  patient: { color: '#1e8c1e', tone: 660 },
  interpreter: { color: '#1e3cc8', tone: 880 },
  family: { color: '#c8b41e', tone: 1100 },
  nurse: { color: '#b41eb4', tone: 1320 },
  specialist: { color: '#1eaab4', tone: 1540 },
};

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 10;
const FPS = 15;
const RATE = 48_000;

/** The three channels of `#rgb` or `#rrggbb`, 0 to 255. */
export function channels(color) {
  const digits = color.slice(1).length === 3 ? [...color.slice(1)].map((one) => one + one).join('') : color.slice(1);
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
}

/** The colour as a camera says it: luma and two differences, in the narrow range of BT.601. */
function yuv(color) {
  const [r, g, b] = channels(color);
  return [
    16 + (65.738 * r + 129.057 * g + 25.064 * b) / 256,
    128 + (-37.945 * r - 74.494 * g + 112.439 * b) / 256,
    128 + (112.439 * r - 94.154 * g - 18.285 * b) / 256,
  ].map(Math.round);
}

/** Ten pictures of one colour with a bright bar that walks over them: a still picture would hardly be sent. */
function film(color) {
  const [y, u, v] = yuv(color);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FPS}:1 Ip A1:1 C420jpeg\n`);
  const bar = WIDTH / FRAMES / 2;
  const pictures = Array.from({ length: FRAMES }, (_, at) => {
    const line = Buffer.alloc(WIDTH, y).fill(225, (at * WIDTH) / FRAMES, (at * WIDTH) / FRAMES + bar);
    const luma = Buffer.concat(Array.from({ length: HEIGHT }, () => line));
    const chroma = (value) => Buffer.alloc((WIDTH / 2) * (HEIGHT / 2), value);
    return Buffer.concat([Buffer.from('FRAME\n'), luma, chroma(u), chroma(v)]);
  });
  return Buffer.concat([head, ...pictures]);
}

/** Two seconds of a tone that comes and goes like syllables: what sounds for ever is taken for noise and suppressed. */
function sound(tone) {
  const samples = RATE * 2;
  const data = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at += 1) {
    const seconds = at / RATE;
    const syllable = (seconds * 2.5) % 1;
    const loud = syllable < 0.6 ? Math.sin((Math.PI * syllable) / 0.6) : 0;
    data.writeInt16LE(Math.round(20_000 * loud * Math.sin(2 * Math.PI * tone * seconds)), at * 2);
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // plain samples
  head.writeUInt16LE(1, 22); // of one channel
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/**
 * Flags of a browser whose camera and microphone are these: `true` for the browser's own fakes,
 * `{ color, tone }` for files written into `folder`.
 */
export async function cameraFlags(camera, folder) {
  if (!camera) return [];
  const flags = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
  if (camera.color) {
    const path = join(folder, 'camera.y4m');
    await writeFile(path, film(camera.color));
    flags.push(`--use-file-for-fake-video-capture=${path}`);
  }
  if (camera.tone) {
    const path = join(folder, 'microphone.wav');
    await writeFile(path, sound(camera.tone));
    flags.push(`--use-file-for-fake-audio-capture=${path}`);
  }
  return flags;
}

/** How far two colours are apart, the worst channel. */
export const colorGap = (one, other) => Math.max(...one.map((value, at) => Math.abs(value - other[at])));

/** Whose colour this is, of `people` (by default all); undefined when it is nobody's, or more than one's. */
export function whoseColor(found, people = CAST) {
  const near = Object.entries(people).filter(([, one]) => colorGap(found, channels(one.color)) < 60);
  return near.length === 1 ? near[0][0] : undefined;
}

/**
 * The colour that a `<video>` of the page shows now, as three channels: the middle value of each over
 * the picture, which a bar and a compressed edge do not move. `tile` is a selector or a locator.
 * Undefined while nothing is shown.
 */
export async function colorOf(page, tile) {
  const locator = typeof tile === 'string' ? page.locator(tile) : tile;
  return locator.first().evaluate((video) => {
    if (video.readyState < 2 || video.videoWidth === 0) return undefined;
    const canvas = document.createElement('canvas');
    canvas.width = 64;
    canvas.height = 48;
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 64, 48);
    const { data } = context.getImageData(0, 0, 64, 48);
    return [0, 1, 2].map((channel) => {
      const values = [];
      for (let at = channel; at < data.length; at += 4) values.push(data[at]);
      return values.sort((a, b) => a - b)[values.length / 2];
    });
  });
}

/**
 * The tone, in hertz, that a media element of the page has loudest within `ms`; undefined when it is
 * as good as silent. Listens to the element's stream, so a muted element is heard as well.
 */
export async function toneOf(page, tile, ms = 1_500) {
  const locator = typeof tile === 'string' ? page.locator(tile) : tile;
  return locator.first().evaluate(async (element, time) => {
    if ((element.srcObject?.getAudioTracks().length ?? 0) === 0) return undefined;
    const context = new AudioContext();
    await context.resume();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0;
    context.createMediaStreamSource(element.srcObject).connect(analyser);
    const bins = new Float32Array(analyser.frequencyBinCount);
    let best = { level: -70, bin: undefined };
    for (const end = Date.now() + time; Date.now() < end; ) {
      await new Promise((done) => setTimeout(done, 50));
      analyser.getFloatFrequencyData(bins);
      bins.forEach((level, bin) => { if (level > best.level) best = { level, bin }; });
    }
    const hertz = best.bin === undefined ? undefined : (best.bin * context.sampleRate) / analyser.fftSize;
    await context.close();
    return hertz;
  }, ms);
}
