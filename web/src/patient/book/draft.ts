import type { Schemas } from "../../api/client";
import { type DateEntry, type DateFault, readDate } from "../../i18n/wareki";
import { emptyDate } from "../../ui/birth-date";

/** The answers so far. They live in memory only: nothing of a patient is kept on the device. */
export interface Draft {
  forWhom: "self" | "family" | "";
  relation: Relation | "";
  bookerName: string;
  name: string;
  kana: string;
  birth: DateEntry;
  phone: string;
  email: string;
  symptoms: string;
}

export const RELATIONS = ["child", "parent", "spouse", "other"] as const;
export type Relation = (typeof RELATIONS)[number];

/** One question a page, in this order; `check` shows them all again. */
export const STEPS = ["who", "name", "birth", "contact", "symptoms", "check"] as const;
export type Step = (typeof STEPS)[number];

/** What a field can be blamed for; the page turns it into a sentence. */
export type Fault = "for_whom" | "relation" | "booker_name" | "name" | "kana" | "kana_letters" | "phone" | "phone_form" | "email_form" | "symptoms" | "symptoms_long" | DateFault;

export interface FaultAt {
  field: string;
  fault: Fault;
}

export const emptyDraft: Draft = {
  forWhom: "", relation: "", bookerName: "", name: "", kana: "", birth: emptyDate, phone: "", email: "", symptoms: "",
};

/** Longest text of symptoms the page accepts. */
export const SYMPTOMS_MAX = 1000;

/** Full-width digits and signs as half-width, without what people put between the groups. */
export function cleanPhone(text: string): string {
  return text
    .trim()
    .replace(/[０-９＋（）]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\s()\-‐‑–—―−ー－]/g, "");
}

/** Hiragana as katakana, half-width spaces between the names; what is neither stays. */
export function toKatakana(text: string): string {
  return text
    .normalize("NFKC")
    .trim()
    .replace(/\s+/g, " ")
    .replace(/[ぁ-ゖ]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0x60));
}

/** What is wrong with the answers of one page. */
export function faultsOf(step: Step, draft: Draft, today: string): FaultAt[] {
  switch (step) {
    case "who":
      return faultsOfWho(draft);
    case "name":
      return faultsOfName(draft);
    case "birth": {
      const read = readDate(draft.birth, today);
      return "fault" in read ? [{ field: "birth", fault: read.fault }] : [];
    }
    case "contact":
      return faultsOfContact(draft);
    case "symptoms":
      if (!draft.symptoms.trim()) return [{ field: "symptoms", fault: "symptoms" }];
      return draft.symptoms.length > SYMPTOMS_MAX ? [{ field: "symptoms", fault: "symptoms_long" }] : [];
    case "check":
      return [];
  }
}

function faultsOfWho(draft: Draft): FaultAt[] {
  if (!draft.forWhom) return [{ field: "for_whom", fault: "for_whom" }];
  if (draft.forWhom === "self") return [];
  const faults: FaultAt[] = [];
  if (!draft.relation) faults.push({ field: "relation", fault: "relation" });
  if (!draft.bookerName.trim()) faults.push({ field: "booker_name", fault: "booker_name" });
  return faults;
}

function faultsOfName(draft: Draft): FaultAt[] {
  const faults: FaultAt[] = [];
  if (!draft.name.trim()) faults.push({ field: "name", fault: "name" });
  const kana = toKatakana(draft.kana);
  if (!kana) faults.push({ field: "kana", fault: "kana" });
  else if (!/^[ァ-ヺー・ A-Za-z.'-]+$/.test(kana)) faults.push({ field: "kana", fault: "kana_letters" });
  return faults;
}

function faultsOfContact(draft: Draft): FaultAt[] {
  const faults: FaultAt[] = [];
  const phone = cleanPhone(draft.phone);
  if (!phone) faults.push({ field: "phone", fault: "phone" });
  else if (!/^(0\d{9,10}|\+\d{8,15})$/.test(phone)) faults.push({ field: "phone", fault: "phone_form" });
  const email = draft.email.trim();
  if (email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) faults.push({ field: "email", fault: "email_form" });
  return faults;
}

/** The first page before `step` that still lacks an answer: where somebody who reloads has to start. */
export function missingBefore(step: Step, draft: Draft, today: string): Step | undefined {
  return STEPS.slice(0, STEPS.indexOf(step)).find((earlier) => faultsOf(earlier, draft, today).length > 0);
}

/** The answers as the server takes them; undefined while the birth date is none. */
export function bodyOf(draft: Draft, language: "ja" | "en", today: string): Schemas["ConfirmWish"] | undefined {
  const birth = readDate(draft.birth, today);
  if (!("date" in birth) || !draft.forWhom) return undefined;
  const email = draft.email.trim();
  return {
    for_whom: draft.forWhom,
    ...(draft.forWhom === "family" ? { relation: draft.relation, booker_name: draft.bookerName.trim() } : {}),
    name: draft.name.trim(),
    kana: toKatakana(draft.kana),
    birth_date: birth.date,
    phone: cleanPhone(draft.phone),
    ...(email ? { email } : {}),
    language,
    symptoms: draft.symptoms.trim(),
    consent: true,
  };
}

/** Which page asks for the field that the server found fault with (a JSON pointer of the body). */
export function stepOfPointer(pointer: string): { step: Step; field: string } | undefined {
  const name = pointer.replace(/^#?\//, "");
  const steps: Record<string, Step> = {
    for_whom: "who", relation: "who", booker_name: "who", name: "name", kana: "name", birth_date: "birth", phone: "contact", email: "contact", symptoms: "symptoms",
  };
  const step = steps[name];
  return step ? { step, field: name === "birth_date" ? "birth" : name } : undefined;
}
