// Remote-Write 1.0: samples as the protobuf message WriteRequest in one snappy block.
// Source: prometheus.io "Prometheus Remote-Write 1.0 specification" (April 2023) and its types.proto.

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { compress, uncompress } from "snappyjs";
import type { Milliseconds } from "../../model/snapshot.ts";
import type { Sample } from "../series/machine-metrics.ts";
import { METRICS } from "../series/metric-table.ts";
import type { Protocol } from "./sender.ts";

/** Headers that the specification asks for. */
export const REMOTE_WRITE_HEADERS: Readonly<Record<string, string>> = {
  "Content-Encoding": "snappy",
  "Content-Type": "application/x-protobuf",
  "X-Prometheus-Remote-Write-Version": "0.1.0",
};

export const REMOTE_WRITE: Protocol = {
  headers: REMOTE_WRITE_HEADERS,
  // Messages of protobuf that stand one behind the other are one message with all of their series.
  merge: (bodies) => compress(Buffer.concat(bodies.map((body) => uncompress(body)))),
};

// Field numbers of types.proto.
const WRITE_REQUEST_TIMESERIES = 1;
const SERIES_LABELS = 1;
const SERIES_SAMPLES = 2;
const LABEL_NAME = 1;
const LABEL_VALUE = 2;
const SAMPLE_VALUE = 1;
const SAMPLE_TIMESTAMP = 2;

/** One request with all samples at one time. `common` are the labels of the machine: job, instance. */
export function encodeRemoteWrite(
  samples: readonly Sample[],
  time: Milliseconds,
  common: Readonly<Record<string, string>>,
): Uint8Array {
  const writer = new BinaryWriter();
  for (const { id, labels, value } of samples) {
    writer.tag(WRITE_REQUEST_TIMESERIES, WireType.LengthDelimited).fork();
    for (const [name, text] of sortedLabels({ ...labels, ...common, __name__: METRICS[id].name })) {
      writer.tag(SERIES_LABELS, WireType.LengthDelimited).fork();
      writer.tag(LABEL_NAME, WireType.LengthDelimited).string(name);
      writer.tag(LABEL_VALUE, WireType.LengthDelimited).string(text);
      writer.join();
    }
    writer.tag(SERIES_SAMPLES, WireType.LengthDelimited).fork();
    writer.tag(SAMPLE_VALUE, WireType.Bit64).double(value);
    writer.tag(SAMPLE_TIMESTAMP, WireType.Varint).int64(Math.round(time));
    writer.join();
    writer.join();
  }
  return compress(writer.finish());
}

/** Sorted by name as the specification asks; a label without a value is the same as none and is left out. */
function sortedLabels(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels)
    .filter(([, value]) => value !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
