import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/staff.css";
import "../styles/visit.css";
import { BrowserRouter } from "react-router";
import { shared } from "../i18n/shared";
import { start } from "../ui/start";
import { VisitApp } from "./visit/app";
import { words } from "./words";

void start(
  <BrowserRouter>
    <VisitApp />
  </BrowserRouter>,
  [shared, words],
);
