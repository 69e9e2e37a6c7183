import type { Schemas } from "../../api/client";
import { type DateEntry, type DateFault, readDate } from "../../i18n/wareki";
import { emptyDate } from "../../ui/birth-date";
import { type AnswerFault, type Answers, type Asked, asksSources, type Basis, faultOf, sentOf, shownOf, type Source, type Terms } from "./intake";

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
  /** To the clinic's own questions, by their ids. */
  answers: Answers;
  /** To its questions about signs of an emergency. */
  flags: Answers;
  /** Why a first visit may be online; `none`: nothing of it is so. */
  basis: Basis | "none" | "";
  sources: Source[];
  /** When the patient was last there in person, `YYYY-MM-DD`; asked once the server wants it. */
  lastInPerson: string;
  asksLastInPerson: boolean;
}

export const RELATIONS = ["child", "parent", "spouse", "other"] as const;
export type Relation = (typeof RELATIONS)[number];

/** One question a page, in this order; `check` shows them all again. What a clinic asks itself stands before it. */
export const STEPS = ["who", "name", "birth", "contact", "symptoms", "flags", "clinic", "check"] as const;
export type Step = (typeof STEPS)[number];

/** The pages that this service has: without questions of its own it asks no more than all do. */
export function stepsOf(asked: Asked, draft: Draft): Step[] {
  const clinic = asked.questions.length > 0 || asked.first_visit.visit === "first" || draft.asksLastInPerson;
  return STEPS.filter((step) => (step === "flags" ? (asked.red_flags?.questions.length ?? 0) > 0 : step !== "clinic" || clinic));
}

/** What a field can be blamed for; the page turns it into a sentence. */
export type Fault = "for_whom" | "relation" | "booker_name" | "name" | "kana" | "kana_letters" | "phone" | "phone_form" | "email_form" | "symptoms" | "symptoms_long" | "basis" | "sources" | "last_in_person" | AnswerFault | DateFault;

export interface FaultAt {
  field: string;
  fault: Fault;
}

export const emptyDraft: Draft = {
  forWhom: "", relation: "", bookerName: "", name: "", kana: "", birth: emptyDate, phone: "", email: "", symptoms: "",
  answers: {}, flags: {}, basis: "", sources: [], lastInPerson: "", asksLastInPerson: false,
};

/** The ids of the controls of a clinic's questions. */
export const controlOf = (step: "flags" | "clinic", question: string): string => `${step}-${question}`;

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
export function faultsOf(step: Step, draft: Draft, today: string, asked?: Asked): FaultAt[] {
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
    case "flags":
      return faultsOfAnswers(step, asked?.red_flags?.questions ?? [], draft.flags);
    case "clinic":
      return asked ? faultsOfClinic(asked, draft) : [];
    case "check":
      return [];
  }
}

function faultsOfAnswers(step: "flags" | "clinic", questions: Asked["questions"], answers: Answers): FaultAt[] {
  return shownOf(questions, answers).flatMap((question) => {
    const fault = faultOf(question, answers[question.id]);
    return fault ? [{ field: controlOf(step, question.id), fault }] : [];
  });
}

function faultsOfClinic(asked: Asked, draft: Draft): FaultAt[] {
  const faults = faultsOfAnswers("clinic", asked.questions, draft.answers);
  if (asked.first_visit.visit === "first") {
    if (!draft.basis) faults.push({ field: "first_visit_basis", fault: "basis" });
    else if (asksSources(asked, draft.basis) && draft.sources.length === 0) faults.push({ field: "sources", fault: "sources" });
  }
  if (draft.asksLastInPerson && !draft.lastInPerson) faults.push({ field: "last_in_person_on", fault: "last_in_person" });
  return faults;
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
export function missingBefore(step: Step, draft: Draft, today: string, asked: Asked): Step | undefined {
  const steps = stepsOf(asked, draft);
  const at = steps.indexOf(step);
  return (at < 0 ? steps : steps.slice(0, at)).find((earlier) => faultsOf(earlier, draft, today, asked).length > 0);
}

/** The answers as the server takes them; undefined while the birth date is none. */
export function bodyOf(draft: Draft, language: "ja" | "en", today: string, asked?: Asked, terms?: Terms): Schemas["ConfirmWish"] | undefined {
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
    ...(asked ? askedBody(draft, asked) : {}),
    ...(terms ? termsBody(terms) : {}),
  };
}

/** What the clinic asked, each list with the version that was shown. */
function askedBody(draft: Draft, asked: Asked): Partial<Schemas["ConfirmWish"]> {
  const first = asked.first_visit.visit === "first";
  return {
    ...(asked.version == null ? {} : { questionnaire_version: asked.version, answers: sentOf(asked.questions, draft.answers) }),
    ...(asked.red_flags ? { triage_version: asked.red_flags.version, triage: sentOf(asked.red_flags.questions, draft.flags) } : {}),
    ...(first && draft.basis && draft.basis !== "none" ? { first_visit_basis: draft.basis } : {}),
    ...(first && asksSources(asked, draft.basis) ? { medical_information_source: draft.sources } : {}),
    ...(draft.asksLastInPerson && draft.lastInPerson ? { last_in_person_on: draft.lastInPerson } : {}),
  };
}

/** What was shown and ticked on the last page, which does not send before all is. */
function termsBody(terms: Terms): Partial<Schemas["ConfirmWish"]> {
  return {
    consents: terms.consents.map(({ kind, version }) => ({ kind, version })),
    ...(terms.fees ? { fee_version: terms.fees.version } : {}),
    ...(terms.acknowledge.includes("refusal") ? { refusal_acknowledged: true } : {}),
    ...(terms.acknowledge.includes("fee") ? { fee_acknowledged: true } : {}),
  };
}

/** Which page asks for the field that the server found fault with (a JSON pointer of the body). */
export function stepOfPointer(pointer: string): { step: Step; field: string } | undefined {
  const [name = "", inner] = pointer.replace(/^#?\//, "").split("/");
  if (name === "answers" && inner) return { step: "clinic", field: controlOf("clinic", inner) };
  if (name === "triage" && inner) return { step: "flags", field: controlOf("flags", inner) };
  const steps: Record<string, Step> = {
    for_whom: "who", relation: "who", booker_name: "who", name: "name", kana: "name", birth_date: "birth", phone: "contact", email: "contact", symptoms: "symptoms",
    first_visit_basis: "clinic", last_in_person_on: "clinic", medical_information_source: "clinic", consents: "check", refusal_acknowledged: "check", fee_acknowledged: "check",
  };
  const step = steps[name];
  const controls: Record<string, string> = { birth_date: "birth", medical_information_source: "sources", consents: "consent-online_care" };
  return step ? { step, field: controls[name] ?? name } : undefined;
}
