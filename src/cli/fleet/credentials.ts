// Credentials for an engine or a receiver: from files or the environment, never from the command line, which every list of
// processes shows.

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { AccessError, UsageError } from "../../model/errors.ts";
import type { Credentials } from "../../fleet/http.ts";
import type { Io } from "../io.ts";

/** Longer than a header that a server takes. */
const MOST_LINE = 8_192;

export interface CredentialOptions {
  readonly bearerFile?: string;
  readonly basicFile?: string;
  readonly headerFile?: string;
  readonly caFile?: string;
}

/** Environment variables that stand for the files. */
const BEARER = "POOLSCOPE_BEARER";
const BASIC = "POOLSCOPE_BASIC";

/** Longer than any token or header. */
const MOST_BYTES = 64 * 1024;

export function addCredentialOptions(command: Command): Command {
  return command
    .option("--bearer-file <file>", `file that holds the bearer token; or the environment variable ${BEARER}`)
    .option("--basic-file <file>", `file that holds USER:PASSWORD; or the environment variable ${BASIC}`)
    .option(
      "--header-file <file>",
      "file with further headers, one `Name: value` a line, e.g. X-Scope-OrgID of a tenant",
    )
    .option("--ca-file <file>", "certificate (PEM) of the authority that signed the server's");
}

/** Reads them. Throws AccessError for a file that cannot be read, UsageError for a header that is none. */
export function readCredentials(options: CredentialOptions, io: Io): Credentials {
  const bearer = options.bearerFile === undefined ? io.env[BEARER] : readSecret("--bearer-file", options.bearerFile);
  const basic = options.basicFile === undefined ? io.env[BASIC] : readSecret("--basic-file", options.basicFile);
  if (bearer !== undefined && basic !== undefined)
    throw new UsageError("give a bearer token or USER:PASSWORD, not both");
  const headers: Record<string, string> = {};
  if (options.headerFile !== undefined)
    for (const [i, line] of readSecret("--header-file", options.headerFile).split(/\r?\n/).entries()) {
      if (line.trim() === "") continue;
      if (line.length > MOST_LINE)
        throw new UsageError(`--header-file: line ${i + 1} is longer than ${MOST_LINE} characters`);
      // bounded: MOST_LINE characters
      const [, name, value] = /^([!#$%&'*+.^`|~\w-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(line) ?? [];
      // The line may be a secret, so it is not shown.
      if (name === undefined || value === undefined)
        throw new UsageError(`--header-file: line ${i + 1} is not of the form Name: value`);
      headers[name] = value;
    }
  if (bearer !== undefined) headers["Authorization"] = `Bearer ${inOneLine("bearer token", bearer)}`;
  if (basic !== undefined) {
    if (!basic.includes(":")) throw new UsageError("--basic-file: expected USER:PASSWORD");
    headers["Authorization"] = `Basic ${Buffer.from(basic, "utf8").toString("base64")}`;
  }
  return { headers, ...(options.caFile !== undefined && { ca: readAuthority(options.caFile) }) };
}

/** Node takes any text for an authority and then trusts nobody; so it is looked at here. */
function readAuthority(file: string): string {
  const text = readSecret("--ca-file", file);
  try {
    void new X509Certificate(text);
  } catch {
    throw new UsageError(`--ca-file: ${file} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)`);
  }
  return text;
}

function inOneLine(what: string, text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new UsageError(`the ${what} is empty or holds blanks, line ends or other characters that no header takes`);
}

function readSecret(option: string, file: string): string {
  try {
    const text = readFileSync(file, "utf8").trim();
    if (text.length <= MOST_BYTES * (option === "--ca-file" ? 16 : 1)) return text;
  } catch (error) {
    throw new AccessError(
      `${option}: ${file} cannot be read: ${(error as Error).message}`,
      "check path and rights",
      error,
    );
  }
  throw new UsageError(`${option}: ${file} is larger than ${MOST_BYTES} bytes`);
}
