/** A part of a time in whole percent; undefined where nothing was measured. Neither 0 nor 100 is said of what is not quite it. */
export function partOf(seconds: number, all: number): number | undefined {
  if (all <= 0) return undefined;
  const percent = Math.round((seconds / all) * 100);
  if (percent === 0 && seconds > 0) return 1;
  return percent === 100 && seconds < all ? 99 : percent;
}
