import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

/** Words of a course of visits are in both that use them. Words of the staff pages never reach a patient's telephone, and those of a booking only whoever books. */
export default defineConfig({
  sourceLocale: "ja",
  locales: ["ja", "en"],
  format: formatter({ lineNumbers: false }),
  catalogs: [
    { path: "src/locales/{locale}/shared", include: ["src/ui", "src/tele", "src/i18n"], exclude: ["src/ui/series/**"] },
    { path: "src/locales/{locale}/patient", include: ["src/patient"], exclude: ["src/patient/book/**", "src/patient/bookings/**", "src/patient/wait/**"] },
    { path: "src/locales/{locale}/book", include: ["src/patient/book", "src/patient/bookings", "src/patient/wait", "src/ui/series"] },
    { path: "src/locales/{locale}/staff", include: ["src/staff", "src/ui/series"] },
  ],
});
