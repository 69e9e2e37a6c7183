import { type Calendar, createCalendar, destroyCalendar, Interaction, ResourceTimeGrid } from "@event-calendar/core";
import "@event-calendar/core/index.css";
import "./calendar.css";
import { useLingui } from "@lingui/react/macro";
import { useEffect, useEffectEvent, useRef } from "react";
import type { Schemas, Service } from "../../api/client";
import { addDays, clockOfMinutes, language } from "../../i18n";
import { useConditionText } from "./conditions";
import type { Occurrence, Stretch } from "./draft";
import { DAY, moved, stretched, UNIT, weekdayName, weekdayOf } from "./stretches";
import { isReplaced, type Special, type Taken } from "./week";

/** Minutes that a drag or an arrow key moves by; with Shift it is one unit. */
const STEP = 15;

/** What the calendar asks the page to do. */
export interface CalendarDeeds {
  onOpen: (key: number) => void;
  onAdd: (stretch: Stretch) => void;
  onPut: (key: number, stretch: Partial<Stretch>) => void;
  onRemove: (key: number) => void;
  onSpecial: () => void;
}

interface Shown {
  dates: string[];
  clinicians: Schemas["Clinician"][];
  services: Service[];
  hours: Occurrence[];
  specials: Special[];
  taken: Taken[];
}

const instant = (date: string, minutes: number): string =>
  minutes === DAY ? `${addDays(date, 1)}T00:00:00` : `${date}T${clockOfMinutes(minutes).padStart(5, "0")}:00`;

const two = (value: number): string => String(value).padStart(2, "0");

/** The calendar hands out dates whose local parts are what it shows, whatever the zone of the browser. */
const dateIn = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const minuteIn = (date: Date): number => date.getHours() * 60 + date.getMinutes();

/** Where something lies that the calendar reports; the end of a day is its last minute, not the next day. */
function placeOf(start: Date, end: Date): { date: string; opens: number; closes: number } {
  const [date, opens] = [dateIn(start), minuteIn(start)];
  const closes = dateIn(end) === date ? minuteIn(end) : DAY;
  return { date, opens, closes };
}

const element = (name: string, className: string, text: string): HTMLElement => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

/** The key of the stretch of an element of the calendar. */
const keyAt = (target: EventTarget | null): number | undefined => {
  const mark = target instanceof Element ? target.closest(".ec-event")?.querySelector<HTMLElement>("[data-key]") : undefined;
  return mark ? Number(mark.dataset.key) : undefined;
};

/**
 * Clinicians side by side on each day, their hours to be dragged, drawn and resized. All of it goes by
 * keyboard too: Enter opens a stretch, arrows move it, Alt and arrows move its end, Delete removes it.
 */
export default function WeekCalendar({ deeds, focus, ...shown }: Shown & {
  deeds: CalendarDeeds;
  /** The stretch that was changed last, by a new object each time. */
  focus: { key: number } | undefined;
}) {
  const { t } = useLingui();
  const box = useRef<HTMLDivElement>(null);
  const calendar = useRef<Calendar>(undefined);
  const events = useEvents(shown);
  const { dates, clinicians } = shown;
  const first = dates[0] ?? "";
  const find = (key: number) => shown.hours.find((one) => one.key === key);

  const put = useEffectEvent((key: number, date: string, place: { opens: number; closes: number }, clinician: string) => {
    deeds.onPut(key, { clinician, weekday: weekdayOf(date), ...place });
  });
  const onOpen = useEffectEvent((event: Calendar.Event) => {
    const key: unknown = event.extendedProps.key;
    if (typeof key === "number") deeds.onOpen(key);
    else deeds.onSpecial();
  });
  const onMoved = useEffectEvent(({ event, revert }: { event: Calendar.Event; revert: () => void }) => {
    const key = Number(event.extendedProps.key);
    const before = find(key);
    const { date, opens } = placeOf(event.start, event.end);
    revert();
    if (before) put(key, date, moved({ opens, closes: opens + before.closes - before.opens }, 0), String(event.resourceIds[0] ?? before.clinician));
  });
  const onResized = useEffectEvent(({ event, revert }: { event: Calendar.Event; revert: () => void }) => {
    const key = Number(event.extendedProps.key);
    const before = find(key);
    const { opens, closes } = placeOf(event.start, event.end);
    revert();
    if (before) put(key, before.date, { opens, closes }, before.clinician);
  });
  const onDrawn = useEffectEvent(({ start, end, resource }: Calendar.SelectInfo) => {
    calendar.current?.unselect();
    const { date, ...place } = placeOf(start, end);
    deeds.onAdd({ clinician: resource.id, weekday: weekdayOf(date), ...place, rest: {} });
  });
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const key = keyAt(event.target);
    const before = key === undefined ? undefined : find(key);
    if (key === undefined || !before || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? UNIT : STEP;
    const change = event.altKey ? stretched : moved;
    const sideways = (by: number) => {
      const weekday = Math.min(7, Math.max(1, weekdayOf(before.date) + by));
      deeds.onPut(key, { weekday });
    };
    const doings: Record<string, () => void> = {
      ArrowUp: () => { deeds.onPut(key, change(before, -step)); },
      ArrowDown: () => { deeds.onPut(key, change(before, step)); },
      ArrowLeft: () => { sideways(-1); },
      ArrowRight: () => { sideways(1); },
      Delete: () => { deeds.onRemove(key); },
    };
    const doing = doings[event.key];
    if (!doing || (event.altKey && !event.key.endsWith("Up") && !event.key.endsWith("Down"))) return;
    event.preventDefault();
    doing();
  });

  useEffect(() => {
    const target = box.current;
    if (!target) return undefined;
    const key = (event: KeyboardEvent) => { onKey(event); };
    target.addEventListener("keydown", key);
    const made = createCalendar(target, [ResourceTimeGrid, Interaction], {
      ...LOOK,
      slotHeight: parseFloat(getComputedStyle(document.documentElement).fontSize) * 1.5,
      eventClick: ({ event, jsEvent }) => {
        // The rest of the key press would go to the first field of the dialog, and open its list.
        jsEvent.preventDefault();
        onOpen(event);
      },
      eventDrop: (info) => { onMoved(info); },
      eventResize: (info) => { onResized(info); },
      select: (info) => { onDrawn(info); },
    });
    calendar.current = made;
    return () => {
      target.removeEventListener("keydown", key);
      void destroyCalendar(made);
    };
  }, []);

  useEffect(() => {
    const made = calendar.current;
    if (!made) return;
    made.setOption("locale", language() === "ja" ? "ja-JP" : "en-GB");
    made.setOption("duration", { days: dates.length });
    made.setOption("date", `${first}T00:00:00`);
  }, [dates.length, first]);
  const columns = JSON.stringify(clinicians.map(({ id, name }) => ({ id, title: name })));
  useEffect(() => {
    calendar.current?.setOption("resources", JSON.parse(columns) as Calendar.ResourceInput[]);
  }, [columns]);
  const draw = useEffectEvent(() => {
    calendar.current?.setOption("events", events.list).setOption("slotMinTime", { minutes: events.from }).setOption("slotMaxTime", { minutes: events.to });
  });
  // The lists are made anew each time; what they say is not.
  const said = JSON.stringify(events);
  useEffect(() => { draw(); }, [said]);
  useEffect(() => {
    if (!focus) return undefined;
    // A changed stretch is drawn anew: whoever changed it stays on it.
    const frame = requestAnimationFrame(() => {
      box.current?.querySelector(`[data-key="${focus.key}"]`)?.closest<HTMLElement>(".ec-event")?.focus();
    });
    return () => { cancelAnimationFrame(frame); };
  }, [focus]);
  return (
    // It may be wider than the screen, so it has to be reachable without a mouse.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="week-calendar" ref={box} role="region" aria-label={t`週のカレンダー`} tabIndex={0} />
  );
}

/** What stands in an event: `before` and `after` for those who do not see where it lies and how it looks. */
interface Said {
  key?: number;
  before: string;
  time: string;
  note: string;
  after: string;
}

function contentOf({ key, before, time, note, after }: Said): Node[] {
  const mark = element("span", "stretch-time", time);
  if (key !== undefined) mark.dataset.key = String(key);
  return [element("span", "visually-hidden", before), mark, element("span", "stretch-note", note), element("span", "visually-hidden", after)];
}

const LOOK: Calendar.Options = {
  view: "resourceTimeGridWeek",
  headerToolbar: { start: "", center: "", end: "" },
  firstDay: 1,
  datesAboveResources: true,
  columnWidth: "minmax(5rem, 1fr)",
  height: "auto",
  slotDuration: { minutes: 30 },
  slotLabelInterval: { minutes: 60 },
  slotLabelFormat: (time) => `${time.getHours()}:${two(time.getMinutes())}`,
  snapDuration: { minutes: STEP },
  slotEventOverlap: false,
  allDaySlot: true,
  allDayContent: "",
  editable: true,
  eventResizableFromStart: true,
  selectable: true,
  eventContent: ({ event }) => ({ domNodes: contentOf(event.extendedProps as unknown as Said) }),
};

/** The hours that are always shown. */
const EARLIEST = 8 * 60;
const LATEST = 19 * 60;

/** What is shown, as events of the calendar, and the part of the day that holds them all. */
function useEvents({ dates, clinicians, services, hours, specials, taken }: Shown): { list: Calendar.EventInput[]; from: number; to: number } {
  const { t } = useLingui();
  const words = useConditionText(services);
  const nameOf = (id: string) => clinicians.find((one) => one.id === id)?.name ?? "";
  const kinds: Record<Special["kind"], string> = {
    closed: t`休診`,
    closure: t`休診`,
    open: t`臨時の診療`,
    break: t`休憩`,
    holiday_closed: t`祝日 休診`,
    holiday_open: t`祝日 診療`,
  };
  const list: Calendar.EventInput[] = hours.map((one) => {
    const idle = isReplaced(specials, one.clinician, one.date);
    const span = `${clockOfMinutes(one.opens)}–${clockOfMinutes(one.closes)}`;
    return {
      id: `hours-${one.key}`,
      start: instant(one.date, one.opens),
      end: instant(one.date, one.closes),
      resourceIds: [one.clinician],
      classNames: ["stretch", ...(idle ? ["stretch-idle"] : [])],
      extendedProps: {
        key: one.key,
        before: `${nameOf(one.clinician)} ${weekdayName(weekdayOf(one.date), language())} `,
        time: span,
        note: words(one.rest),
        after: idle ? t`この日は行いません` : "",
      } satisfies Said,
    };
  });
  for (const one of specials) {
    const title = [kinds[one.kind], one.name].filter(Boolean).join(" ");
    const timed = one.opens !== undefined && one.closes !== undefined;
    list.push({
      id: one.id,
      start: timed ? instant(one.date, one.opens ?? 0) : one.date,
      end: timed ? instant(one.date, one.closes ?? DAY) : one.date,
      allDay: !timed,
      resourceIds: one.clinician === null ? clinicians.map(({ id }) => id) : [one.clinician],
      editable: false,
      classNames: ["special", `special-${one.kind}`],
      extendedProps: { before: "", time: title, note: timed ? `${clockOfMinutes(one.opens ?? 0)}–${clockOfMinutes(one.closes ?? DAY)}` : "", after: "" } satisfies Said,
    });
  }
  taken.forEach((one, place) => {
    list.push({
      id: `taken-${place}`,
      start: instant(one.date, one.opens),
      end: instant(one.date, one.closes),
      resourceIds: [one.clinician],
      display: "background",
      classNames: ["taken"],
      extendedProps: { before: "", time: "", note: "", after: "" } satisfies Said,
    });
  });
  const inDates = (date: string) => dates.includes(date);
  const minutes = [...hours, ...taken].filter((one) => inDates(one.date));
  return {
    list,
    from: Math.min(EARLIEST, ...minutes.map((one) => Math.floor(one.opens / 60) * 60)),
    to: Math.max(LATEST, ...minutes.map((one) => Math.ceil(one.closes / 60) * 60)),
  };
}
