import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useState } from "react";
import { api, client, type Schemas } from "../api/client";
import { problemOf } from "../api/problem";
import { errorOf, ErrorSummary, Failure, useErrors } from "../ui/errors";
import { TextField } from "../ui/fields";
import { Busy, PageTitle } from "../ui/page";

export type Account = Schemas["Account"];

const Current = createContext<Account | undefined>(undefined);

/** Who is signed in. Only below `SignedIn`. */
export function useAccount(): Account {
  const account = useContext(Current);
  if (!account) throw new Error("no account: outside SignedIn");
  return account;
}

const isClinicRole = (account: Account): boolean => account.role === "clinician" || account.role === "clinic_staff";
const isOfficeRole = (account: Account): boolean => account.role === "prefecture_admin" || account.role === "operator";

/** Which groups of pages an account may open; the server decides again at each call. */
export const mayOpen = (account: Account) => ({
  clinic: isClinicRole(account),
  office: isOfficeRole(account),
  /** Notifications of their own. */
  files: isClinicRole(account) || account.role === "facility_operator",
  /** Reception facilities that they run. */
  reception: account.role === "facility_operator",
  /** Notifications of others. */
  reviews: account.role === "prefecture_admin",
});

/** Shows its children to somebody who is signed in, the sign-in form to everybody else. */
export function SignedIn({ children }: { children: (account: Account) => ReactNode }) {
  const queries = useQueryClient();
  const session = api.useQuery("get", "/api/session", undefined, { staleTime: 60_000 });
  if (session.isPending) return <Busy />;
  if (session.error) {
    if (problemOf(session.error).status === 401 || problemOf(session.error).code === "signed_out") {
      return <SignInForm onDone={() => { void queries.invalidateQueries(); }} />;
    }
    return <Failure error={session.error} retry={() => { void session.refetch(); }} />;
  }
  return <Current.Provider value={session.data}>{children(session.data)}</Current.Provider>;
}

/** Ends the session and starts afresh, so that nothing of it stays in memory. */
export async function signOut(): Promise<void> {
  await client.DELETE("/api/session");
  window.location.assign("/staff");
}

function SignInForm({ onDone }: { onDone: () => void }) {
  const { t } = useLingui();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useErrors();
  const [failure, setFailure] = useState<unknown>(null);
  const submit = async () => {
    setFailure(null);
    const missing = [
      ...(login.trim() ? [] : [{ field: "login", text: t`ログイン名を入れてください` }]),
      ...(password ? [] : [{ field: "password", text: t`パスワードを入れてください` }]),
    ];
    setErrors(missing);
    if (missing.length > 0) return;
    try {
      const { data, error } = await client.POST("/api/session", { body: { login: login.trim(), password } });
      if (data) onDone();
      else setFailure(error);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <form className="narrow" noValidate onSubmit={(event) => {
      event.preventDefault();
      void submit();
    }}>
      <ErrorSummary errors={errors} />
      {failure ? <Failure error={failure} /> : null}
      <PageTitle title={t`ログイン`} />
      <TextField id="login" label={t`ログイン名`} autoComplete="username" error={errorOf(errors, "login")} value={login} onChange={setLogin} />
      <TextField id="password" type="password" label={t`パスワード`} autoComplete="current-password" error={errorOf(errors, "password")} value={password} onChange={setPassword} />
      <button type="submit" className="button button-solid button-large">
        {t`ログインする`}
      </button>
    </form>
  );
}
