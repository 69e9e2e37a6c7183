/** What somebody said, in writing. Kept nowhere: the last lines are shown, and then they are gone. */
export interface Caption {
  from: string;
  text: string;
  lang: string;
  /** Still being written: the next one of the same speaker takes its place. */
  interim: boolean;
}

/** Lines shown of each speaker that are finished. */
const FINISHED_MOST = 2;

/** The captions after another one of the speaker. */
export function withCaption(captions: readonly Caption[], next: Caption): Caption[] {
  const rest = captions.filter((one) => !(one.from === next.from && one.interim));
  const finished = rest.filter((one) => one.from === next.from);
  const drop = next.interim ? undefined : finished.length >= FINISHED_MOST ? finished[0] : undefined;
  return [...rest.filter((one) => one !== drop), next];
}
