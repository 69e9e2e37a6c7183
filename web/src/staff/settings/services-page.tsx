import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, type Schemas } from "../../api/client";
import { language } from "../../i18n";
import { SelectField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { OverbookingList } from "./overbooking-list";
import { RoomList } from "./room-list";
import { ServiceForm } from "./service-form";

/** The rules by which each kind of visit is offered, rooms, and named overbooking. */
export function ServicesPage() {
  const { t } = useLingui();
  const services = api.useQuery("get", "/api/clinic/services", undefined, { refetchOnWindowFocus: false });
  const clinicians = api.useQuery("get", "/api/clinic/clinicians");
  const [chosen, setChosen] = useState("");
  const items = services.data?.items ?? [];
  const shown = items.find(({ id }) => id === chosen) ?? items[0];
  return (
    <>
      <PageTitle title={t`診療の種類`} />
      <QueryState query={services} />
      {items.length > 1 && shown ? (
        <SelectField id="service" label={t`診療の種類`} value={shown.id} onChange={setChosen} options={items.map((one: Schemas["ServiceRules"]) => ({ value: one.id, label: language() === "ja" ? one.name_ja : one.name_en || one.name_ja }))} />
      ) : null}
      {shown ? <ServiceForm key={`${shown.id}-${shown.version}`} rules={shown} clinicians={clinicians.data?.items ?? []} onReload={() => { void services.refetch(); }} /> : null}
      <RoomList />
      <OverbookingList />
    </>
  );
}
