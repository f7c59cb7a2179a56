// One HTTP(S) request with the user's credentials and CA, bounded in time and size. Errors name the host and the cause, never
// a secret.

import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { AccessError } from "../model/errors.ts";
import type { Milliseconds } from "../model/snapshot.ts";

/** How to show who one is; see {@link readCredentials} of the command line. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** The same as it came. */
  readonly bytes: Uint8Array;
  /** The server's own time, where it tells it. */
  readonly date?: Milliseconds;
  /** Seconds that the server asks to wait. */
  readonly retryAfter?: number;
}

export interface HttpQuestion {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly timeoutMs?: number;
  /** Longer answers are refused. */
  readonly mostBytes?: number;
}

const TIMEOUT_MS = 30_000;
const MOST_BYTES = 256 * 1024 * 1024;

/** Asks once. Throws AccessError where no answer comes; any status is an answer. */
export function ask(url: URL, question: HttpQuestion, credentials: Credentials): Promise<HttpAnswer> {
  const { timeoutMs = TIMEOUT_MS, mostBytes = MOST_BYTES } = question;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(unreachable(url, error));
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const asked = send(
      url,
      {
        method: question.method,
        headers: { "User-Agent": "poolscope", ...question.headers, ...credentials.headers },
        signal: AbortSignal.timeout(timeoutMs),
        ...(credentials.ca !== undefined && { ca: credentials.ca }),
      },
      (response) => {
        const parts: Buffer[] = [];
        let length = 0;
        response.on("data", (part: Buffer) => {
          length += part.length;
          if (length > mostBytes) response.destroy(new Error(`the answer is longer than ${mostBytes} bytes`));
          else parts.push(part);
        });
        response.on("error", fail);
        response.on("end", () => {
          const retryAfter = Number(response.headers["retry-after"]);
          const date = Date.parse(response.headers.date ?? "");
          const bytes = Buffer.concat(parts);
          resolve({
            status: response.statusCode ?? 0,
            body: bytes.toString("utf8"),
            bytes,
            ...(Number.isFinite(date) && { date }),
            ...(Number.isFinite(retryAfter) && retryAfter > 0 && { retryAfter }),
          });
        });
      },
    );
    asked.on("error", fail);
    asked.end(question.body);
  });
}

/** The address without a password that may stand in it. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function unreachable(url: URL, error: Error): AccessError {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (error.name === "AbortError" || error.name === "TimeoutError")
    return new AccessError(
      `${shownUrl(url)} did not answer in time`,
      "check that it runs and is not overloaded",
      error,
    );
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return new AccessError(
      `${shownUrl(url)}: its certificate is for another name than ${url.hostname}`,
      "use the name that stands in the certificate",
      error,
    );
  if (/EXPIRED|NOT_YET_VALID/.test(code))
    return new AccessError(
      `${shownUrl(url)}: its certificate is not valid now (${code})`,
      "renew it, or set the clock of this machine",
      error,
    );
  if (/EPROTO|ERR_SSL/.test(code))
    return new AccessError(`${shownUrl(url)} does not speak TLS (${code})`, "is it http:// and not https://?", error);
  if (/CERT|SELF_SIGNED|ISSUER|UNABLE_TO/.test(code))
    return new AccessError(
      `${shownUrl(url)}: its certificate is not trusted (${code})`,
      "name the authority's certificate with --ca-file",
      error,
    );
  return new AccessError(
    `${shownUrl(url)} cannot be reached: ${code || error.message}`,
    "check address, port and way",
    error,
  );
}
