import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/patient.css";
import "../styles/visit.css";
import { BrowserRouter } from "react-router";
import { shared } from "../i18n/shared";
import { takeSecret } from "./visit/secret";
import { words } from "./words";
import { start } from "../ui/start";
import { VisitApp } from "./visit/app";

// Before anything else: the secret leaves the address bar, and so the history and every referrer.
const secret = takeSecret(window.location, window.history);

void start(
  <BrowserRouter>
    <VisitApp secret={secret} />
  </BrowserRouter>,
  [shared, words],
);
