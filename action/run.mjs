// Runs `poolscope check` for a pipeline: summary in Markdown, JUnit, SARIF, and the exit code passed on. Inputs arrive in the
// environment (INPUT_*), so that nothing of them is read by a shell. Node 20 or newer, no packages.

import { spawnSync } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";

const lines = (name) =>
  (process.env[name] ?? "")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

const sources = lines("INPUT_SOURCES");
const junit = process.env.INPUT_JUNIT ?? "";
const sarif = process.env.INPUT_SARIF ?? "";
const program = lines("INPUT_POOLSCOPE");
const [command = "poolscope", ...first] = program;

if (sources.length === 0) {
  console.error("poolscope check: no sources were given (input `sources`, one a line)");
  process.exit(2);
}

const args = [
  ...first,
  "check",
  "--json",
  ...(junit === "" ? [] : [`--junit=${junit}`]),
  ...lines("INPUT_TAGS").map((tag) => `--tag=${tag}`),
  ...lines("INPUT_ARGUMENTS"),
  "--",
  ...sources,
];
const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
if (error !== undefined) {
  console.error(`poolscope check: ${command} cannot be started: ${error.message}`);
  process.exit(2);
}
process.stderr.write(stderr);
const code = status ?? 2;
const result = parse(stdout);
const summary = markdown(code, result, stderr);
process.stdout.write(summary);
const summaryFile = process.env.GITHUB_STEP_SUMMARY ?? process.env.POOLSCOPE_SUMMARY ?? "";
if (summaryFile !== "") appendFileSync(summaryFile, summary);
if (sarif !== "" && result !== undefined) writeFileSync(sarif, `${JSON.stringify(toSarif(result), null, 1)}\n`);
if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, `exit-code=${code}\n`);
process.exit(code);

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function cell(text) {
  return String(text)
    .replace(/[\r\n]+/g, " ")
    .replace(/[\\`*_[\]<>|#&]/g, (sign) => ({ "<": "&lt;", ">": "&gt;", "&": "&amp;" })[sign] ?? `\\${sign}`);
}

function markdown(code, result, talk) {
  const heads = { 0: "passed", 1: "failed: a tag leaked", 2: "undecided or not readable", 70: "internal error" };
  const head = `## poolscope check: ${heads[code] ?? `exit code ${code}`}\n\n`;
  if (result === undefined) return `${head}${cell(talk.trim() || "nothing was answered")}\n`;
  const shown = [...result.tags].sort((a, b) => Number(a.passed) - Number(b.passed)).slice(0, 50);
  const rows = shown.map(
    (tag) =>
      `| ${cell(tag.tag)} | ${tag.pool} | ${cell(tag.outcome ?? (tag.passed ? "passed" : "failed"))} | ${cell(tag.measured)} | ${cell(tag.reason ?? tag.failures.join(" "))} |`,
  );
  const rest = result.tags.length > shown.length ? `\n${result.tags.length - shown.length} more tags.\n` : "";
  return (
    `${head}${result.from} to ${result.to}, ${result.snapshots} snapshots.\n\n` +
    `| tag | pool | result | measured | why |\n| --- | --- | --- | --- | --- |\n${rows.join("\n")}\n${rest}`
  );
}

/** SARIF 2.1.0: one result for each tag that did not pass. Counters have no place in a source file, so the first source stands for it. */
function toSarif({ tags }) {
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "poolscope",
            rules: [
              { id: "pool-leak", shortDescription: { text: "Pool memory is allocated and not freed" } },
              { id: "pool-undecided", shortDescription: { text: "Neither a limit nor a verdict can decide" } },
            ],
          },
        },
        results: tags
          .filter((tag) => !tag.passed)
          .map((tag) => ({
            ruleId: tag.outcome === "undecided" ? "pool-undecided" : "pool-leak",
            level: tag.outcome === "undecided" ? "warning" : "error",
            message: { text: `${tag.tag} (${tag.pool} pool): ${tag.failures.join(" ") || tag.reason || tag.measured}` },
            locations: [
              { physicalLocation: { artifactLocation: { uri: encodeURI(sources[0].replaceAll("\\", "/")) } } },
            ],
          })),
      },
    ],
  };
}
