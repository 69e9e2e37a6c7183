import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, type Schemas } from "../../api/client";
import { SelectField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { serviceName } from "../hours/conditions";
import { useServices } from "../settings/services";
import { READ_ONCE_SHOWN } from "../read-once";
import { ConsentForm } from "./consent-form";
import { FeesForm } from "./fees-form";
import { FirstVisitForm } from "./first-visit-form";

/** What patients are told and agree to before a visit: fees, the rule on first visits, the texts of consent. */
export function TermsPage() {
  const { t } = useLingui();
  const services = useServices();
  const texts = api.useQuery("get", "/api/clinic/consent-texts", undefined, READ_ONCE_SHOWN);
  const [chosen, setChosen] = useState("");
  const items = services.items ?? [];
  const shown = items.find(({ id }) => id === chosen) ?? items[0];
  return (
    <>
      <PageTitle title={t`料金と同意`} />
      <QueryState query={services} />
      {items.length > 1 && shown ? (
        <SelectField id="service" label={t`診療の種類`} value={shown.id} onChange={setChosen} options={items.map((one) => ({ value: one.id, label: serviceName(one) }))} />
      ) : null}
      {shown ? <OfService key={shown.id} service={shown} /> : null}
      <h2>{t`同意の文`}</h2>
      <p>{t`予約のときに患者さんが読み、同意する文です。どの診療でも同じです。`}</p>
      <QueryState query={texts} />
      {texts.data?.items.map((one) => <ConsentForm key={`${one.kind}-${texts.dataUpdatedAt}`} kept={one} onReload={() => { void texts.refetch(); }} />)}
    </>
  );
}

function OfService({ service }: { service: Schemas["ClinicService"] }) {
  const path = { params: { path: { id: service.id } } };
  const fees = api.useQuery("get", "/api/clinic/services/{id}/fees", path, READ_ONCE_SHOWN);
  const first = api.useQuery("get", "/api/clinic/services/{id}/first-visit", path, READ_ONCE_SHOWN);
  return (
    <>
      <QueryState query={fees} />
      {fees.data ? <FeesForm key={fees.dataUpdatedAt} service={service.id} fees={fees.data} onReload={() => { void fees.refetch(); }} /> : null}
      {service.rules.visit === "first" ? (
        <>
          <QueryState query={first} />
          {first.data ? <FirstVisitForm service={service.id} kept={first.data.without_basis} /> : null}
        </>
      ) : null}
    </>
  );
}
