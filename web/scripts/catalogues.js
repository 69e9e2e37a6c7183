// Fails when the catalogues do not match the sources, or when a word has no translation.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const folder = join(root, "src", "locales");
const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".po")).map((name) => join(folder, name));
const withoutDates = (text) => text.replace(/^"POT-Creation-Date:.*$/gm, "");

const before = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
execFileSync(process.execPath, [join(root, "node_modules/@lingui/cli/dist/lingui.js"), "extract", "--clean"], { cwd: root, stdio: "ignore" });
let failed = false;
for (const [file, text] of before) {
  const now = readFileSync(file, "utf8");
  writeFileSync(file, text);
  if (withoutDates(now) !== withoutDates(text)) {
    failed = true;
    console.error(`${file} is behind the sources: run npm run extract, then translate what is new`);
  }
  for (const [, id] of text.matchAll(/^msgid "(.+)"\nmsgstr ""\n(?!")/gm)) {
    failed = true;
    console.error(`${file}: no translation of ${id}`);
  }
}
process.exit(failed ? 1 : 0);
