// Every metric that is exported: one table for the page, the ways out and docs/metrics.md, which a test holds against it.
// Names as windows_exporter forms them; beside them those of OpenTelemetry's conventions for the memory of one system
// (`system.memory.{os}.`; semantic-conventions, system metrics, in development).

/** The name that OTLP sends where the conventions have a place for it; else the Prometheus name with dots. */
export interface OtelSpec {
  readonly name: string;
  /** UCUM: `By`, `{allocation}`. */
  readonly unit: string;
  /** A sum that goes up and down, or a monotonic one. Gauges have no entry. */
  readonly sum: "up-down" | "monotonic";
}

export interface MetricSpec {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly labels: readonly string[];
  readonly otel?: OtelSpec;
}

const PER_TAG = ["tag", "type"] as const;

export const METRICS = {
  tagBytes: {
    name: "windows_pool_tag_bytes",
    type: "gauge",
    help: "Bytes that a pool tag holds.",
    labels: PER_TAG,
    otel: { name: "system.memory.windows.pool.usage", unit: "By", sum: "up-down" },
  },
  tagBlocks: {
    name: "windows_pool_tag_outstanding_blocks",
    type: "gauge",
    help: "Blocks that a pool tag holds: allocated and not yet freed.",
    labels: PER_TAG,
  },
  tagAllocs: {
    name: "windows_pool_tag_allocs_total",
    type: "counter",
    help: "Allocations under a pool tag since boot, carried on where the 32-bit counter of Windows wraps.",
    labels: PER_TAG,
    otel: { name: "system.memory.windows.pool.allocation.count", unit: "{allocation}", sum: "monotonic" },
  },
  tagFrees: {
    name: "windows_pool_tag_frees_total",
    type: "counter",
    help: "Frees under a pool tag since boot, carried on where the 32-bit counter of Windows wraps.",
    labels: PER_TAG,
  },
  ownerInfo: {
    name: "windows_pool_tag_owner_info",
    type: "gauge",
    help: "Always 1: the component that is known to use a tag.",
    labels: ["tag", "component"],
  },
  tagDriverInfo: {
    name: "windows_pool_tag_driver_info",
    type: "gauge",
    help: "Always 1: a driver build that uses an exported tag; tier says how that is known.",
    labels: ["tag", "driver", "version", "tier"],
  },
  driverInfo: {
    name: "windows_pool_driver_info",
    type: "gauge",
    help: "Always 1: a driver build that is loaded and may be at fault (third parties and filters of Windows).",
    labels: ["driver", "version"],
  },
  hostInfo: {
    name: "windows_pool_host_info",
    type: "gauge",
    help: "Always 1: build, update (ubr) and edition of the Windows that was measured.",
    labels: ["build", "ubr", "edition", "architecture"],
  },
  objectCount: {
    name: "windows_kernel_objects",
    type: "gauge",
    help: "Objects of a kernel object type.",
    labels: ["object"],
  },
  objectHandles: {
    name: "windows_kernel_object_handles",
    type: "gauge",
    help: "Handles to objects of a kernel object type.",
    labels: ["object"],
  },
  poolBytes: {
    name: "windows_pool_bytes",
    type: "gauge",
    help: "Bytes of a whole pool.",
    labels: ["type"],
  },
  limitBytes: {
    name: "windows_pool_limit_bytes",
    type: "gauge",
    help: "Bytes at which a pool stops growing, as far as known.",
    labels: ["type"],
  },
  leakInfo: {
    name: "windows_pool_leak_info",
    type: "gauge",
    help: "Always 1: an open finding with the driver build that it points to (empty where nobody can be named).",
    labels: ["tag", "type", "driver", "version", "state"],
  },
  leakRate: {
    name: "windows_pool_leak_bytes_per_hour",
    type: "gauge",
    help: "Rate of a leak that goes on, all tags of its group together, under the tag that leads it.",
    labels: PER_TAG,
  },
  leakExhaustion: {
    name: "windows_pool_leak_exhaustion_seconds",
    type: "gauge",
    help: "Seconds until a leak has used up what it grows against, if nothing changes.",
    labels: PER_TAG,
  },
  leakSince: {
    name: "windows_pool_leak_since_timestamp_seconds",
    type: "gauge",
    help: "Time at which a leak began, seconds since 1970 UTC, as far as the machine was watched.",
    labels: PER_TAG,
  },
  sourceUp: {
    name: "poolscope_source_up",
    type: "gauge",
    help: "1 while the source delivers or was read to its end, 0 where it failed or fell silent.",
    labels: [],
  },
  readSeconds: {
    name: "poolscope_source_read_duration_seconds",
    type: "gauge",
    help: "What the last reading of a live source took.",
    labels: [],
  },
  snapshotTime: {
    name: "poolscope_snapshot_timestamp_seconds",
    type: "gauge",
    help: "Time of the newest snapshot, seconds since 1970 UTC.",
    labels: [],
  },
  judgedTime: {
    name: "poolscope_judged_timestamp_seconds",
    type: "gauge",
    help: "Time of the newest snapshot that was judged; absent while there is too little to judge, which is not the same as no leak.",
    labels: [],
  },
  notJudged: {
    name: "poolscope_not_judged_rows",
    type: "gauge",
    help: "Rows of tag and pool that no model looked at in the last judgement.",
    labels: [],
  },
  bootTime: {
    name: "poolscope_boot_timestamp_seconds",
    type: "gauge",
    help: "Time at which the measured machine started, seconds since 1970 UTC.",
    labels: [],
  },
  snapshots: {
    name: "poolscope_snapshots_total",
    type: "counter",
    help: "Snapshots taken from the source.",
    labels: [],
  },
  buildInfo: {
    name: "poolscope_build_info",
    type: "gauge",
    help: "Always 1: the version of the program.",
    labels: ["version"],
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricId = keyof typeof METRICS;
