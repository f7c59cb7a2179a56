// What a command may touch of the outside world: two streams, the environment and the clock. Tests pass their own.

import { safeForTerminal } from "../reports/terminal-text.ts";

/** A text stream; `isTTY` and `columns` as Node's own streams tell them. */
export interface TextStream {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

export interface Io {
  /** Results. */
  readonly stdout: TextStream;
  /** Talk, progress and errors. */
  readonly stderr: TextStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Node's name of the system: `win32`, `linux`, ... */
  readonly platform: string;
  /** Milliseconds since 1970 UTC. */
  now(): number;
}

/**
 * The process's own streams. A reader that goes away (EPIPE) ends the output quietly. What reaches a terminal, and all talk,
 * passes {@link safeForTerminal}; results that go to a file or a program stay as their format has them.
 */
export function processIo(): Io {
  const wrap = (stream: NodeJS.WriteStream, isTalk: boolean): TextStream => {
    const isTTY = stream.isTTY === true;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exitCode ??= 0;
      else throw error;
    });
    return {
      isTTY,
      // Some terminals (serial lines, CI) say 0: then 80, as everywhere.
      columns: stream.columns === 0 ? 80 : (stream.columns ?? (Number(process.env["COLUMNS"]) || 100)),
      write: (text) => {
        stream.write(isTalk || isTTY ? safeForTerminal(text) : text);
      },
    };
  };
  return {
    stdout: wrap(process.stdout, false),
    stderr: wrap(process.stderr, true),
    env: process.env,
    platform: process.platform,
    now: () => Date.now(),
  };
}

/** Whether to colour what goes to a stream: on a terminal, unless NO_COLOR is set or TERM is `dumb`. */
export function usesColor(stream: TextStream, env: Io["env"]): boolean {
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  if (env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "" && env["FORCE_COLOR"] !== "0") return true;
  return stream.isTTY && env["TERM"] !== "dumb";
}
