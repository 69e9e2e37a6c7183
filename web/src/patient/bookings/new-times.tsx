import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, type Booking, client, type Schemas } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { Failure } from "../../ui/errors";

/** The clinic cannot keep the time: others, each taken with one tap. */
export function NewTimes({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [failure, setFailure] = useState<unknown>(null);
  const [moving, setMoving] = useState(false);
  const { queryKey } = api.queryOptions("get", "/api/bookings/{id}", { params: { path: { id: booking.id } } });
  const move = async (time: Schemas["NewTime"]) => {
    setFailure(null);
    setMoving(true);
    try {
      const { data, error } = await client.POST("/api/bookings/{id}/move", {
        params: { path: { id: booking.id } },
        body: { clinician_id: time.clinician_id, start: time.start, version: booking.version },
      });
      if (data) {
        queries.setQueryData(queryKey, data);
        await navigate(`/bookings/${data.id}`, { replace: true, state: { moved: true } });
      } else {
        setFailure(error);
        await queries.invalidateQueries({ queryKey });
      }
    } catch (error) {
      setFailure(error);
    } finally {
      setMoving(false);
    }
  };
  if (booking.new_times.length === 0) return failure ? <Failure error={failure} /> : null;
  return (
    <section className="banner banner-warning" aria-labelledby="new-times-title">
      <h2 id="new-times-title" className="banner-title">{t`医療機関の都合で、この日時には診察できません`}</h2>
      <p>{t`新しい日時を押すと、その日時に変わります。入れた内容はそのままです。`}</p>
      {failure ? <Failure error={failure} /> : null}
      <div className="slots">
        {booking.new_times.map((time) => (
          <button type="button" className="slot slot-wide" key={`${time.clinician_id}${time.start}`} disabled={moving} onClick={() => { void move(time); }}>
            {dayAndTime(time.start, booking.zone, language())}
          </button>
        ))}
      </div>
    </section>
  );
}
