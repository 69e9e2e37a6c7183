import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api } from "../../api/client";
import { SelectField } from "../../ui/fields";
import { PageTitle } from "../../ui/page";
import { QueryState } from "../../ui/query-state";
import { serviceName } from "../hours/conditions";
import { MediaPolicySection } from "./media-policy";
import { CloseService, NewService } from "./new-service";
import { OverbookingList } from "./overbooking-list";
import { PartnerList } from "./partner-list";
import { RoomList } from "./room-list";
import { ServiceForm } from "./service-form";
import { TrainingList } from "./training-list";

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
        <SelectField id="service" label={t`診療の種類`} value={shown.id} onChange={setChosen} options={items.map((one) => ({ value: one.id, label: serviceName(one) }))} />
      ) : null}
      {shown ? <ServiceForm key={`${shown.id}-${shown.version}`} service={shown} clinicians={clinicians.data?.items ?? []} onReload={() => { void services.refetch(); }} /> : null}
      {shown && items.length > 1 ? <CloseService key={`close-${shown.id}`} service={shown} onClosed={() => {
        setChosen("");
        void services.refetch();
      }} /> : null}
      <NewService onAdded={(id) => {
        setChosen(id);
        void services.refetch();
      }} />
      <TrainingList />
      <RoomList />
      <OverbookingList />
      <MediaPolicySection />
      <PartnerList />
    </>
  );
}
