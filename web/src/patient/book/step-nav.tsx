import { useLingui } from "@lingui/react/macro";
import { STEPS, type Step } from "./draft";

/** How far one is: a number in words, and a bar that is only ornament. */
export function StepNav({ now }: { now: Step }) {
  const { t } = useLingui();
  const at = STEPS.indexOf(now) + 1;
  return (
    <div className="step-nav">
      <p>{t`${STEPS.length} のうち ${at} 番目`}</p>
      <ol aria-hidden="true">
        {STEPS.map((step, index) => (
          <li key={step} className={index < at ? "step-done" : ""} />
        ))}
      </ol>
    </div>
  );
}
