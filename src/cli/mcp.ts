// `poolscope mcp`: the program as tools of an assistant (Model Context Protocol over standard input and output).

import type { Command } from "commander";
import { AccessError } from "../model/errors.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { collect } from "./options.ts";

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("mcp")
    .description("the program as tools of an assistant (Model Context Protocol on standard input and output)")
    .option(
      "--root <folder>",
      "a folder whose files may be read; may be repeated; the present folder without it",
      collect,
    )
    .addHelpText(
      "after",
      `
Read-only: the tools answer what the commands of the same name print with --json, of files in the folders given here and no others.
docs/assistants.md tells an assistant how to investigate.

Examples:
  poolscope mcp --root C:\\\\logs
  {"mcpServers": {"poolscope": {"command": "poolscope", "args": ["mcp", "--root", "/home/me/logs"]}}}`,
    )
    .action(async (options: { readonly root?: readonly string[] }) => {
      const { Roots } = await import("./mcp/roots.ts");
      const roots = new Roots(options.root ?? ["."]);
      const { createServer, serveStdio } = await loadServer();
      const { run } = await import("./main.ts");
      await serveStdio(createServer(roots, run, io));
      finish(0);
    });
}

/** The protocol's SDK is an optional package: only who wants this command needs it. */
async function loadServer(): Promise<typeof import("./mcp/server.ts")> {
  try {
    return await import("./mcp/server.ts");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
      throw new AccessError(
        "the Model Context Protocol needs two packages that are not installed",
        "npm install @modelcontextprotocol/sdk zod",
        error,
      );
    }
    throw error;
  }
}
