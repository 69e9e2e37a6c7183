import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/patient.css";
import { BrowserRouter } from "react-router";
import { shared } from "../i18n/shared";
import { start } from "../ui/start";
import { App } from "./app";
import { words } from "./words";

void start(
  <BrowserRouter>
    <App />
  </BrowserRouter>,
  [shared, words],
);
