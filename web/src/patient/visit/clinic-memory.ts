/** Whom to telephone when a page can show nothing else: the clinic that it saw last. */
export interface Clinic {
  name: string;
  telephone: string;
}

let seen: Clinic | undefined;

/**
 * Keeps the clinic for as long as the page is open, and nowhere else: which clinic somebody goes to
 * is for nobody who has the device later.
 */
export function rememberClinic({ name, telephone }: Clinic): void {
  seen = { name, telephone };
}

/** The clinic that was seen, when there was one. */
export function rememberedClinic(): Clinic | undefined {
  return seen;
}
