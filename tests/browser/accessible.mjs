// Rules of accessibility on the page as it stands, by axe-core.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const source = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Fails when the page breaks a rule of WCAG 2.2 A or AA that a program can judge. `except` names
 * rules that are left out, with `within` the parts of the page they are left out for.
 */
export async function assertAccessible(page, name, { except = [], within = [] } = {}) {
  // The tools of the browser are not bound by the page's content policy.
  await page.evaluate(source);
  const found = await page.evaluate(
    ([rules, parts]) => {
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
      return window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then(({ violations }) =>
        violations
          .map(({ id, help, nodes }) => ({
            id,
            help,
            nodes: nodes
              .filter(({ target }) => !(rules.includes(id) && parts.some((part) => document.querySelector(target[0])?.closest(part))))
              .map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
          }))
          .filter(({ nodes }) => nodes.length > 0),
      );
    },
    [except, within],
  );
  if (found.length === 0) return;
  const lines = found.map(({ id, help, nodes }) => `${id} (${help})\n    ${nodes.slice(0, 5).join('\n    ')}`);
  throw new Error(`${name} is not accessible:\n  ${lines.join('\n  ')}`);
}

/** Fails when the page must be scrolled sideways with letters twice as large, in a window of 1280 px. */
export async function assertLargeText(page, name) {
  const before = page.viewportSize();
  // What a browser's zoom of 200 % does: half the width to lay out in, everything twice as large.
  await page.setViewportSize({ width: 640, height: 450 });
  await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
  const { wide, inside } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, inside: window.innerWidth }));
  await page.evaluate(() => document.documentElement.style.removeProperty('font-size'));
  await page.setViewportSize(before);
  if (wide > inside) throw new Error(`${name} is ${wide} px wide in a window of ${inside} px with large letters`);
}
