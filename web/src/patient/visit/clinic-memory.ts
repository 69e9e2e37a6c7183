/** Whom to telephone when a page can show nothing else: the clinic that this tab saw last. */
export interface Clinic {
  name: string;
  telephone: string;
}

const KEY = "onshin.clinic";

/** Keeps the clinic for as long as the tab is open; nothing of the patient. */
export function rememberClinic({ name, telephone }: Clinic, storage: Pick<Storage, "setItem"> = window.sessionStorage): void {
  try {
    storage.setItem(KEY, JSON.stringify({ name, telephone }));
  } catch {
    // Storage that is switched off: the page does without.
  }
}

/** The clinic that was kept, when there is one. */
export function rememberedClinic(storage: Pick<Storage, "getItem"> = window.sessionStorage): Clinic | undefined {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null || !("name" in kept) || !("telephone" in kept)) return undefined;
    return typeof kept.name === "string" && typeof kept.telephone === "string" ? { name: kept.name, telephone: kept.telephone } : undefined;
  } catch {
    return undefined;
  }
}
