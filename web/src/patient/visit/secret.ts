/** Reads the token after `#` and takes it out of the address bar without leaving a trace in the history. */
export function takeSecret(location: Pick<Location, "hash" | "pathname" | "search">, history: Pick<History, "replaceState" | "state">): string {
  const token = location.hash.replace(/^#/, "");
  if (token) history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}
