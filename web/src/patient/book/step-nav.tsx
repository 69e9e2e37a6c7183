import { useLingui } from "@lingui/react/macro";
import type { Step } from "./draft";

/** How far one is: a number in words, and a bar that is only ornament. */
export function StepNav({ now, steps }: { now: Step; steps: Step[] }) {
  const { t } = useLingui();
  const at = steps.indexOf(now) + 1;
  return (
    <div className="step-nav">
      <p>{t`${steps.length} のうち ${at} 番目`}</p>
      <ol aria-hidden="true">
        {steps.map((step, index) => (
          <li key={step} className={index < at ? "step-done" : ""} />
        ))}
      </ol>
    </div>
  );
}
