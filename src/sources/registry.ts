// Every kind of file that can be a SOURCE, most specific first. A new one is one file and one line here.

import { class22File } from "./class22-file.ts";
import { collectorFormat } from "../formats/collector.ts";
import { crashDumpFormat } from "./crash-dump.ts";
import { csvFormat } from "../formats/csv.ts";
import { blockTableFormat } from "../formats/tables/block-table.ts";
import { totalsFormat } from "../formats/tables/totals.ts";
import { poolmonFormat } from "../formats/poolmon.ts";
import { poolusedFormat } from "../formats/debugger/session.ts";
import type { FileFormat } from "./file-format.ts";
import { recordingFormat } from "./recording.ts";
import { snapshotLinesFile } from "./snapshot-lines-file.ts";
import { textFile } from "./text-file.ts";

export const fileFormats: readonly FileFormat[] = [
  class22File,
  recordingFormat,
  snapshotLinesFile,
  textFile(collectorFormat, "collector text"),
  textFile(poolusedFormat, "log of a kernel debugger (!poolused, !vm, !poolfind, !verifier)"),
  textFile(totalsFormat, "totals of typeperf, perfmon and Get-Counter"),
  textFile(blockTableFormat, "lists of blocks (Volatility bigpools, MemProcFS sys/pool)"),
  textFile(csvFormat, "CSV (time,tag,type,allocs,frees,bytes)"),
  textFile(poolmonFormat, "PoolMon text"),
  crashDumpFormat,
];
