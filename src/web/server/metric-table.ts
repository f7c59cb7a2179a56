// Every metric that /metrics can show: one table for the page and for docs/metrics.md, which a test holds against it.

export interface MetricSpec {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly labels: readonly string[];
}

const PER_TAG = ["tag", "type"] as const;

export const METRICS = {
  tagBytes: {
    name: "windows_pool_tag_bytes",
    type: "gauge",
    help: "Bytes that a pool tag holds.",
    labels: PER_TAG,
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
  leakRate: {
    name: "windows_pool_leak_bytes_per_hour",
    type: "gauge",
    help: "Rate of a leak that the detector has found and that goes on.",
    labels: PER_TAG,
  },
  leakExhaustion: {
    name: "windows_pool_leak_exhaustion_seconds",
    type: "gauge",
    help: "Seconds until a leak has used up what it grows against, if nothing changes.",
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
