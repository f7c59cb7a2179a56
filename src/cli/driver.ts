// `poolscope driver FILE`: one driver for its developers: tags, calls, pools, sizes, and what may be worth changing.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Option, type Command } from "commander";
import { toPublished, toRecord } from "../driver-index/record.ts";
import { checkSignatures } from "../driver-index/scan-file.ts";
import { loadScanTools } from "../driver-index/tools.ts";
import { lintDriver } from "../drivers/lint-driver.ts";
import { scanDriver } from "../drivers/scan.ts";
import { readPdbReference } from "../formats/pe/debug.ts";
import { PeImage } from "../formats/pe/image.ts";
import { isPdbOf, parsePdb, symbolAt, type Pdb } from "../formats/pdb/pdb.ts";
import { AccessError, FormatError } from "../model/errors.ts";
import type { DriverFinding } from "../model/driver.ts";
import { baseName } from "../model/file-path.ts";
import { renderDriverPage, type DriverPage } from "../reports/driver-page.ts";
import { renderSarif } from "../reports/sarif.ts";
import { DRIVER_RULE_WORDS } from "../words/driver-rules.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { paintFor } from "./shared.ts";
import { VERSION } from "./version.ts";

interface Options {
  readonly json?: true;
  readonly sarif?: true;
  readonly pdb?: string;
  readonly failOn?: "warning" | "note";
}

/** Larger files are no drivers. */
const MAX_BYTES = 512 * 1024 * 1024;

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("driver")
    .description("one driver for its developers: every tag and call, and what may be worth changing")
    .argument("<file>", "the driver; names of its functions are read from the PDB beside it")
    .option("--pdb <file>", "the driver's PDB, where it lies elsewhere")
    .option("--json", "for programs")
    .option("--sarif", "the findings as SARIF 2.1.0, for build servers")
    .addOption(
      new Option("--fail-on <level>", "exit code 1 where there is a finding of this level or above").choices([
        "warning",
        "note",
      ]),
    )
    .addHelpText(
      "after",
      `
Examples:
  poolscope driver x64/Release/mydriver.sys
  poolscope driver mydriver.sys --sarif > pool-tags.sarif
  poolscope driver mydriver.sys --fail-on warning     in a build: exit code 1 where a warning is found`,
    )
    .action(async (given: string, options: Options) => {
      const file = resolve(given);
      const bytes = await readBytes(file);
      const name = basename(file).replace(/\.[^.]*$/, "");
      const scan = scanDriver(bytes, name, { ...(await loadScanTools()), isThorough: true });
      if (scan.machine === "unknown") throw new FormatError(given, scan.status.replace(/^not a driver: /, ""));
      const { pdb, text } = await namesFor(file, bytes, options.pdb);
      const { findings, anonymousFrees } = lintDriver(scan);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const facts = { file, size: bytes.length, modified: 0 };
      const driver = toPublished(toRecord(facts, sha256, scan, checkSignatures(bytes, scan)));
      const page: DriverPage = {
        driver: {
          ...driver,
          tags: driver.tags.map((tag) => ({
            ...tag,
            uses: tag.uses.map((use) => ({ ...use, ...symbolFor(pdb, Number(use.rva)) })),
          })),
        },
        names: text,
        findings: findings.map((finding) => ({
          ...finding,
          sites: finding.sites.map((site) => ({ ...site, ...symbolFor(pdb, site.rva) })),
        })),
        anonymousFrees,
      };
      io.stdout.write(
        options.sarif === true
          ? renderSarif(uriOf(file), VERSION, page.findings)
          : options.json === true
            ? `${JSON.stringify(page)}\n`
            : renderDriverPage(page, { width: io.stdout.columns, paint: paintFor(io) }),
      );
      if (isFailure(page.findings, options.failOn)) finish(1);
    });
}

function isFailure(findings: readonly DriverFinding[], level: Options["failOn"]): boolean {
  if (level === undefined) return false;
  return findings.some(({ rule }) => level === "note" || DRIVER_RULE_WORDS[rule].level === "warning");
}

/** Below the working folder a relative address, so that a build server finds the file again; otherwise an absolute one. */
function uriOf(file: string): string {
  const below = relative(process.cwd(), file);
  return below.startsWith("..") ? pathToFileURL(file).href : below.replaceAll("\\", "/");
}

function symbolFor(pdb: Pdb | undefined, rva: number): { symbol?: string } {
  const place = pdb === undefined ? undefined : symbolAt(pdb, rva);
  if (place === undefined || !place.symbol.isFunction) return {};
  return { symbol: `${place.symbol.name}+0x${place.displacement.toString(16)}` };
}

/** The PDB of a driver: the one given, else the one beside it; only where it is of this very build. */
async function namesFor(
  file: string,
  bytes: Uint8Array,
  given: string | undefined,
): Promise<{ readonly pdb: Pdb | undefined; readonly text: string }> {
  const reference = readPdbReference(new PeImage(bytes));
  if (reference?.guid === undefined) return { pdb: undefined, text: "none: the driver names no PDB" };
  const { guid, age, path } = reference;
  const beside = join(dirname(file), baseName(path));
  const place = given === undefined ? beside : resolve(given);
  let data: Buffer;
  try {
    data = await readFile(place);
  } catch (error) {
    if (given !== undefined) throw notRead(place, error);
    return { pdb: undefined, text: `none: there is no ${basename(beside)} beside the driver (--pdb names another)` };
  }
  try {
    const pdb = parsePdb(data);
    if (isPdbOf(pdb, { guid, age })) return { pdb, text: `from ${basename(place)}` };
    return { pdb: undefined, text: `none: ${basename(place)} is of another build of the driver` };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { pdb: undefined, text: `none: ${basename(place)}: ${error.message}` };
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > MAX_BYTES) throw new RangeError(`${bytes.length} bytes are too many for a driver`);
    return bytes;
  } catch (error) {
    throw notRead(file, error);
  }
}

function notRead(file: string, error: unknown): AccessError {
  const why = error instanceof Error ? error.message : String(error);
  return new AccessError(`cannot read ${file}: ${why}`, "name a driver's file that can be read", error);
}
