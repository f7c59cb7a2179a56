// Parquet through DuckDB, an optional package that is loaded only here.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBValue } from "@duckdb/node-api";
import { AccessError } from "../model/errors.ts";
import { PAGED, type Snapshot } from "../model/snapshot.ts";
import { formatTag } from "../model/tag.ts";

type DuckDb = typeof import("@duckdb/node-api");

/** DuckDB's own size of a chunk. */
const CHUNK_ROWS = 2048;

const TABLE = `CREATE TABLE pool (
  time TIMESTAMP, tag VARCHAR, raw UINTEGER, pool VARCHAR, allocs BIGINT, frees BIGINT, outstanding BIGINT, bytes BIGINT)`;

/**
 * Writes every row of every snapshot; counters that are not known are null. Answers how many snapshots. The rows go
 * through a database in a temporary folder, so that memory stays bounded. Throws AccessError where DuckDB is not there.
 */
export async function writeParquet(
  path: string,
  snapshots: AsyncIterable<Snapshot>,
  load: () => Promise<DuckDb> = () => import("@duckdb/node-api"),
): Promise<number> {
  const duckdb = await loaded(load);
  const folder = mkdtempSync(join(tmpdir(), "poolscope-"));
  try {
    const instance = await duckdb.DuckDBInstance.create(join(folder, "rows.duckdb"), { memory_limit: "512MB" });
    const connection = await instance.connect();
    try {
      await connection.run(TABLE);
      const count = await appendAll(duckdb, await connection.createAppender("pool"), snapshots);
      await connection.run(`COPY pool TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`);
      return count;
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function loaded(load: () => Promise<DuckDb>): Promise<DuckDb> {
  try {
    return await load();
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
    throw new AccessError(
      `Parquet is written by the optional package @duckdb/node-api, which cannot be loaded here: ${reason}`,
      "`npm install @duckdb/node-api`, or export csv or jsonl",
      error,
    );
  }
}

async function appendAll(
  duckdb: DuckDb,
  appender: Awaited<
    ReturnType<Awaited<ReturnType<InstanceType<DuckDb["DuckDBInstance"]>["connect"]>>["createAppender"]>
  >,
  snapshots: AsyncIterable<Snapshot>,
): Promise<number> {
  const { TIMESTAMP, VARCHAR, UINTEGER, BIGINT } = duckdb;
  const types = [TIMESTAMP, VARCHAR, UINTEGER, VARCHAR, BIGINT, BIGINT, BIGINT, BIGINT];
  let columns: DuckDBValue[][] = types.map(() => []);
  const flush = (): void => {
    if (columns[0]?.length === 0) return;
    const chunk = duckdb.DuckDBDataChunk.create(types, columns[0]?.length ?? 0);
    chunk.setColumns(columns);
    appender.appendDataChunk(chunk);
    columns = types.map(() => []);
  };
  let count = 0;
  for await (const { time, columns: rows } of snapshots) {
    const timestamp = new duckdb.DuckDBTimestampValue(BigInt(Math.round(time * 1000)));
    for (let row = 0; row < rows.length; row++) {
      const tag = rows.tag[row] ?? 0;
      const values = [
        timestamp,
        formatTag(tag),
        tag,
        rows.kind[row] === PAGED ? "paged" : "nonpaged",
        whole(rows.allocs[row]),
        whole(rows.frees[row]),
        whole(rows.outstanding[row]),
        whole(rows.bytes[row]),
      ];
      for (const [at, value] of values.entries()) columns[at]?.push(value);
      if (columns[0]?.length === CHUNK_ROWS) flush();
    }
    count += 1;
  }
  flush();
  appender.closeSync();
  return count;
}

function whole(value: number | undefined): bigint | null {
  return value !== undefined && Number.isFinite(value) ? BigInt(Math.round(value)) : null;
}
