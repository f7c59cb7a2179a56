// The dashboard as one file: the same page with the data inside, thinned until it mails well.

import { gzipSync } from "node:zlib";
import { formatTime } from "../../model/time.ts";
import { plural } from "../../model/units.ts";
import { kindOf, rowKey, tagOfKey, kindCodeOfKey } from "../../model/snapshot.ts";
import type { Diagnosis } from "../../model/verdict.ts";
import type { ReportData, TagDetail } from "../contract.ts";
import type { Dashboard } from "./dashboard.ts";
import { escapeHtml, reportHtml, type PageAssets } from "./html.ts";
import { evenIndices, toDeltas } from "./points.ts";
import { findingParagraph, headlineOf } from "../../words/findings.ts";
import { STATE_WORDS } from "../../words/states.ts";
import { stepLine } from "../../words/steps.ts";

/** Size that a report should stay under, so that mail servers take it. */
export const REPORT_BYTES = 1_500_000;
/** Points per tag, from what is liked to what is bearable. */
const COARSE_POINTS = [160, 96, 64, 40, 24];

/** The report of a dashboard whose source was read to its end. */
export async function renderReport(dashboard: Dashboard, assets: PageAssets, title: string): Promise<string> {
  const { overview, table, fine } = await gather(dashboard);
  const beside = dashboard.beside();
  const plain = overview.diagnosis === null ? "" : plainSummary(overview.diagnosis);
  let html = "";
  for (const points of COARSE_POINTS) {
    const data: ReportData = { overview, table, fine, beside, coarse: coarse(dashboard, table, points) };
    const packed = gzipSync(JSON.stringify(data), { level: 9 }).toString("base64");
    html = reportHtml(title, assets, packed, plain);
    if (html.length < REPORT_BYTES) break;
  }
  return html;
}

async function gather(dashboard: Dashboard): Promise<Omit<ReportData, "coarse">> {
  const [overview, table] = await Promise.all([dashboard.overview(), dashboard.table()]);
  const { diagnosis } = overview;
  const keys = diagnosis === null ? [] : dashboard.drawnKeys(diagnosis);
  const fine: TagDetail[] = [];
  for (const key of keys) {
    const detail = await dashboard.detail({ tag: tagOfKey(key), kind: kindOf(kindCodeOfKey(key)) });
    if (detail !== undefined) fine.push({ ...detail, times: [] });
  }
  return { overview, table, fine };
}

function coarse(dashboard: Dashboard, table: ReportData["table"], points: number): ReportData["coarse"] {
  const { history } = dashboard;
  const times = history.times;
  const indices = evenIndices(times.length, points);
  const rows = table.tag.map((tag, row) => history.series(rowKey(tag, table.kind[row] ?? 0)));
  const empty = new Float64Array();
  return {
    times: indices.map((index) => times[index] ?? 0),
    bytes: rows.map((series) => toDeltas(series?.bytes ?? empty, indices)),
    blocks: rows.map((series) => toDeltas(series?.blocks ?? empty, indices)),
  };
}

/** What a reader without scripts sees: headline and verdicts as text. */
export function plainSummary(diagnosis: Diagnosis): string {
  const { title, detail } = headlineOf(diagnosis);
  const items = diagnosis.verdicts.slice(0, 20).map((verdict) => {
    const [step] = verdict.attribution?.steps ?? [];
    const facts = `${STATE_WORDS[verdict.state].label}: ${findingParagraph(verdict)}`;
    return `<li>${escapeHtml(`${facts}${step === undefined ? "" : ` Next: ${stepLine(step)}`}`)}</li>`;
  });
  const { from, to, snapshots } = diagnosis.span;
  const span = `${plural(snapshots, "snapshot")} from ${formatTime(from)} to ${formatTime(to)}.`;
  return (
    `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(detail)}</p><ul>${items.join("")}</ul><p>${escapeHtml(span)}</p>` +
    "<p>Open this file in a browser for charts and the table of all tags.</p>"
  );
}
