// Says how large the builds are for a browser that has nothing in its cache, and fails above the budget.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = join(import.meta.dirname, "..", "dist");
const size = (file) => gzipSync(readFileSync(file), { level: 9 }).length / 1000;

/** The files a page names, with the modules they import statically (and the words of one language). */
function loaded(side, page) {
  const html = readFileSync(join(dist, side, page), "utf8");
  const found = new Set();
  const visit = (file) => {
    if (found.has(file)) return;
    found.add(file);
    if (!file.endsWith(".js")) return;
    const text = readFileSync(file, "utf8");
    for (const [, name] of text.matchAll(/(?:from|import)\s*["'](\.\/[^"']+)["']/g)) visit(join(dirname(file), name));
  };
  for (const [, name] of html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)) visit(join(dist, name));
  // The catalogues are asked for at once; count the larger language of each.
  const words = new Map();
  for (const file of [...found].filter((name) => name.endsWith(".js"))) {
    for (const [, name] of readFileSync(file, "utf8").matchAll(/import\(\s*["'`](\.\/(shared|patient|staff)-[^"'`]+)["'`]\s*\)/g)) {
      const path = join(dirname(file), name);
      const group = /\/(shared|patient|staff)-[^/]*$/.exec(path)?.[1] ?? path;
      words.set(group, Math.max(words.get(group) ?? 0, size(path)));
    }
  }
  const sum = (ending) => [...found].filter((name) => name.endsWith(ending)).reduce((total, name) => total + size(name), 0);
  return { html: gzipSync(html).length / 1000, js: sum(".js") + [...words.values()].reduce((a, b) => a + b, 0), css: sum(".css") };
}

/** kB, gzip: html, js, css. */
const BUDGETS = [
  ["patient", "index.html", { html: 12, js: 60, css: 20 }],
  ["patient", "visit.html", { html: 12, js: 85, css: 20 }],
  ["staff", "index.html", { html: 12, js: 250, css: 25 }],
  ["staff", "visit.html", { html: 12, js: 250, css: 25 }],
];

let failed = false;
for (const [side, page, budget] of BUDGETS) {
  const real = loaded(side, page);
  const line = Object.entries(budget).map(([kind, most]) => {
    if (real[kind] > most) failed = true;
    return `${kind} ${real[kind].toFixed(1)}/${most} kB${real[kind] > most ? " TOO LARGE" : ""}`;
  });
  console.log(`${side}/${page}: ${line.join(", ")} (gzip)`);
}
process.exit(failed ? 1 : 0);
