import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { client } from "../../api/client";
import { Failure } from "../../ui/errors";
import { useCall } from "../use-call";

/** Calls a patient who is not in the waiting room, by message. */
export function CallPatient({ booking }: { booking: string }) {
  const { t } = useLingui();
  const { busy, failure, call } = useCall();
  const [called, setCalled] = useState(false);
  const tell = async () => {
    setCalled(false);
    setCalled(await call(() => client.POST("/api/clinic/visits/{id}/call", { params: { path: { id: booking } } })) !== undefined);
  };
  return (
    <div>
      {failure ? <Failure error={failure} /> : null}
      <p>
        <button type="button" className="button button-outline" disabled={busy} onClick={() => { void tell(); }}>{t`SMS とメールで呼ぶ`}</button>
      </p>
      <p role="status">{called ? t`「順番が来ました」と送りました。患者さんが入ると、ここに出ます。` : ""}</p>
    </div>
  );
}
