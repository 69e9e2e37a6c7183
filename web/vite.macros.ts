import { transformAsync } from "@babel/core";
import type { Plugin } from "vite";

/**
 * Turns Lingui's macros (`t`, `msg`, `Trans`) into catalogue look-ups.
 *
 * Vite 8 compiles TypeScript and JSX without Babel, so only the files that name a macro pass through
 * it, keeping their types and JSX for Vite. (The ready-made plugin asks for a newer Node than ours.)
 */
export function linguiMacros(): Plugin {
  return {
    name: "onshin-lingui-macros",
    enforce: "pre",
    async transform(code, id) {
      const file = id.split("?")[0] ?? id;
      if (!/\.tsx?$/.test(file) || file.includes("/node_modules/")) return null;
      if (!/@lingui\/(core|react)\/macro/.test(code)) return null;
      const result = await transformAsync(code, {
        filename: file,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: ["typescript", "jsx"] },
        plugins: ["@lingui/babel-plugin-lingui-macro"],
      });
      return result?.code ? { code: result.code, map: result.map ?? null } : null;
    },
  };
}
