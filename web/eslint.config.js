import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** What must never reach a patient's telephone; also the hooks that preact does not have. */
const STAFF_ONLY = ["react-aria-components", "@event-calendar/*", "echarts", "**/staff/**"];

export default tseslint.config(
  { ignores: ["dist/**", "src/api/schema.d.ts", "node_modules/**"] },
  ...tseslint.configs.strictTypeChecked,
  reactHooks.configs.flat.recommended,
  jsxA11y.flatConfigs.strict,
  {
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: false }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // The policy of the server forbids inline styles; classes only.
      "no-restricted-syntax": ["error", { selector: "JSXAttribute[name.name='style']", message: "The content security policy forbids inline styles: use a class." }],
      "jsx-a11y/no-noninteractive-tabindex": ["error", { tags: [], roles: [], allowExpressionValues: true }],
    },
  },
  {
    files: ["src/patient/**", "src/ui/**", "src/tele/**", "src/i18n/**", "src/api/**"],
    rules: {
      "no-restricted-imports": ["error", {
        patterns: [{ group: STAFF_ONLY, message: "The patient build may not import what only staff need." }],
        paths: [{ name: "react", importNames: ["use", "useActionState", "useOptimistic", "useFormStatus"], message: "preact has no such hook." }],
      }],
    },
  },
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked], languageOptions: { globals: { process: "readonly", console: "readonly" } } },
);
