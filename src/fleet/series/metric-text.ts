// Samples in the Prometheus text format 0.0.4: no times, escaped, a line feed at the end; fit for a scrape and for the
// textfile collector of windows_exporter (docs/collector.textfile.md there).

import { Counter, Gauge, Registry } from "prom-client";
import type { Sample } from "./machine-metrics.ts";
import { METRICS, type MetricId, type MetricSpec } from "./metric-table.ts";

/** The page; families without a sample are left out. */
export async function renderMetrics(samples: readonly Sample[]): Promise<string> {
  const registry = new Registry();
  const families = new Map<MetricId, Gauge | Counter>();
  const used = new Set(samples.map(({ id }) => id));
  for (const [id, spec] of Object.entries(METRICS) as [MetricId, MetricSpec][]) {
    if (!used.has(id)) continue;
    const config = { name: spec.name, help: spec.help, labelNames: [...spec.labels], registers: [registry] };
    families.set(id, spec.type === "counter" ? new Counter(config) : new Gauge(config));
  }
  for (const { id, labels, value } of samples) {
    const family = families.get(id);
    if (family instanceof Counter) family.inc(labels, value);
    else family?.set(labels, value);
  }
  return registry.metrics();
}
