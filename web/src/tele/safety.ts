/** Rounds of the derivation: guessing certificates until four words agree must cost more than the visit is long. */
const ROUNDS = 200_000;
const SALT = "onshin safety 1";

/** The certificates that descriptions of a connection name, in a form that both ends write alike. */
export function fingerprintsOf(sdp: string): string[] {
  const found = [...sdp.matchAll(/^a=fingerprint:(\S+)\s+(\S+)\s*$/gim)].map(([, algorithm = "", value = ""]) => `${algorithm.toLowerCase()} ${value.toUpperCase()}`);
  return [...new Set(found)].sort();
}

/**
 * Four numbers from 0 to 255, the same on both ends exactly when nobody stands between them: whoever does must show
 * each end a certificate of his own. Undefined where a description names no certificate.
 */
export async function safetyCode(local: string, remote: string): Promise<number[] | undefined> {
  const ends = [fingerprintsOf(local).join(","), fingerprintsOf(remote).join(",")].sort();
  if (ends.includes("")) return undefined;
  const text = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", text.encode(ends.join("\n")), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: text.encode(SALT), iterations: ROUNDS }, key, 32);
  return [...new Uint8Array(bits)];
}

/** The words of a code: Japanese, and English for whoever does not read it. */
export async function wordsOf(code: readonly number[]): Promise<{ ja: string[]; en: string[] }> {
  const [ja, en] = await Promise.all([import("./words-ja"), import("./words-en")]);
  const pick = (words: readonly string[]) => code.map((at) => words[at] ?? "");
  return { ja: pick(ja.words), en: pick(en.words) };
}
