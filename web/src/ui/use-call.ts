import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { language } from "../i18n";

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * Calls that a person starts: whether one is under way, and what went wrong with the last. That is told in a sentence of
 * one language: in another one it is gone until the next try.
 */
export function useCall(): {
  busy: boolean;
  failure: unknown;
  forget: () => void;
  /** Gives the answer, or `undefined` when it failed; an answer without a body is `null`. */
  call: <T>(make: () => Promise<Answer<T>>) => Promise<T | null | undefined>;
} {
  const [busy, setBusy] = useState(false);
  const { i18n } = useLingui();
  const [failed, setFailed] = useState<{ spoken: string; failure: unknown }>();
  const setFailure = (failure: unknown) => { setFailed({ spoken: language(), failure }); };
  const call = async <T>(make: () => Promise<Answer<T>>): Promise<T | null | undefined> => {
    setFailure(null);
    setBusy(true);
    try {
      const { data, error, response } = await make();
      if (response.ok) return data ?? null;
      setFailure(error);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
    return undefined;
  };
  return { busy, failure: failed?.spoken === i18n.locale ? failed.failure : null, forget: () => { setFailure(null); }, call };
}
