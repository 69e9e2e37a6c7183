import { Telephone } from "../../ui/telephone";
import { NotHere } from "../not-here";
import { rememberedClinic } from "./clinic-memory";

/** A visit that cannot be shown, and whom to telephone about it when that is known. */
export function NoVisit({ error }: { error: unknown }) {
  const clinic = rememberedClinic();
  return (
    <>
      <NotHere error={error} />
      {clinic ? <Telephone name={clinic.name} number={clinic.telephone} /> : null}
    </>
  );
}
