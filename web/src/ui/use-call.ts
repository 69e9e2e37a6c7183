import { useState } from "react";

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Calls that a person starts: whether one is under way, and what went wrong with the last. */
export function useCall(): {
  busy: boolean;
  failure: unknown;
  forget: () => void;
  /** Gives the answer, or `undefined` when it failed; an answer without a body is `null`. */
  call: <T>(make: () => Promise<Answer<T>>) => Promise<T | null | undefined>;
} {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
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
  return { busy, failure, forget: () => { setFailure(null); }, call };
}
