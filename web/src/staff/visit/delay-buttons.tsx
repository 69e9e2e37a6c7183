import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, client } from "../../api/client";
import { Failure } from "../../ui/errors";

/** How late a doctor may say to be, in minutes. */
const MINUTES = [5, 10, 15] as const;

/** Three buttons that tell everybody who waits for a doctor how late it is, each in their own language; and one that takes it back. */
export function DelayButtons({ clinician, name }: { clinician: string; name: string }) {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/clinic/delay", undefined, { refetchInterval: 30_000 });
  const [failure, setFailure] = useState<unknown>(null);
  const said = query.data?.items.find((one) => one.clinician_id === clinician)?.minutes ?? 0;
  const say = async (minutes: number) => {
    setFailure(null);
    try {
      const { error } = await client.PUT("/api/clinic/delay", { body: { clinician_id: clinician, minutes } });
      if (error) setFailure(error);
    } catch (error) {
      setFailure(error);
    }
    await query.refetch();
  };
  return (
    <div role="group" aria-label={t`${name} のおくれ`}>
      <p className="buttons">
        <span className="buttons-label">{t`待っている方に伝える:`}</span>
        {MINUTES.map((minutes) => (
          <button key={minutes} type="button" className="button button-outline button-small" aria-pressed={said === minutes} onClick={() => { void say(minutes); }}>{t`${minutes} 分おくれる`}</button>
        ))}
        {said > 0 ? <button type="button" className="link" onClick={() => { void say(0); }}>{t`おくれを取り消す`}</button> : null}
      </p>
      <p role="status" className="small">{said > 0 ? t`${name}: ${said} 分おくれと伝えました` : ""}</p>
      {failure ? <Failure error={failure} /> : null}
    </div>
  );
}
