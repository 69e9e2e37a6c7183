/** Links told once by the server. In memory only: each carries a secret. */
const links = new Map<string, string>();

/** Keeps the link of a booking while the page is open. */
export function rememberLink(booking: string, link: string): void {
  links.set(booking, link);
}

/** The link of a booking made in this page, if it was. */
export function linkOf(booking: string): string | undefined {
  return links.get(booking);
}
