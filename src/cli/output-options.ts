// How the text of any command looks: colours, and the zone of its times. Added to the commands in one place.

import { Option, type Command } from "commander";
import { showTimesIn } from "../model/time.ts";
import type { Io } from "./io.ts";

const COLORS = ["auto", "always", "never"] as const;

/** These print nothing of ours: PoolMon's own command line, what programs speak, scripts for shells. */
const WITHOUT_COLOR = new Set(["poolmon", "mcp", "completion"]);

/** Commands whose text tells times. `serve` and `report` make a page, which has the same switch. */
const WITH_TIMES = new Set(
  "snapshot record info verify leaks check diff compare tag why objects processes live dump kd stacks demo fleet status issue".split(
    " ",
  ),
);

/** Adds `--color`, and `--utc` and `--local` where the command tells times. */
export function addOutputOptions(command: Command): void {
  if (WITH_TIMES.has(command.name())) {
    command
      .addOption(new Option("--utc", "times in UTC, as without it").helpGroup("Look of the text:"))
      .addOption(
        new Option("--local", "times in the zone of this machine").conflicts("utc").helpGroup("Look of the text:"),
      );
  }
  if (WITHOUT_COLOR.has(command.name())) return;
  command.addOption(
    new Option("--color <when>", "one of auto, always, never: colours; auto is on a terminal without NO_COLOR")
      .choices([...COLORS])
      .helpGroup("Look of the text:"),
  );
}

/** Minutes east of UTC where this program runs. */
export const localOffset = (time: number): number => -new Date(time).getTimezoneOffset();

let isLocal = false;

function showLocalTimes(on: boolean): void {
  isLocal = on;
  showTimesIn(on ? localOffset : undefined);
}

/** From UTC to the zone of this machine and back; answers which it is now. */
export function turnZone(): "local" | "UTC" {
  showLocalTimes(!isLocal);
  return isLocal ? "local" : "UTC";
}

/** Carries out what {@link addOutputOptions} added, before the command runs; `env` is what its streams are asked for. */
export function applyOutputOptions(
  options: Readonly<Record<string, unknown>>,
  env: Record<string, string | undefined>,
): void {
  // What programs read is in UTC whatever people want to see.
  showLocalTimes(options["local"] === true && options["json"] !== true);
  if (options["color"] === "never") Object.assign(env, { NO_COLOR: "1" });
  if (options["color"] === "always") Object.assign(env, { NO_COLOR: undefined, FORCE_COLOR: "1" });
}

/** The same streams with an environment of their own, so that options can decide in place of it. */
export function withOwnEnvironment(io: Io): Io & { readonly env: Record<string, string | undefined> } {
  return { ...io, env: { ...io.env } };
}
