/** A whole number that somebody wrote, with or without commas; nothing where it is none. */
export const wholeNumber = (text: string): number | undefined => {
  const plain = text.normalize("NFKC").replaceAll(",", "").trim();
  return /^\d{1,12}$/.test(plain) ? Number(plain) : undefined;
};
