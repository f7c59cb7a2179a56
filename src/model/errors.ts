// The three classes of error that a user can cause or meet; anything else that is thrown is a bug and keeps its stack.
// Errors state facts (what, where, the value found); the front ends add what to do about it.

/** Where and what a {@link FormatError} found. Offsets are bytes from the start of the input, lines count from 1. */
export interface FormatErrorDetails {
  readonly file?: string;
  readonly offset?: number;
  readonly line?: number;
  readonly expected?: string;
  readonly found?: string;
  readonly cause?: unknown;
}

/** Input that is not what its format says. `format` is the id of the format, e.g. `poolmon`, `pe`, `crash-dump`. */
export class FormatError extends Error {
  override readonly name = "FormatError";
  readonly format: string;
  readonly problem: string;
  readonly details: FormatErrorDetails;

  constructor(format: string, problem: string, details: FormatErrorDetails = {}) {
    const where = [
      details.file,
      details.line === undefined ? undefined : `line ${details.line}`,
      details.offset === undefined ? undefined : `offset 0x${details.offset.toString(16)}`,
    ].filter((part) => part !== undefined);
    const facts = [
      details.expected === undefined ? undefined : `expected ${details.expected}`,
      details.found === undefined ? undefined : `found ${details.found}`,
    ].filter((part) => part !== undefined);
    super(
      (where.length > 0 ? `${where.join(", ")}: ` : "") +
        `${format}: ${problem}` +
        (facts.length > 0 ? ` (${facts.join(", ")})` : ""),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.format = format;
    this.problem = problem;
    this.details = details;
  }
}

/** Something that could not be reached: a file, a system call, a permission. `needs` says what would make it work. */
export class AccessError extends Error {
  override readonly name = "AccessError";
  readonly what: string;
  readonly needs: string;

  constructor(what: string, needs: string, cause?: unknown) {
    super(needs === "" ? what : `${what}; ${needs}`, cause === undefined ? undefined : { cause });
    this.what = what;
    this.needs = needs;
  }
}

/** A command line that cannot be carried out as typed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Whether an error is one of the three known classes, to be shown in one line without a stack. */
export function isKnownError(error: unknown): error is FormatError | AccessError | UsageError {
  return error instanceof FormatError || error instanceof AccessError || error instanceof UsageError;
}
