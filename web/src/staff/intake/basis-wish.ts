import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "../../api/client";
import type { FieldError } from "../../ui/errors";
import type { FirstVisitEntry } from "../desk/first-visit-fields";

/** The control of what the server names by a pointer, among those of the basis of a first visit. */
export const basisField = (pointer: string, prefix = ""): string => prefix + (pointer === "/basis" ? "first_visit_basis" : pointer.slice(1));

/** What is missing of the basis of a first visit, by the ids of its controls. */
export function useBasisFaults(): (entry: FirstVisitEntry, prefix?: string) => FieldError[] {
  const { t } = useLingui();
  return ({ basis, last, sources }, prefix = "") => [
    ...(basis ? [] : [{ field: `${prefix}first_visit_basis`, text: t`初診の根拠を選んでください` }]),
    ...(basis === "kakaritsuke" && !last ? [{ field: `${prefix}last_in_person_on`, text: t`最後に来院した日を入れてください` }] : []),
    ...(basis === "info_sufficient" && sources.length === 0 ? [{ field: `${prefix}medical_information_source`, text: t`手元にある医学的情報を選んでください` }] : []),
  ];
}

/** What is sent of the basis of a first visit; nothing as long as none was chosen. */
export const basisWish = ({ basis, last, sources }: FirstVisitEntry, version: number): Schemas["BasisWish"] | undefined =>
  basis ? { version, basis, ...(last ? { last_in_person_on: last } : {}), medical_information_source: sources } : undefined;
