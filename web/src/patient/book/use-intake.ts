import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Booking } from "../../api/client";
import { dateOf } from "../../i18n";
import { type Asked, changedFees, changedQuestions, type Terms } from "./intake";

/** What changed while somebody was answering. */
export interface Changes {
  questions: Asked["questions"];
  fees: ReturnType<typeof changedFees>;
  /** The fees changed, if only in what calling off costs. */
  feesChanged: boolean;
  consents: Terms["consents"];
}

/** What the service asks and what it costs on the day, with what changed since it was first shown. */
export interface Intake {
  asked: Asked;
  terms: Terms;
  news: Changes | undefined;
  /** Takes what the server says is current now; true when there was something. */
  renew: (current: { questionnaire?: Asked | null; terms?: Terms | null }) => boolean;
}

export function useIntake(booking: Booking): { data: Intake | undefined; isPending: boolean; error: unknown; refetch: () => void } {
  const queries = useQueryClient();
  const [news, setNews] = useState<Changes | undefined>();
  const path = { id: booking.service.id };
  const on = dateOf(new Date(booking.start), booking.zone);
  // Asked once a booking: what is shown changes only when the server says so, and then visibly.
  const options = { staleTime: Infinity };
  const asked = api.useQuery("get", "/api/services/{id}/questionnaire", { params: { path } }, options);
  const terms = api.useQuery("get", "/api/services/{id}/terms", { params: { path, query: { on } } }, options);
  const renew: Intake["renew"] = (current) => {
    if (!asked.data || !terms.data || !(current.questionnaire ?? current.terms)) return false;
    const before = terms.data;
    const now = current.terms;
    if (current.questionnaire) queries.setQueryData(api.queryOptions("get", "/api/services/{id}/questionnaire", { params: { path } }).queryKey, current.questionnaire);
    if (now) queries.setQueryData(api.queryOptions("get", "/api/services/{id}/terms", { params: { path, query: { on } } }).queryKey, now);
    const flags = (list: Asked) => list.red_flags?.questions ?? [];
    setNews({
      questions: current.questionnaire ? [...changedQuestions(flags(asked.data), flags(current.questionnaire)), ...changedQuestions(asked.data.questions, current.questionnaire.questions)] : [],
      fees: now ? changedFees(before.fees, now.fees) : [],
      feesChanged: now ? JSON.stringify(before.fees ?? null) !== JSON.stringify(now.fees ?? null) : false,
      consents: now ? now.consents.filter((text) => !before.consents.some((old) => old.kind === text.kind && old.version === text.version)) : [],
    });
    return true;
  };
  return {
    data: asked.data && terms.data ? { asked: asked.data, terms: terms.data, news, renew } : undefined,
    isPending: asked.isPending || terms.isPending,
    error: asked.error ?? terms.error,
    refetch: () => {
      if (asked.error) void asked.refetch();
      if (terms.error) void terms.refetch();
    },
  };
}
