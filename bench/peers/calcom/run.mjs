// node run.mjs FOLDER <scenario.json >answer.json: what ../../README.md calls a peer's answer.
import { readFileSync } from "node:fs";
import { load } from "./engine.mjs";

const engine = await load(process.argv[2]);
const { dayjs } = engine;
const scenario = JSON.parse(readFileSync(0, "utf8"));

// A time of day, as the engine wants it: on any date, in UTC.
const clock = (text) => new Date(`1970-01-01T${text}:00Z`);

function ranges(zone, windows, weekdays, from, to) {
  const availability = windows.map(([opens, closes]) => ({
    days: weekdays,
    startTime: clock(opens),
    endTime: clock(closes),
  }));
  const span = { dateFrom: dayjs.utc(from), dateTo: dayjs.utc(to) };
  return engine.buildDateRanges({ availability, timeZone: zone, ...span, travelSchedules: [] });
}

// The free times of each clinician on its own: Onshin names the clinician of each time.
function free(all) {
  return all.busy.map((busy) => {
    const open = ranges(all.zone, all.windows, [1, 2, 3, 4, 5], all.from, all.to);
    const taken = busy.map(([start, end]) => ({ start: dayjs.utc(start), end: dayjs.utc(end) }));
    const left = {
      dateRanges: engine.subtract(open.dateRanges, taken),
      oooExcludedDateRanges: engine.subtract(open.oooExcludedDateRanges, taken),
    };
    const one = [{ ...left, user: { isFixed: false } }];
    const times = engine.slots({
      inviteeDate: dayjs.utc(all.from).tz(all.zone),
      frequency: 15,
      eventLength: 15,
      minimumBookingNotice: 0,
      dateRanges: engine.aggregated(one, "roundRobin"),
    });
    return times.map((slot) => slot.time.toISOString());
  });
}

function changes({ zone, date, window }) {
  const start = dayjs.utc(date).subtract(1, "day");
  const every = [0, 1, 2, 3, 4, 5, 6];
  const { dateRanges } = ranges(zone, [window], every, start, start.add(3, "day"));
  const onDay = dateRanges.filter((range) => range.start.tz(zone).format("YYYY-MM-DD") === date);
  return onDay.map((range) => [range.start.toISOString(), range.end.toISOString()]);
}

const cpu = [];
let answer;
for (let round = 0; round < scenario.rounds; round++) {
  const before = process.cpuUsage();
  answer = free(scenario);
  const used = process.cpuUsage(before);
  cpu.push((used.user + used.system) / 1000);
}
const table = scenario.changes.map(changes);
console.log(JSON.stringify({ cpu, free: answer, changes: table }));
