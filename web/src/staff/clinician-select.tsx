import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../api/client";
import { SelectField } from "../ui/fields";

/** Which clinician of the facility; `whole` adds the facility itself, `everybody` all of them side by side. */
export function ClinicianSelect({ clinicians, value, onChange, whole = false, everybody = false }: {
  clinicians: Schemas["Clinician"][];
  value: string;
  onChange: (id: string) => void;
  whole?: boolean;
  everybody?: boolean;
}) {
  const { t } = useLingui();
  return (
    <SelectField id="clinician" label={whole ? t`だれの` : t`医師`} value={value} onChange={onChange} options={[
      ...(whole ? [{ value: "", label: t`医療機関全体` }] : []),
      ...(everybody ? [{ value: "", label: t`全員` }] : []),
      ...clinicians.map((one) => ({ value: one.id, label: one.name })),
    ]} />
  );
}
