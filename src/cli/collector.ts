// `poolscope collector`: prints the PowerShell script that collects where nothing may be installed.

import type { Command } from "commander";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";

export function addCommand(program: Command, io: Io, _finish: Finish): void {
  program
    .command("collector")
    .description("prints collect.ps1, a collector for machines where nothing may be installed")
    .addHelpText(
      "after",
      `
Runs on Windows 7 and Server 2008 R2 up, 32 and 64 bit, with the PowerShell they come with.

Examples:
  poolscope collector > collect.ps1                 make the script on any machine, copy it to the sick one
  powershell -NoProfile -ExecutionPolicy Bypass -File collect.ps1 -Every 60s -For 24h
  poolscope leaks poolscope-SERVER.txt              read the file it wrote, on any machine

As a scheduled task that starts with the machine and survives restarts (in a prompt run as administrator):
  schtasks /create /tn poolscope-collect /sc onstart /ru SYSTEM /tr "powershell -NoProfile -ExecutionPolicy Bypass -File C:\\poolscope\\collect.ps1 -Out C:\\poolscope\\pool.txt"
`,
    )
    .action(async () => {
      const { renderCollectorScript } = await import("./collector/script.ts");
      io.stdout.write(renderCollectorScript());
    });
}
