// Machines out of any engine that speaks the Prometheus query API: Prometheus, VictoriaMetrics, Thanos, Mimir, Cortex. Only
// what leaks is asked machine by machine; who has which build is counted by the engine.

import { AccessError, FormatError, UsageError } from "../model/errors.ts";
import type { FleetHost, HostFinding } from "../model/fleet.ts";
import type { Gap, Milliseconds } from "../model/snapshot.ts";
import { ask, shownUrl, type Credentials } from "./http.ts";
import { SILENT_AFTER, type BuildCounts, countBuilds, isLeak } from "./pivot/pivot.ts";

export interface EngineOptions extends Credentials {
  /** Address up to, and without, `/api/v1`. */
  readonly url: URL;
  /** Further label matchers for every selector, e.g. `job="windows"`. */
  readonly matchers?: string;
  /** Takes what an engine says of an answer that is not whole: Thanos and Mimir answer although a store is down. */
  readonly warn?: (text: string) => void;
}

interface Row {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Longer than any address of an engine. */
const MOST_URL = 2_000;

/** More drivers than leak at one time anywhere; a longer expression is refused by proxies. */
const MOST_DRIVERS = 100;

/** An instant query. Throws AccessError for a refusal, FormatError for an answer that is not the API's. */
export async function query(options: EngineOptions, expression: string): Promise<Row[]> {
  // bounded: the path of an address that the user typed, at most MOST_URL characters
  const url = new URL(`${options.url.pathname.replace(/\/+$/, "")}/api/v1/query`, options.url);
  const answer = await ask(
    url,
    {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ query: expression }).toString(),
    },
    options,
  );
  if (answer.status === 401 || answer.status === 403)
    throw new AccessError(`${shownUrl(url)} refuses (${answer.status})`, "give --bearer-file or --basic-file");
  const body = parsed(answer.body);
  if (answer.status !== 200 || body === undefined) {
    const told = typeof body?.["error"] === "string" ? `: ${body["error"].slice(0, 200)}` : "";
    throw new AccessError(
      `${shownUrl(url)} answered ${answer.status}${told}`,
      body === undefined ? "is this the address of a Prometheus API, without /api/v1?" : "",
    );
  }
  for (const warning of warningsOf(body)) options.warn?.(warning);
  return rowsOf(body, shownUrl(url));
}

/** `warnings` of Prometheus' API, in which Thanos and Mimir name what is missing; `isPartial` of a VictoriaMetrics cluster. */
function warningsOf(body: Readonly<Record<string, unknown>>): string[] {
  const told = Array.isArray(body["warnings"]) ? body["warnings"] : [];
  const texts = told.filter((text) => typeof text === "string").map((text) => text.slice(0, 200));
  return body["isPartial"] === true ? [...texts, "a storage node did not answer"] : texts;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return fields(JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

function rowsOf(body: Readonly<Record<string, unknown>>, where: string): Row[] {
  const result = fields(body["data"])?.["result"];
  if (body["status"] !== "success" || !Array.isArray(result))
    throw new FormatError("prometheus-api", "the answer is not that of an instant query", { file: where });
  return result.flatMap((each: unknown): Row[] => {
    const { metric, value } = fields(each) ?? {};
    const labels = fields(metric);
    if (labels === undefined || !Array.isArray(value)) return [];
    const number = Number(value[1]);
    const texts = Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return Number.isNaN(number) ? [] : [{ labels: Object.fromEntries(texts), value: number }];
  });
}

/** What the engine knows of the fleet. */
export interface EngineFleet {
  readonly hosts: readonly FleetHost[];
  readonly counts: BuildCounts;
  /** What the answers leave out, and machines whose series mix. */
  readonly gaps: readonly Gap[];
}

/**
 * A boot time that changes so often within half an hour is that of two machines in turn: nobody starts one so often.
 * VictoriaMetrics counts the first sample of a new series as a change, Prometheus does not.
 */
const MOST_BOOTS = 5;

/** Reads the fleet in a handful of queries. `now` is the engine's own time as far as it can be told. */
export async function readFleet(asked: EngineOptions, now: Milliseconds): Promise<EngineFleet> {
  const warnings = new Set<string>();
  const options = { ...asked, warn: (text: string) => void warnings.add(text) };
  const select = (name: string, more = ""): string => {
    const inside = [options.matchers ?? "", more].filter((text) => text !== "").join(",");
    return `${name}{${inside}}`;
  };
  const seen = await query(
    options,
    `max by (job, instance) (last_over_time(${select("poolscope_snapshot_timestamp_seconds")}[1d]))`,
  );
  const judged = await query(options, `max by (job, instance) (${select("poolscope_judged_timestamp_seconds")})`);
  const told = await query(options, select("windows_pool_leak_info"));
  const rates = await query(options, select("windows_pool_leak_bytes_per_hour"));
  const ends = await query(options, select("windows_pool_leak_exhaustion_seconds"));
  const began = await query(options, select("windows_pool_leak_since_timestamp_seconds"));
  const mixed = await query(
    options,
    `max by (job, instance) (changes(${select("poolscope_boot_timestamp_seconds")}[30m])) >= ${MOST_BOOTS}`,
  );
  const hosts = hostsOf({ seen, judged, told, rates, ends, began });
  const counted = countBuilds(hosts, now);
  const drivers = [...new Set(counted.leaks.map(({ driver }) => driver))].slice(0, MOST_DRIVERS);
  const fresh = `(time() - ${select("poolscope_snapshot_timestamp_seconds")} < ${SILENT_AFTER / 1000})`;
  const info = select("windows_pool_driver_info", `driver=~"${drivers.map(literal).join("|")}"`);
  const having =
    drivers.length === 0
      ? []
      : await query(
          options,
          `count by (driver, version) (count by (job, instance, driver, version) (${info}` +
            ` and on (job, instance) ${select("poolscope_judged_timestamp_seconds")} and on (job, instance) ${fresh}))`,
        );
  const versions = new Map<string, Map<string, number>>();
  for (const { labels, value } of having) {
    const { driver = "", version = "" } = labels;
    const of = versions.get(driver) ?? new Map<string, number>();
    versions.set(driver, of.set(version, value));
  }
  return { hosts, counts: { ...counted, having: versions }, gaps: [...partial(asked.url, warnings), ...mixing(mixed)] };
}

function partial(url: URL, warnings: ReadonlySet<string>): Gap[] {
  return [...warnings].map((text) => ({
    where: shownUrl(url),
    problem: `the answer is not whole, machines may be missing: ${text}`,
  }));
}

function mixing(rows: readonly Row[]): Gap[] {
  return rows.map(({ labels, value }) => ({
    where: labels["instance"] ?? "",
    problem: `two machines send under this name (its boot time changed ${value} times in half an hour) and their series mix; give one of them --instance`,
  }));
}

/** A driver name as it stands in a regular expression inside a quoted PromQL string. */
function literal(text: string): string {
  return text
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
    .replaceAll("\\", "\\\\")
    .replaceAll('"', String.raw`\"`);
}

type Tables = Readonly<Record<"seen" | "judged" | "told" | "rates" | "ends" | "began", readonly Row[]>>;

function hostsOf({ seen, judged, told, rates, ends, began }: Tables): FleetHost[] {
  const tellsHost = ({ job = "", instance = "" }: Row["labels"]): string => JSON.stringify([job, instance]);
  const tellsTag = (labels: Row["labels"]): string =>
    JSON.stringify([tellsHost(labels), labels["tag"], labels["type"]]);
  const judgedAt = new Map(judged.map(({ labels, value }) => [tellsHost(labels), value * 1000]));
  const rateOf = new Map(rates.map(({ labels, value }) => [tellsTag(labels), value]));
  const endOf = new Map(ends.map(({ labels, value }) => [tellsTag(labels), value]));
  const beganAt = new Map(began.map(({ labels, value }) => [tellsTag(labels), value * 1000]));
  const findings = new Map<string, Map<string, HostFinding>>();
  for (const { labels } of told) {
    const { tag = "", type, state = "", driver = "", version = "" } = labels;
    const host = findings.get(tellsHost(labels)) ?? new Map<string, HostFinding>();
    findings.set(tellsHost(labels), host);
    const key = JSON.stringify([tag, type, state]);
    const before = host.get(key);
    const since = beganAt.get(tellsTag(labels));
    const rate = rateOf.get(tellsTag(labels));
    const end = endOf.get(tellsTag(labels));
    host.set(key, {
      tag,
      kind: type === "paged" ? "paged" : "nonpaged",
      state,
      drivers: [...(before?.drivers ?? []), ...(driver === "" ? [] : [{ driver, version }])],
      ...(rate !== undefined && { bytesPerHour: rate }),
      ...(end !== undefined && { exhaustionSeconds: end }),
      ...(since !== undefined && { since }),
    });
  }
  // One name in two jobs is two machines, or one that sends twice; both stay.
  const jobs = new Map<string, number>();
  for (const { labels } of seen) jobs.set(labels["instance"] ?? "", (jobs.get(labels["instance"] ?? "") ?? 0) + 1);
  return seen.map(({ labels, value }): FleetHost => {
    const { job = "", instance = "" } = labels;
    const judgedTime = judgedAt.get(tellsHost(labels));
    return {
      name: (jobs.get(instance) ?? 0) > 1 ? `${instance} (job ${job})` : instance,
      from: job,
      seen: value * 1000,
      ...(judgedTime !== undefined && { judged: judgedTime }),
      findings: [...(findings.get(tellsHost(labels))?.values() ?? [])],
      builds: [],
    };
  });
}

/** Whether any finding of a machine is a leak. */
export function leaks(host: FleetHost): boolean {
  return host.findings.some(isLeak);
}

/** The address of an engine as typed. Throws UsageError for one that is none. */
export function engineUrl(text: string): URL {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageError(`--url: ${JSON.stringify(text)} is not an address such as http://prometheus:9090`);
  if (text.length > MOST_URL) throw new UsageError(`--url: longer than ${MOST_URL} characters`);
  const url = new URL(text);
  if (url.username !== "" || url.password !== "")
    throw new UsageError(
      "--url: no user and password in an address, which every list of processes shows; give --basic-file",
    );
  // bounded: at most MOST_URL characters, see above
  url.pathname = url.pathname.replace(/\/api\/v1\/?.*$/, "/");
  return url;
}
