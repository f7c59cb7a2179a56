// `poolscope fleet [builds|host NAME|tag TAG]`: many machines, out of a monitoring engine or out of recordings sent in.

import { Option, type Command } from "commander";
import { engineUrl, readFleet } from "../fleet/engine.ts";
import { countBuilds, countHosts, isLeak, pivotBuilds } from "../fleet/pivot/pivot.ts";
import { UsageError } from "../model/errors.ts";
import type { FleetHost } from "../model/fleet.ts";
import { formatTag, parseTag } from "../model/tag.ts";
import { plural } from "../model/units.ts";
import {
  renderFleet,
  renderFleetBuilds,
  renderFleetHost,
  renderFleetJson,
  renderFleetTag,
  type FleetView,
} from "../reports/fleet-report.ts";
import { visible } from "../reports/terminal-text.ts";
import type { Finish } from "./command.ts";
import { addCredentialOptions, readCredentials, type CredentialOptions } from "./fleet/credentials.ts";
import { readRecordedFleet } from "./fleet/recorded.ts";
import type { Io } from "./io.ts";
import { wholeNumber } from "./options.ts";
import { paintFor } from "./shared.ts";

interface Options extends CredentialOptions {
  readonly url?: string;
  readonly match?: string;
  readonly judge?: true;
  readonly top: number;
  readonly json?: true;
  readonly failOn?: "leak" | "build" | "exhaustion";
}

const QUESTIONS = ["builds", "host", "tag"] as const;
type Question = (typeof QUESTIONS)[number] | "fleet";

/** A leak that ends a machine within this counts for `--fail-on exhaustion`; the alert has the same bound. */
const SOON_SECONDS = 24 * 3600;

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addCredentialOptions(
    program
      .command("fleet")
      .description("many machines: who leaks, what runs out next, and which driver build leaks more than its others")
      .argument("[question]", `${QUESTIONS.join(", ")}; without one: the machines`)
      .argument("[source...]", "for host its name, for tag the tag; then recordings or folders of them, unless --url")
      .option("--url <address>", "a Prometheus API: Prometheus, VictoriaMetrics, Thanos, Mimir, Cortex")
      .option("--match <matchers>", `only series with these labels, e.g. 'job="windows"'`)
      .option("--judge", "judge recordings anew, also those that keep what their recorder said")
      .option("--top <n>", "at most this many rows", wholeNumber("--top"), 20)
      .addOption(
        new Option("--fail-on <what>", "exit code 1 where there is one").choices(["leak", "build", "exhaustion"]),
      )
      .option("--json", "for programs"),
  )
    .addHelpText(
      "after",
      `
A machine that was not judged, or has been silent for a day, is neither leaking nor healthy; it is counted apart.
A build is called worse from three leaking machines on, against at least ten with another build of the same driver.

Examples:
  poolscope fleet recordings/                          machines out of a folder of recordings
  poolscope fleet builds *.pool                        which driver build leaks more than its others
  poolscope fleet --url http://prometheus:9090         the same out of an engine
  poolscope fleet host WS-07 --url http://prometheus:9090
  poolscope fleet tag 'Irp ' recordings/
  poolscope fleet builds --url https://metrics.example --bearer-file token --fail-on build`,
    )
    .action(async (question: string | undefined, rest: string[], options: Options) => {
      const { asked, name, paths } = understood(question, rest, options.url !== undefined);
      const view = await look(paths, options, io);
      for (const { where, problem } of view.gaps) io.stderr.write(`${visible(where)}: ${visible(problem)}\n`);
      io.stdout.write(
        options.json === true ? renderFleetJson(narrowed(view, asked, name)) : text(view, asked, name, options, io),
      );
      finish(failing(view, options.failOn) ? 1 : 0);
    });
}

interface Understood {
  readonly asked: Question;
  readonly name: string;
  readonly paths: readonly string[];
}

function understood(first: string | undefined, rest: readonly string[], hasEngine: boolean): Understood {
  const asked = QUESTIONS.find((word) => word === first) ?? "fleet";
  const given = asked === "fleet" && first !== undefined ? [first, ...rest] : rest;
  const [name = "", ...more] = given;
  const named = asked === "host" || asked === "tag";
  if (named && name === "") throw new UsageError(`fleet ${asked}: name the ${asked === "host" ? "machine" : "tag"}`);
  const paths = named ? more : given;
  if (hasEngine && paths.length > 0)
    throw new UsageError(`fleet: either --url or recordings; ${JSON.stringify(paths[0])} is one too many`);
  if (!hasEngine && paths.length === 0)
    throw new UsageError("fleet: name recordings or a folder of them, or the address of an engine with --url");
  if (asked !== "tag") return { asked, name, paths };
  const tag = parseTag(name);
  if (tag === undefined) throw new UsageError(`fleet tag: ${JSON.stringify(name)} is no tag of up to 4 characters`);
  return { asked, name: formatTag(tag), paths };
}

async function look(paths: readonly string[], options: Options, io: Io): Promise<FleetView> {
  const time = io.now();
  if (options.url !== undefined) {
    const url = engineUrl(options.url);
    const { match } = options;
    const engine = { ...readCredentials(options, io), url, ...(match !== undefined && { matchers: match }) };
    const { hosts, counts, gaps } = await readFleet(engine, time);
    const nobody = {
      where: options.url,
      problem: "no machine has sent series within a day; see docs/fleet.md for how they are sent",
    };
    // Which drivers a machine has is counted by the engine, not asked for each.
    const known = { ...countHosts(hosts, time), withoutDriverList: 0 };
    return {
      source: options.url,
      time,
      hosts,
      counts: known,
      builds: pivotBuilds(counts),
      gaps: hosts.length > 0 ? gaps : [...gaps, nobody],
    };
  }
  const { hosts, gaps, newest } = await readRecordedFleet(paths, options.judge === true, io);
  // Recordings are looked at as of the newest of them, or everything sent in last week would be silent.
  const counts = countHosts(hosts, newest);
  const builds = pivotBuilds(countBuilds(hosts, newest));
  return { source: plural(hosts.length, "recording"), time: newest, hosts, counts, builds, gaps };
}

/** For JSON: what was asked for alone. */
function narrowed(view: FleetView, asked: Question, name: string): FleetView {
  if (asked === "host") return { ...view, hosts: [hostNamed(view, name)], builds: [] };
  if (asked !== "tag") return view;
  const hosts = view.hosts.map((host) => ({ ...host, findings: host.findings.filter(({ tag }) => tag === name) }));
  return {
    ...view,
    hosts: hosts.filter(({ findings }) => findings.length > 0),
    builds: view.builds.filter(({ tag }) => tag === name),
  };
}

function text(view: FleetView, asked: Question, name: string, { top }: Options, io: Io): string {
  const options = { width: io.stdout.columns, top, paint: paintFor(io) };
  switch (asked) {
    case "builds":
      return renderFleetBuilds(view, options);
    case "host":
      return renderFleetHost({ ...view, gaps: [] }, hostNamed(view, name), options);
    case "tag":
      return renderFleetTag(view, name, options);
    default:
      return renderFleet(view, options);
  }
}

function hostNamed({ hosts }: FleetView, name: string): FleetHost {
  const found = hosts.find((host) => host.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const like = hosts.filter((host) => host.name.toLowerCase().startsWith(name.toLowerCase())).slice(0, 3);
  const hint = like.length === 0 ? "" : `; there is ${like.map((host) => visible(host.name)).join(", ")}`;
  throw new UsageError(`fleet host: no machine ${JSON.stringify(name)} among ${hosts.length}${hint}`);
}

function failing({ hosts, builds }: FleetView, on: Options["failOn"]): boolean {
  const findings = hosts.flatMap((host) => host.findings);
  switch (on) {
    case "leak":
      return findings.some(isLeak);
    case "build":
      return builds.some(({ judgement }) => judgement === "worse");
    case "exhaustion":
      return findings.some(({ exhaustionSeconds = Infinity }) => exhaustionSeconds < SOON_SECONDS);
    case undefined:
      return false;
  }
}
