// `npm run bench:measured -- --scorer score.py "NAME=TOLD=DIR"...`: runs the detector over families of labelled recordings, has a
// scorer count, and writes bench/measured.json and the table of docs/detection.md. A family that is named again is replaced.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measuredFrom, renderMeasured, splitPage, type Measured, type Score } from "./measured-table.ts";

const USAGE = 'usage: bench:measured -- --scorer score.py "queues=20; kept aside=DIR" ...';
const root = join(import.meta.dirname, "..");
const results = join(root, "bench/measured.json");
const page = join(root, "docs/detection.md");

const args = process.argv.slice(2);
const at = args.indexOf("--scorer");
const scorer = at < 0 ? undefined : args[at + 1];
if (scorer === undefined) throw new Error(USAGE);
const families = args.toSpliced(at, 2);

let measured: Measured[] = existsSync(results) ? (JSON.parse(readFileSync(results, "utf8")) as Measured[]) : [];
const folder = mkdtempSync(join(tmpdir(), "poolscope-measured-"));
try {
  for (const text of families) {
    const [family, told, data, ...rest] = text.split("=");
    if (family === undefined || told === undefined || data === undefined || rest.length > 0) throw new Error(USAGE);
    const predictions = join(folder, "predictions.json");
    execFileSync(process.execPath, [join(root, "bench/leaks.ts"), data, "--final", "-o", predictions], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const lists = ["--labels", join(data, "labels.json"), "--manifest", join(data, "manifest.json")];
    const score = JSON.parse(execFileSync("python3", [scorer, predictions, ...lists], { encoding: "utf8" })) as Score;
    const column = measuredFrom(family, told, score);
    process.stdout.write(
      `${family}: precision ${column.precision}, recall ${column.recall}, clean ${column.alarmed}\n`,
    );
    const old = measured.findIndex((each) => each.family === family);
    measured = old < 0 ? [...measured, column] : measured.with(old, column);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
writeFileSync(results, `${JSON.stringify(measured, null, 1)}\n`);
const [before, , after] = splitPage(readFileSync(page, "utf8"));
writeFileSync(page, `${before}${renderMeasured(measured)}${after}`);
execFileSync("npx", ["oxfmt", results, page], { cwd: root, stdio: "inherit" });
