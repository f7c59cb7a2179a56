// The version of the program; a test holds it against package.json.

export const VERSION = "0.1.0";

/** Which of the ways in this is. */
export type ProgramForm = "exe" | "package" | "checkout";

/** What `poolscope --version --json` says. */
export interface MadeOf {
  readonly version: string;
  readonly form: ProgramForm;
  readonly node: string;
  readonly platform: string;
  readonly architecture: string;
  /** Packages of others in it; absent in a checkout, whose lockfile tells them. */
  readonly components?: readonly { readonly name: string; readonly version: string }[];
}
