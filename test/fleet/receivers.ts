// Receivers of our own on loopback, plain and with TLS, and second readers of what they are sent.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { uncompress } from "snappyjs";

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

/** A status, with a body and headers where they matter. `hang`: no answer at all. */
export type Answer =
  | number
  | "hang"
  | { readonly status: number; readonly body?: string | Uint8Array; readonly headers?: Record<string, string> };

export interface Receiver {
  readonly url: URL;
  readonly received: Received[];
  readonly server: Server;
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A receiver that answers in turn, the last answer for ever; or as a function of the request decides. */
export async function startReceiver(
  answers: readonly Answer[] | ((request: Received) => Answer),
  certificate?: Certificate,
): Promise<Receiver> {
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    // What is told of clocks is a test of its own.
    response.sendDate = false;
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const one: Received = { path: request.url ?? "", headers: request.headers, body: Buffer.concat(parts) };
      received.push(one);
      const answer =
        typeof answers === "function" ? answers(one) : (answers[Math.min(received.length, answers.length) - 1] ?? 204);
      if (answer === "hang") return;
      const { status, body = "", headers = {} } = typeof answer === "number" ? { status: answer } : answer;
      response.writeHead(status, headers).end(body);
    });
  };
  const server =
    certificate === undefined
      ? createServer(listener)
      : createSecureServer({ key: certificate.key, cert: certificate.cert }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = new URL(`${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}/api/v1/write`);
  return { url, received, server };
}

/** Ends a receiver, also one that hangs. */
export function endReceiver({ server }: Receiver): void {
  server.closeAllConnections();
  server.close();
}

const started: Receiver[] = [];

/** As `startReceiver`; `endReceivers` ends it. */
export async function receiver(answers: Parameters<typeof startReceiver>[0]): Promise<Receiver> {
  const one = await startReceiver(answers);
  started.push(one);
  return one;
}

/** Ends what `receiver` started: after each test. */
export function endReceivers(): void {
  for (const each of started.splice(0)) endReceiver(each);
}

/** An authority made by openssl in a folder; undefined where openssl is missing. */
export function makeAuthority(folder: string, name: string): string | undefined {
  const key = join(folder, `${name}.key`);
  const file = join(folder, `${name}.pem`);
  try {
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      key,
      "-out",
      file,
    );
    return file;
  } catch {
    process.stderr.write("no openssl found (`apt-get install openssl`): TLS is not tested\n");
    return undefined;
  }
}

/** A certificate of an authority for a name such as `IP:127.0.0.1`, valid for so many days from now; none: it has expired. */
export function makeCertificate(folder: string, authority: string, name: string, days = 2): Certificate {
  const file = (ending: string): string => join(folder, `server-${name.replaceAll(/\W/g, "-")}-${days}.${ending}`);
  writeFileSync(file("ext"), `subjectAltName=${name}\n`);
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-keyout", file("key"), "-out", file("csr"));
  const key = authority.replace(/pem$/, "key");
  openssl(
    "x509",
    "-req",
    "-in",
    file("csr"),
    "-CA",
    authority,
    "-CAkey",
    key,
    "-CAcreateserial",
    "-days",
    String(days),
    "-extfile",
    file("ext"),
    "-out",
    file("pem"),
  );
  return { key: readFileSync(file("key"), "utf8"), cert: readFileSync(file("pem"), "utf8") };
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: "ignore" });
}

type FieldValue = bigint | Uint8Array;

/** The fields of a protobuf message in the order in which they stand; fixed64 and varint as they are on the wire. */
export function fieldsOf(bytes: Uint8Array): [number, FieldValue][] {
  const fields: [number, FieldValue][] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("cut off");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    if ((tag & 7) === 0) fields.push([tag >>> 3, varint()]);
    else if ((tag & 7) === 1) {
      fields.push([tag >>> 3, Buffer.from(bytes.subarray(at, at + 8)).readBigUInt64LE()]);
      at += 8;
    } else if ((tag & 7) === 2) {
      const length = Number(varint());
      fields.push([tag >>> 3, bytes.subarray(at, at + length)]);
      at += length;
    } else throw new Error(`wire type ${tag & 7}`);
  }
  return fields;
}

const messages = (bytes: Uint8Array, field: number): Uint8Array[] =>
  fieldsOf(bytes).flatMap(([number, value]) => (number === field && typeof value !== "bigint" ? [value] : []));
const text = (bytes: Uint8Array, field: number): string =>
  Buffer.from(messages(bytes, field)[0] ?? []).toString("utf8");
const whole = (bytes: Uint8Array, field: number): bigint => {
  const value = fieldsOf(bytes).find(([number]) => number === field)?.[1];
  return typeof value === "bigint" ? value : 0n;
};
function double(bits: bigint): number {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(bits);
  return buffer.readDoubleLE();
}

/** A WriteRequest, by the field numbers of types.proto of Prometheus. */
export function decodeWriteRequest(body: Uint8Array): { labels: [string, string][]; value: number; time: number }[] {
  return messages(uncompress(body), 1).map((series) => {
    const [sample = new Uint8Array()] = messages(series, 2);
    return {
      labels: messages(series, 1).map((label): [string, string] => [text(label, 1), text(label, 2)]),
      value: double(whole(sample, 1)),
      time: Number(whole(sample, 2)),
    };
  });
}

export interface OtlpPoint {
  readonly name: string;
  readonly unit: string;
  /** `gauge`, or a cumulative sum. */
  readonly kind: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timeMs: number;
  readonly resource: Readonly<Record<string, string>>;
}

/** An ExportMetricsServiceRequest, by the field numbers of opentelemetry-proto's metrics.proto. */
export function decodeExportRequest(body: Uint8Array): OtlpPoint[] {
  const attributes = (bytes: Uint8Array, field: number): Record<string, string> =>
    Object.fromEntries(messages(bytes, field).map((pair) => [text(pair, 1), text(messages(pair, 2)[0] ?? pair, 1)]));
  return messages(body, 1).flatMap((of) => {
    const resource = attributes(messages(of, 1)[0] ?? of, 1);
    return messages(of, 2).flatMap((scope) =>
      messages(scope, 2).flatMap((metric) => {
        const [sum] = messages(metric, 7);
        const [data = new Uint8Array()] = sum === undefined ? messages(metric, 5) : [sum];
        const temporality = whole(data, 2) === 2n ? "cumulative" : "delta";
        const kind = sum === undefined ? "gauge" : `${temporality}${whole(data, 3) === 1n ? " monotonic" : ""} sum`;
        return messages(data, 1).map((point) => ({
          name: text(metric, 1),
          unit: text(metric, 3),
          kind,
          attributes: attributes(point, 7),
          value: double(whole(point, 4)),
          timeMs: Number(whole(point, 3) / 1_000_000n),
          resource,
        }));
      }),
    );
  });
}
