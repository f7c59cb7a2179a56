import { describe, expect, test } from "vitest";
import { AccessError } from "../../model/errors.ts";
import {
  capturePlan,
  commandLine,
  lostEvents,
  renderProfile,
  tagProblem,
  type CaptureCommand,
} from "./capture-plan.ts";
import { capture, LEAST_FREE_BYTES, type CaptureHost } from "./capture.ts";

interface Script {
  /** Exit code by first parameter. */
  readonly codes?: Readonly<Record<string, number>>;
  readonly free?: (looks: number) => number;
  readonly cancelAfter?: number;
}

function fakeHost(script: Script = {}): CaptureHost & { readonly ran: string[]; waited: number } {
  let looks = 0;
  const host = {
    ran: [] as string[],
    waited: 0,
    run: async (command: CaptureCommand) => {
      host.ran.push(commandLine(command));
      const [first = ""] = command.parameters;
      return {
        code: script.codes?.[first] ?? 0,
        output: first === "-status" ? "Events Lost : 1,234" : "the tool says why\n",
      };
    },
    freeBytes: () => script.free?.(looks++) ?? LEAST_FREE_BYTES * 10,
    wait: async (milliseconds: number) => {
      host.waited += milliseconds;
    },
    isCancelled: () => script.cancelAfter !== undefined && host.waited >= script.cancelAfter,
    say: () => {},
  };
  return host;
}

const plan = capturePlan("wpr", ["Toke"], "C:\\t\\p.wprp", "D:\\pool.etl");

describe("a recording", () => {
  test("starts its own session, waits, stops into the file", async () => {
    const host = fakeHost();
    expect(await capture(plan, 12_000, host)).toEqual({ ended: "time", lostEvents: 1234 });
    expect(host.waited).toBe(12_000);
    expect(host.ran[0]).toBe("wpr -start C:\\t\\p.wprp!PoolTag -filemode -instancename poolscope");
    expect(host.ran.at(-1)).toBe("wpr -stop D:\\pool.etl -skipPdbGen -compress -instancename poolscope");
  });

  test("Ctrl-C cancels and writes nothing", async () => {
    const host = fakeHost({ cancelAfter: 5000 });
    expect((await capture(plan, 60_000, host)).ended).toBe("cancelled");
    expect(host.ran.at(-1)).toBe("wpr -cancel -instancename poolscope");
    expect(host.ran.join()).not.toContain("-stop");
  });

  test("a disk that fills ends it early, with the trace kept; one that is full is refused before anything starts", async () => {
    const filling = fakeHost({ free: (looks) => LEAST_FREE_BYTES * (looks < 2 ? 2 : 0.5) });
    expect((await capture(plan, 60_000, filling)).ended).toBe("disk");
    expect(filling.ran.at(-1)).toContain("-stop D:\\pool.etl");
    const full = fakeHost({ free: () => LEAST_FREE_BYTES - 1 });
    await expect(capture(plan, 60_000, full)).rejects.toThrow(AccessError);
    expect(full.ran).toEqual([]);
  });

  test.each(["-start", "-stop"])(
    "where %s fails the session is cancelled and the tool's words are shown",
    async (step) => {
      const host = fakeHost({ codes: { [step]: 5 } });
      await expect(capture(plan, 5000, host)).rejects.toThrow(
        /ended with code 5: the tool says why; run as administrator/,
      );
      expect(host.ran.at(-1)).toBe("wpr -cancel -instancename poolscope");
    },
  );
});

test("xperf records with the same filter", () => {
  const xperf = capturePlan("xperf", ["NtFC", "To*"], "", "pool.etl");
  expect(commandLine(xperf.start)).toContain("-stackwalk PoolAlloc+PoolAllocSession -pooltag ");
  expect(xperf.start.parameters).toContain("NtFC+To*");
  expect(commandLine(xperf.stop)).toBe("xperf -d pool.etl");
});

test("the profile holds the tags, escaped, and asks for no stacks of frees", () => {
  const profile = renderProfile(["Toke", 'a<"&']);
  expect(profile).toContain('<PoolTags><PoolTag Value="Toke"/><PoolTag Value="a&lt;&quot;&amp;"/></PoolTags>');
  expect(profile).not.toContain("PoolFree");
  expect(profile.match(/<Profile /g)).toHaveLength(2);
  expect(profile.match(/<\/Profile>/g)).toHaveLength(1);
});

test("filters that let everything through, or are no tags, are refused", () => {
  expect(tagProblem("Toke")).toBeUndefined();
  expect(tagProblem("To*")).toBeUndefined();
  for (const bad of ["", "Token", "*", "????", "a\u0001"]) expect(tagProblem(bad), bad).toBeDefined();
});

test("losses out of the status of wpr", () => {
  expect(lostEvents("Events Lost: 1,234\n")).toBe(1234);
  expect(lostEvents("nothing of the kind")).toBeUndefined();
});
