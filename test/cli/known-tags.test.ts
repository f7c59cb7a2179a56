import { describe, expect, test } from "vitest";
import { runCli } from "./run-cli.test-support.ts";

describe("tag --known", () => {
  test("lists the tutorials' tags and every published case, those without a tag too", () => {
    const { stdout, code } = runCli(["tag", "--known", "--json"]);
    const { known } = JSON.parse(stdout) as {
      known: { tag: string | null; tutorial?: object; cases: { id: string }[] }[];
    };
    const cases = new Set(known.flatMap((each) => each.cases.map(({ id }) => id)));
    expect(cases.size).toBe(42);
    expect(known.filter((each) => each.tutorial !== undefined).map(({ tag }) => tag)).toEqual([
      "CM31",
      "FMfn",
      "MmSt",
      "Ntfr",
      "Perf",
      "Thre",
    ]);
    expect(known.some(({ tag }) => tag === null)).toBe(true);
    expect(code).toBe(0);
    expect(runCli(["tag", "--known"]).stdout).toMatch(/^Tag +.*Published with/);
  });

  test("a tag, a pattern or a word tells cause, remedy and source", () => {
    for (const pattern of ["NPBL", "NPB?", "npcap"]) {
      const { stdout } = runCli(["tag", "--known", pattern]);
      expect(stdout).toMatch(/Case +npcap\.sys \(Npcap\), 0\.9988/);
      expect(stdout).toMatch(/Remedy +Use the release after/);
      expect(stdout).toMatch(/Source +https:/);
    }
    expect(runCli(["tag", "--known", "zzzzz"]).stdout).toBe("Nothing known matches.\n");
  });

  test("a shared tag does not name a product as its case", () => {
    const { stdout } = runCli(["tag", "Irp "]);
    expect(stdout).not.toMatch(/Known/);
    expect(stdout).toMatch(/Seen with +mullvad-split-tunnel\.sys/);
  });

  test("makers' own tags are known; an unknown one leads to the search of drivers", () => {
    expect(runCli(["tag", "NpSN"]).stdout).toMatch(/Owner +npcap\.sys/);
    expect(runCli(["tag", "WDiv"]).stdout).toMatch(/Owner +WinDivert64\.sys/);
    expect(runCli(["tag", "zQ7x"]).stdout.replace(/\s+/g, " ")).toMatch(
      /run `poolscope drivers` on the machine itself/,
    );
  });

  test.each([
    [["tag"], "name a tag"],
    [["tag", "--known", "--in", "x.pool"], "leave --in out"],
  ])("%j is refused in one line", (args, words) => {
    const { stderr, code } = runCli(args);
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });
});
