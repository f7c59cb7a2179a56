// Entry of the browser page.

import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import { App } from "./app.tsx";
import { openPageSource } from "./source.ts";

const root = document.getElementById("app");
if (root !== null) {
  root.textContent = "";
  render(<App source={openPageSource(document)} />, root);
}
