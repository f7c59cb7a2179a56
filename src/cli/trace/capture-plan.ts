// How a pool trace is recorded: the profile for wpr, and the exact commands of wpr (Windows 10 up) or xperf (7 and 8). Pure.
// Elements and options: Microsoft's documentation of the Windows Performance Toolkit.

/** Windows filters by at most this many tags. */
export const MOST_TAGS = 4;

/** The name of our own session, so that nobody else's is stopped. */
export const INSTANCE = "poolscope";
const PROFILE_NAME = "PoolTag";

export type CaptureTool = "wpr" | "xperf";

export interface CaptureCommand {
  readonly program: CaptureTool;
  readonly parameters: readonly string[];
}

export interface CapturePlan {
  readonly start: CaptureCommand;
  readonly status: CaptureCommand | undefined;
  readonly stop: CaptureCommand;
  readonly cancel: CaptureCommand;
}

/** What is wrong with a tag as filter; undefined where it can be used. */
export function tagProblem(tag: string): string | undefined {
  if (!/^[\x20-\x7e]{1,4}$/.test(tag)) return `a tag has one to four printable characters, not ${JSON.stringify(tag)}`;
  return tag.replaceAll(/[*?]/g, "") === "" ? "a filter of wildcards alone lets every tag through" : undefined;
}

/** The commands for one recording. `profile`: path of the written profile (wpr only). */
export function capturePlan(tool: CaptureTool, tags: readonly string[], profile: string, output: string): CapturePlan {
  if (tool === "wpr") {
    const ours = ["-instancename", INSTANCE];
    return {
      start: { program: "wpr", parameters: ["-start", `${profile}!${PROFILE_NAME}`, "-filemode", ...ours] },
      status: { program: "wpr", parameters: ["-status", "collectors", "-details", ...ours] },
      stop: { program: "wpr", parameters: ["-stop", output, "-skipPdbGen", "-compress", ...ours] },
      cancel: { program: "wpr", parameters: ["-cancel", ...ours] },
    };
  }
  const kernel = ["-on", "PROC_THREAD+LOADER+POOL", "-stackwalk", "PoolAlloc+PoolAllocSession"];
  const buffers = ["-buffersize", "1024", "-minbuffers", "256", "-maxfile", "1024", "-filemode", "circular"];
  return {
    start: { program: "xperf", parameters: [...kernel, "-pooltag", tags.join("+"), ...buffers] },
    status: undefined,
    stop: { program: "xperf", parameters: ["-d", output] },
    cancel: { program: "xperf", parameters: ["-stop"] },
  };
}

/** The recording profile. Frees carry no stacks: a free is found by its address. */
export function renderProfile(tags: readonly string[]): string {
  const filters = tags.map((tag) => `<PoolTag Value="${escapeXml(tag)}"/>`).join("");
  const profile = (mode: "File" | "Memory", base: string, body: string): string =>
    `    <Profile Id="${PROFILE_NAME}.Verbose.${mode}"${base} Name="${PROFILE_NAME}" Description="pool allocations of some tags" DetailLevel="Verbose" LoggingMode="${mode}"${body}`;
  return `<?xml version="1.0" encoding="utf-8"?>
<WindowsPerformanceRecorder Version="1.0" Author="poolscope">
  <Profiles>
    <SystemCollector Id="PoolCollector" Name="NT Kernel Logger">
      <BufferSize Value="1024"/>
      <Buffers Value="256"/>
      <StackCaching BucketCount="256" CacheSize="3072"/>
    </SystemCollector>
    <SystemProvider Id="PoolProvider">
      <Keywords>
        <Keyword Value="ProcessThread"/>
        <Keyword Value="Loader"/>
        <Keyword Value="Pool"/>
      </Keywords>
      <Stacks>
        <Stack Value="PoolAllocation"/>
        <Stack Value="PoolAllocationSession"/>
      </Stacks>
      <PoolTags>${filters}</PoolTags>
    </SystemProvider>
${profile(
  "File",
  "",
  `>
      <Collectors>
        <SystemCollectorId Value="PoolCollector">
          <SystemProviderId Value="PoolProvider"/>
        </SystemCollectorId>
      </Collectors>
    </Profile>`,
)}
${profile("Memory", ` Base="${PROFILE_NAME}.Verbose.File"`, "/>")}
  </Profiles>
</WindowsPerformanceRecorder>
`;
}

/** A command as it is typed. */
export function commandLine({ program, parameters }: CaptureCommand): string {
  return [program, ...parameters.map((each) => (/^[\w.:\\/!+-]+$/.test(each) ? each : `"${each}"`))].join(" ");
}

/** Events lost so far, out of the status that wpr prints; undefined where it does not say. */
export function lostEvents(status: string): number | undefined {
  for (const line of status.split("\n")) {
    const at = line.toLowerCase().indexOf("lost");
    const found = at < 0 ? null : /\d[\d,.]{0,20}/.exec(line.slice(at, at + 80));
    if (found !== null) return Number(found[0].replaceAll(/[,.]/g, ""));
  }
  return undefined;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
