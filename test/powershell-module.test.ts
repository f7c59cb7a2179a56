// The PowerShell module: run by a real PowerShell 7, by Pester where it is there; that Windows PowerShell 5.1 can read it is held by
// what it must not contain.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, copyFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { VERSION } from "../src/cli/version.ts";
import { entry } from "./cli/run-cli.test-support.ts";

const root = join(import.meta.dirname, "..");
const module = join(root, "powershell/Poolscope/Poolscope.psd1");
const script = readFileSync(join(root, "powershell/Poolscope/Poolscope.psm1"), "utf8");

it("has the version of the program", () => {
  expect(readFileSync(module, "utf8")).toContain(`ModuleVersion        = '${VERSION}'`);
});

it("uses nothing that came after Windows PowerShell 5.1, and ASCII only", () => {
  const code = script.replace(/<#[\s\S]*?#>/g, "").replace(/^\s*#.*$/gm, "");
  for (const newer of [
    /\?\?/,
    /&&/,
    /\|\|/,
    /\?\./,
    /-Parallel\b/,
    /ConvertFrom-Json [^|\n]*-(?:Depth|AsHashtable)/,
    / \? .* : /,
  ])
    expect(code).not.toMatch(newer);
  expect(script).toMatch(/^[\t\n\r\x20-\x7e]*$/);
});

const pwsh = [join(root, ".cache/pwsh/pwsh"), "pwsh"].find(
  (path) => spawnSync(path, ["-NoProfile", "-Command", "1"], { stdio: "ignore" }).status === 0,
);
if (pwsh === undefined)
  console.warn(
    "PowerShell 7 is missing (dotnet tool install --tool-path .cache/pwsh PowerShell): the module is not run",
  );

/** A start of PowerShell and one of the program each; Pester makes five of the latter. */
const SLOW_MACHINE_MS = 300_000;

describe.skipIf(pwsh === undefined)("under PowerShell 7", { timeout: SLOW_MACHINE_MS }, () => {
  const folder = mkdtempSync(join(tmpdir(), "poolscope module é-"));
  const program = join(folder, "poolscope");
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${entry}" "$@"\n`);
  chmodSync(program, 0o755);
  const sample = join(folder, "a log.csv.gz");
  copyFileSync(join(root, "data/samples/event-leak.csv.gz"), sample);
  const shell = (text: string): { code: number | null; stdout: string; stderr: string } => {
    const command = `Import-Module '${module}'\n${text}`;
    const { status, stdout, stderr } = spawnSync(pwsh ?? "", ["-NoProfile", "-NonInteractive", "-Command", command], {
      encoding: "utf8",
      env: { ...process.env, POOLSCOPE_PROGRAM: program, POWERSHELL_TELEMETRY_OPTOUT: "1", NO_COLOR: "1" },
    });
    return { code: status, stdout, stderr };
  };

  it("answers tags as objects with numbers", () => {
    const { stdout, stderr } = shell(
      `(Get-PoolTag -Path '${sample}' -Tag Even | Select-Object Tag, Pool, Outstanding, Bytes | ConvertTo-Json -Compress)`,
    );
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ Tag: "Even", Pool: "nonpaged", Outstanding: 4009, Bytes: 385_296 });
  });

  it("takes files from the pipeline, and answers leaks with rate and state", () => {
    const { stdout } = shell(
      `Get-Item '${sample}' | Get-PoolLeak | Select-Object Tag, State, HeldBytes | ConvertTo-Json -Compress`,
    );
    expect(JSON.parse(stdout)).toEqual({ Tag: "Even", State: "stopped-held", HeldBytes: 385_296 });
  });

  it("makes an error of what could not be done, in the program's own words", () => {
    const { stdout } = shell(
      `$r = Get-PoolLeak '${folder}/none.pool' -ErrorVariable e -ErrorAction SilentlyContinue; "$($r.Count) $($e[-1].FullyQualifiedErrorId) $($e[-1])"`,
    );
    expect(stdout).toMatch(/PoolscopeExit2,\S+ poolscope: .*none\.pool/);
    const { stdout: missing } = shell(`try { Get-PoolTag -Program '${folder}/nothing' } catch { "caught $_" }`);
    expect(missing).toContain("caught");
  });

  it("runs in ConstrainedLanguage", () => {
    const { stdout, stderr } = shell(
      `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; (Get-PoolTag '${sample}' -Tag Even).Bytes`,
    );
    expect(stderr).toBe("");
    expect(stdout.trim()).toBe("385296");
  });

  const pester = join(root, ".cache/nuget/pester/5.7.1/tools/Pester.psd1");
  if (!existsSync(pester))
    console.warn("Pester is missing (scripts/pester.csproj): powershell/Poolscope.Tests.ps1 is not run");
  it.skipIf(!existsSync(pester))("passes its Pester tests", () => {
    const run = `Import-Module '${pester}'; $c = New-PesterConfiguration; $c.Run.Path = '${join(root, "powershell")}'; $c.Run.PassThru = $true; $c.Output.Verbosity = 'None'; $r = Invoke-Pester -Configuration $c; "$($r.PassedCount) passed $($r.FailedCount) failed"`;
    const { stdout } = shell(`$env:POOLSCOPE_SAMPLE = '${sample}'\n${run}`);
    expect(stdout).toMatch(/^[1-9]\d* passed 0 failed$/m);
  });
});
