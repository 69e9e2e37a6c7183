import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

/** Three catalogues, so that words of the staff pages never reach a patient's telephone. */
export default defineConfig({
  sourceLocale: "ja",
  locales: ["ja", "en"],
  format: formatter({ lineNumbers: false }),
  catalogs: [
    { path: "src/locales/{locale}/shared", include: ["src/ui", "src/tele", "src/i18n"] },
    { path: "src/locales/{locale}/patient", include: ["src/patient"] },
    { path: "src/locales/{locale}/staff", include: ["src/staff"] },
  ],
});
