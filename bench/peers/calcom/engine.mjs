// The slot engine out of cal.com's published package, without the rest of it.
//
// Its chunk of slot functions imports database, mail and web server, which the package does not
// bring along. They are replaced by a thing that swallows every use; what the slot functions do use
// is given: the date ranges and dayjs with its plugins are the package's own.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const given = {
  getTimeZone: 'date => date["$x"]["$timezone"]',
  SchedulingType: '{ ROUND_ROBIN: "roundRobin", COLLECTIVE: "collective", MANAGED: "managed" }',
  DEFAULT_GROUP_ID: '"default"',
  withReporting: "run => run",
};

function rewritten(source) {
  const kept = [];
  const body = source.replace(/^import (?:([^;]*?) from )?"([^"]+)";$/gm, (line, names, from) => {
    if (from === "dayjs" || /^\.\/(date-ranges|index-rbw)/.test(from)) {
      kept.push(line);
      return "";
    }
    const inner = /\{(.*)\}/.exec(names ?? "")?.[1] ?? names ?? "";
    const locals = inner.split(",").map((name) => name.trim().split(" as ").pop().trim());
    const value = (name) => given[name] ?? "swallow";
    return locals.filter(Boolean).map((name) => `const ${name} = ${value(name)};`).join("\n");
  });
  const swallow =
    "const swallow = new Proxy(function () {}, { get: (_, key) => key === Symbol.toPrimitive" +
    ' ? () => "" : swallow, apply: () => swallow, construct: () => ({}) });\n';
  const ours = "\nexport { getAggregatedAvailability as aggregated, getSlots as slots };\n";
  // What the chunk itself exports is its services, which nobody asks for here.
  return kept.join("\n") + "\n" + swallow + body.replace(/\nexport \{[^}]*\};?\s*$/, "\n") + ours;
}

export async function load(folder) {
  const dist = resolve(folder, "package/dist");
  const own = join(dist, "onshin-bench.js");
  writeFileSync(own, rewritten(readFileSync(join(dist, "slots.js"), "utf8")));
  const ranges = readdirSync(dist).find((name) => /^date-ranges-.*\.js$/.test(name));
  const at = (path) => import(pathToFileURL(path));
  const { b: buildDateRanges, s: subtract } = await at(join(dist, ranges));
  const { aggregated, slots } = await at(own);
  const { default: dayjs } = await at(resolve(folder, "node_modules/dayjs/dayjs.min.js"));
  return { buildDateRanges, subtract, aggregated, slots, dayjs };
}
