// The registry of commands. A new command is one file and one line here.

import type { CommandModule } from "./command.ts";

/** Loaded only when asked for, so that a look-up does not pay for the dashboard. In the order of `--help`. */
export const commands: Readonly<Record<string, () => Promise<CommandModule>>> = {
  snapshot: () => import("./snapshot.ts"),
  record: () => import("./record.ts"),
  info: () => import("./info.ts"),
  verify: () => import("./verify.ts"),
  import: () => import("./import.ts"),
  export: () => import("./export.ts"),
  leaks: () => import("./leaks.ts"),
  check: () => import("./check.ts"),
  diff: () => import("./diff.ts"),
  compare: () => import("./compare.ts"),
  tag: () => import("./tag.ts"),
  why: () => import("./why.ts"),
  objects: () => import("./objects.ts"),
  processes: () => import("./processes.ts"),
  live: () => import("./live.ts"),
  serve: () => import("./serve.ts"),
  report: () => import("./report.ts"),
  drivers: () => import("./drivers.ts"),
  driver: () => import("./driver.ts"),
  dump: () => import("./dump.ts"),
  kd: () => import("./kd.ts"),
  stacks: () => import("./stacks.ts"),
  trace: () => import("./trace.ts"),
  demo: () => import("./demo.ts"),
  fleet: () => import("./fleet.ts"),
  status: () => import("./status.ts"),
  poolmon: () => import("./poolmon.ts"),
  collector: () => import("./collector.ts"),
  doctor: () => import("./doctor.ts"),
  issue: () => import("./issue.ts"),
  mcp: () => import("./mcp.ts"),
  completion: () => import("./completion.ts"),
};

/** The same by what they are for, as `--help` lists them. */
export const commandGroups: readonly { readonly title: string; readonly names: readonly string[] }[] = [
  { title: "Look", names: ["live", "snapshot", "serve", "report", "demo"] },
  { title: "Find who leaks", names: ["leaks", "why", "tag", "diff", "compare", "check", "doctor", "issue"] },
  { title: "Record", names: ["record", "status", "info", "verify", "import", "export", "collector"] },
  { title: "Drivers and their calls", names: ["drivers", "driver", "trace", "stacks"] },
  { title: "Dumps, kernels, objects", names: ["dump", "kd", "objects", "processes"] },
  { title: "Many machines, other tools", names: ["fleet", "mcp", "poolmon", "completion"] },
];
