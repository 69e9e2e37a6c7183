import { useLingui } from "@lingui/react/macro";
import { Link } from "react-router";
import { problemOf } from "../api/problem";
import { Failure } from "../ui/errors";
import { PageTitle } from "../ui/page";

/** Not signed in, or not ours: the link from the booking opens it again. */
export function NotHere({ error }: { error: unknown }) {
  const { t } = useLingui();
  const { status } = problemOf(error);
  if (status !== 401 && status !== 403 && status !== 404) return <Failure error={error} />;
  return (
    <>
      <PageTitle title={t`予約を開けません`} />
      <p>{t`予約のときにお渡ししたリンクから開いてください。リンクと生年月日で、予約を見られます。`}</p>
      <p>
        <Link to="/">{t`医療機関をさがす`}</Link>
      </p>
    </>
  );
}
