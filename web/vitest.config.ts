import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { linguiMacros } from "./vite.macros.ts";

export default defineConfig({
  plugins: [linguiMacros(), lingui(), react()],
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.ts"],
    env: { TZ: "America/New_York" },
    restoreMocks: true,
  },
});
