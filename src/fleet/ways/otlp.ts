// OTLP/HTTP in protobuf by OpenTelemetry's own transformer, an optional dependency. Names follow the conventions for memory
// of one system where they have a place (see metric-table.ts), else the Prometheus name.

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { AccessError } from "../../model/errors.ts";
import type { Milliseconds, Origin } from "../../model/snapshot.ts";
import { plural } from "../../model/units.ts";
import type { Sample } from "../series/machine-metrics.ts";
import { METRICS, type MetricSpec, type OtelSpec } from "../series/metric-table.ts";
import type { Protocol } from "./sender.ts";

export const OTLP: Protocol = {
  headers: { "Content-Type": "application/x-protobuf" },
  // Messages of protobuf that stand one behind the other are one message with all of their resources.
  merge: (bodies) => Buffer.concat(bodies),
  leftOut: parsePartialSuccess,
};

/** `partial_success` of ExportMetricsServiceResponse: how many points were left out and why; undefined where none were. */
export function parsePartialSuccess(answer: Uint8Array): string | undefined {
  try {
    const reader = new BinaryReader(answer);
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag();
      if (field === 1 && wire === WireType.LengthDelimited) return leftOutOf(new BinaryReader(reader.bytes()));
      reader.skip(wire, field);
    }
  } catch {
    // Not protobuf: a receiver that answers in words or JSON has taken it all the same.
  }
  return undefined;
}

function leftOutOf(reader: BinaryReader): string | undefined {
  let points = 0;
  let message = "";
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 1 && wire === WireType.Varint) points = Number(reader.int64());
    else if (field === 2 && wire === WireType.LengthDelimited) message = reader.string();
    else reader.skip(wire, field);
  }
  if (points === 0 && message === "") return undefined;
  return `${plural(points, "point")}${message === "" ? "" : `, ${message}`}`;
}

export interface OtlpMachine {
  readonly instance: string;
  readonly version: string;
  readonly origin: Origin;
}

/** One request. */
export type EncodeOtlp = (samples: readonly Sample[], time: Milliseconds, machine: OtlpMachine) => Uint8Array;

/** Loads the transformer. Throws AccessError where it is not installed. */
export async function openOtlp(): Promise<EncodeOtlp> {
  try {
    const transformer = await import("@opentelemetry/otlp-transformer");
    return (samples, time, machine) => encode(transformer.ProtobufMetricsSerializer, samples, time, machine);
  } catch (error) {
    throw new AccessError(
      "--otlp needs the package @opentelemetry/otlp-transformer, which is not installed",
      "install poolscope with its optional dependencies, or send with --remote-write",
      error,
    );
  }
}

type Serializer = (typeof import("@opentelemetry/otlp-transformer"))["ProtobufMetricsSerializer"];
type Resource = Parameters<Serializer["serializeRequest"]>[0];

// AggregationTemporality, DataPointType and ValueType of the SDK, whose package is not loaded for three numbers.
const CUMULATIVE = 1;
const GAUGE = 2;
const SUM = 3;
const DOUBLE = 1;

function encode(
  serializer: Serializer,
  samples: readonly Sample[],
  time: Milliseconds,
  { instance, version, origin }: OtlpMachine,
): Uint8Array {
  const attributes = {
    "host.name": instance,
    "os.type": "windows",
    "service.name": "poolscope",
    "service.version": version,
    ...(origin.windowsBuild !== undefined && { "os.build_id": buildId(origin) }),
  };
  const families = Map.groupBy(samples, ({ id }) => id);
  const metrics = [...families].map(([id, of]) => metricOf(METRICS[id], of, time, origin.bootTime ?? time));
  const request = {
    resource: { attributes, getRawAttributes: () => Object.entries(attributes) },
    scopeMetrics: [{ scope: { name: "poolscope", version }, metrics }],
  };
  // The serializer reads these fields alone; the SDK's own classes bring twenty megabytes.
  return serializer.serializeRequest(request as unknown as Resource) ?? new Uint8Array();
}

/** As Windows writes it: build and update, 19045.4651. */
function buildId({ windowsBuild, windowsRevision }: Origin): string {
  return windowsRevision === undefined ? String(windowsBuild) : `${windowsBuild}.${windowsRevision}`;
}

/** One metric in the SDK's form (MetricData); its enums are the numbers above. */
function metricOf(spec: MetricSpec, samples: readonly Sample[], time: Milliseconds, start: Milliseconds): object {
  const sum: OtelSpec["sum"] | undefined = spec.otel?.sum ?? (spec.type === "counter" ? "monotonic" : undefined);
  return {
    descriptor: {
      name: spec.otel?.name ?? spec.name,
      description: spec.help,
      unit: spec.otel?.unit ?? "",
      valueType: DOUBLE,
    },
    aggregationTemporality: CUMULATIVE,
    dataPointType: sum === undefined ? GAUGE : SUM,
    ...(sum !== undefined && { isMonotonic: sum === "monotonic" }),
    dataPoints: samples.map(({ labels, value }) => ({
      startTime: hrTime(start),
      endTime: hrTime(time),
      attributes: spec.otel === undefined ? labels : renamed(labels),
      value,
    })),
  };
}

/** Attributes of the pool metrics, in the name space of the conventions. */
function renamed(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [`system.memory.windows.pool.${name}`, value]),
  );
}

function hrTime(time: Milliseconds): [number, number] {
  const seconds = Math.floor(time / 1000);
  return [seconds, Math.round((time - seconds * 1000) * 1e6)];
}
