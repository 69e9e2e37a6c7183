import type { Schemas } from "../../api/client";

type Edit = Schemas["HoursEdit"];
type Exception = Schemas["Exception"];

/** A date that differs, with its hours in minutes of the day; none where it is closed. */
export interface OtherDate {
  date: string;
  open: { opens: number; closes: number }[];
}

/** A file's hours. */
export interface Preview {
  hours: Schemas["Stretch"][];
  dates: OtherDate[];
}

/** The server's preview; its pairs have lost their length on the way through the client's types. */
export function previewOf({ hours, exceptions }: { hours: Preview["hours"]; exceptions: { date: string; open: number[][] }[] }): Preview {
  const spans = (open: number[][]) => open.flatMap(([opens, closes]) => (opens === undefined || closes === undefined ? [] : [{ opens, closes }]));
  return { hours, dates: exceptions.map(({ date, open }) => ({ date, open: spans(open) })) };
}

/** What the server keeps, as far as a file can change it. */
export interface Standing {
  clinician: string;
  /** The version of the weekly hours that the person saw. */
  version: number;
  exceptions: Exception[];
}

/** The dates of a file that are not kept so already. */
export function newDates(preview: Preview, { clinician, exceptions }: Standing): OtherDate[] {
  const mine = exceptions.filter((one) => one.clinician_id == null || one.clinician_id === clinician);
  const isClosed = (date: string) => mine.some((one) => one.date === date && one.kind === "closed");
  const isOpen = (date: string, opens: number, closes: number) => mine.some((one) => one.date === date && one.kind === "open" && one.opens === opens && one.closes === closes);
  return preview.dates.flatMap(({ date, open }) => {
    if (open.length === 0) return isClosed(date) ? [] : [{ date, open }];
    const rest = open.filter(({ opens, closes }) => !isOpen(date, opens, closes));
    return rest.length > 0 ? [{ date, open: rest }] : [];
  });
}

/** A file's hours as one change: the weekly hours are replaced, its dates are added where they are wanted. */
export function editsOf(preview: Preview, standing: Standing, withDates: boolean): Edit[] {
  const { clinician, version } = standing;
  const dates = withDates ? newDates(preview, standing) : [];
  return [
    { kind: "weekly_hours", clinician_id: clinician, version, hours: preview.hours },
    ...dates.flatMap(({ date, open }): Edit[] => {
      const of = { kind: "add_exception" as const, clinician_id: clinician, date };
      if (open.length === 0) return [{ ...of, difference: "closed" }];
      return open.map((hours) => ({ ...of, difference: "open", ...hours }));
    }),
  ];
}
