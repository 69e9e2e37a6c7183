import { resolve } from "node:path";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig, type ProxyOptions } from "vite";
import { linguiMacros } from "./vite.macros.ts";

const here = import.meta.dirname;

/** The server that `make run` starts, for `vite`'s own server. It takes calls of its own origin only. */
const backEnd: ProxyOptions = {
  target: "http://127.0.0.1:8080",
  changeOrigin: true,
  ws: true,
  headers: { origin: "http://127.0.0.1:8080" },
};

/** Two builds of one tree: `--mode patient` (on preact, for old telephones) and `--mode staff` (on React). */
export default defineConfig(({ mode }) => {
  const side = mode === "staff" ? "staff" : "patient";
  return {
    // Documents come out as dist/<side>/*.html, all else as dist/assets/<side>/*: the server's /assets/.
    root: resolve(here, "html"),
    base: "/",
    publicDir: false,
    resolve: {
      alias: [
        // Its package names the development files only.
        { find: /^react-router$/, replacement: resolve(here, "node_modules/react-router/dist/production/index.mjs") },
        ...(side === "patient"
          ? [
              { find: /^react\/jsx-(dev-)?runtime$/, replacement: "preact/jsx-runtime" },
              { find: /^react-dom\/client$/, replacement: "preact/compat/client" },
              { find: /^react-dom$/, replacement: "preact/compat" },
              { find: /^react$/, replacement: "preact/compat" },
            ]
          : []),
      ],
    },
    plugins: [linguiMacros(), lingui(), react()],
    css: { transformer: "lightningcss" },
    build: {
      outDir: resolve(here, "dist"),
      // Both builds write here; `npm run build` empties it first.
      emptyOutDir: false,
      // Inlined files would be data: URLs; the policy allows them for images only.
      assetsInlineLimit: 0,
      assetsDir: `assets/${side}`,
      target: ["safari15", "chrome87", "firefox102"],
      cssTarget: ["safari15", "chrome87", "firefox102"],
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: {
        // react-router looks whether a hook exists before it uses it; preact has not got it.
        onLog: (level, log, tell) => {
          if (log.code !== "IMPORT_IS_UNDEFINED") tell(level, log);
        },
        input: { index: resolve(here, "html", side, "index.html"), visit: resolve(here, "html", side, "visit.html") },
      },
    },
    server: { port: side === "staff" ? 5174 : 5173, proxy: { "/api": backEnd, "/counts": backEnd } },
  };
});
