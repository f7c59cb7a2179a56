// The options of the ways out, which `record`, its task and `serve` share. What sends is loaded only where it is asked for.

import { resolve, win32 } from "node:path";
import { Option, type Command } from "commander";
import { UsageError } from "../../model/errors.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { formatDuration } from "../../model/units.ts";
import type { Io } from "../io.ts";
import { duration } from "../options.ts";
import { addCredentialOptions } from "./credentials.ts";
import type { Sending, SendingOptions } from "./sending.ts";

/** Scrapers look four times a minute at most. */
const SHORTEST_SENDING = 1_000;

export function addSendingOptions(command: Command): Command {
  return addCredentialOptions(
    command
      .option(
        "--textfile <folder>",
        "also write the series into the folder that windows_exporter's textfile collector reads",
      )
      .option("--remote-write <url>", "also send the series by Prometheus remote write 1.0")
      .option("--otlp <url>", "also send the series by OTLP over HTTP, in protobuf")
      .option("--instance <name>", "the name of this machine in what is sent; else the host name")
      .addOption(
        new Option("--send-every <duration>", "how often series are written or sent")
          .argParser(duration("--send-every"))
          .default(60_000, "1min"),
      ),
  );
}

/** Whether any way out is asked for. */
export function isSending({ textfile, remoteWrite, otlp }: Partial<SendingOptions>): boolean {
  return textfile !== undefined || remoteWrite !== undefined || otlp !== undefined;
}

/** The options as they were typed, for a task; secrets are in files, of which the paths stand here. */
export function sendingArguments(options: SendingOptions): string[] {
  if (!isSending(options)) return [];
  const { textfile, remoteWrite, otlp, instance, sendEvery, bearerFile, basicFile, headerFile, caFile } = options;
  const given: Readonly<Record<string, string | undefined>> = {
    "--textfile": absolute(textfile),
    "--remote-write": remoteWrite,
    "--otlp": otlp,
    "--instance": instance,
    "--send-every": `${sendEvery / 1000}s`,
    "--bearer-file": absolute(bearerFile),
    "--basic-file": absolute(basicFile),
    "--header-file": absolute(headerFile),
    "--ca-file": absolute(caFile),
  };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
}

/** A path as the task finds it, which starts in another folder than this command. */
function absolute(path: string | undefined): string | undefined {
  return path === undefined || win32.isAbsolute(path) ? path : resolve(path);
}

/** `backlog` begins the paths of what waits to be sent. Throws what the options have wrong, before anything is recorded. */
export async function openSendingWhereAsked(
  backlog: string,
  options: SendingOptions,
  first: Snapshot,
  io: Io,
  told: (line: string) => void,
): Promise<Sending | undefined> {
  if (options.sendEvery < SHORTEST_SENDING)
    throw new UsageError(`--send-every: the shortest interval is ${formatDuration(SHORTEST_SENDING)}`);
  if (!isSending(options)) return undefined;
  const { openSending } = await import("./sending.ts");
  return openSending(backlog, options, first, io, told);
}
