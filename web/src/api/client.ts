import createClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import { send } from "./keys";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Booking = Schemas["Booking"];
export type Facility = Schemas["Facility"];
export type FacilityCard = Schemas["FacilityCard"];
export type Service = Schemas["Service"];
export type Slot = Schemas["Slot"];
export type Visit = Schemas["Room"];

/** Tells the server which language its sentences should be in: the one of the page, not of the browser. */
const inPageLanguage: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", document.documentElement.lang || "ja");
    return request;
  },
};

/** The typed client of the server's own OpenAPI document; the cookie goes along by itself. */
export const client = createClient<paths>({ baseUrl: window.location.origin, fetch: send });
client.use(inPageLanguage);

/** The same as hooks. */
export const api = createQueryClient(client);
