import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, client, type Schemas } from "../../api/client";
import { dayAndTime, language } from "../../i18n";
import { errorOf, ErrorSummary, Failure, useErrors } from "../../ui/errors";
import { RadioGroup } from "../../ui/fields";
import { Busy, PageTitle } from "../../ui/page";
import { Telephone } from "../../ui/telephone";
import { NotHere } from "../not-here";
import { CutOffs } from "../cut-offs";
import { useCancelReasons } from "./reasons";

type Reason = Schemas["CancelReason"];

/** Cancelling: the rule, a reason, one button. */
export function CancelPage() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { booking: id = "" } = useParams();
  const query = api.useQuery("get", "/api/bookings/{id}", { params: { path: { id } } });
  const reasons = useCancelReasons();
  const [reason, setReason] = useState<Reason | "">("");
  const [errors, setErrors] = useErrors();
  const [failure, setFailure] = useState<unknown>(null);
  if (query.isPending) return <Busy />;
  if (query.error) return <NotHere error={query.error} />;
  const booking = query.data;
  const cancel = async () => {
    setFailure(null);
    setErrors(reason ? [] : [{ field: "reason", text: t`理由を選んでください` }]);
    if (!reason) return;
    try {
      const { data, error } = await client.POST("/api/bookings/{id}/cancel", { params: { path: { id } }, body: { reason } });
      if (!data) {
        setFailure(error);
        return;
      }
      queries.setQueryData(api.queryOptions("get", "/api/bookings/{id}", { params: { path: { id } } }).queryKey, data);
      await navigate(`/bookings/${id}`, { replace: true });
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void cancel();
    }}>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      <PageTitle title={t`予約を取り消しますか`} />
      <p>
        <strong>{dayAndTime(booking.start, booking.zone, language())}</strong> {booking.facility.name}
      </p>
      <CutOffs service={booking.service} />
      <RadioGroup id="reason" legend={t`理由`} error={errorOf(errors, "reason")} value={reason} onChange={setReason} options={reasons} />
      <p className="buttons">
        <button type="submit" className="button button-danger">
          {t`予約を取り消す`}
        </button>
        <Link className="button button-outline" to={`/bookings/${id}`}>
          {t`取り消さない`}
        </Link>
      </p>
      <Telephone name={booking.facility.name} number={booking.facility.telephone} />
    </form>
  );
}
