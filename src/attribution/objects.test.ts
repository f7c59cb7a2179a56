import { describe, expect, test } from "vitest";
import { tagNamed } from "../model/verdict.test-support.ts";
import { isFileTag, isHandleTag, isNetworkOwner } from "./objects.ts";

describe("tags of objects that programs hold handles to", () => {
  test.each(["Even", "File", "Key ", "Muta", "Port", "ALPC", "Proc", "Sect", "Sema", "Thre", "Time", "Toke", "AfdE"])(
    "%s, also as protected pool",
    (name) => {
      expect(isHandleTag(tagNamed(name))).toBe(true);
      expect(isHandleTag((tagNamed(name) | 0x8000_0000) >>> 0)).toBe(true);
    },
  );

  test.each(["Irp ", "MmSt", "Leak"])("not %s", (name) => {
    expect(isHandleTag(tagNamed(name))).toBe(false);
  });
});

test.each([
  ["File", true],
  ["IoNm", true],
  ["IoFc", true],
  ["FMfn", true],
  ["NtFC", true],
  ["FSim", true],
  ["CcSc", true],
  ["MmCa", true],
  ["MmSm", true],
  ["MmSt", true],
  ["IoEr", false],
  ["MmPb", false],
  ["xFil", false],
  ["Toke", false],
])("a file system filter can pin %s: %s", (name, can) => {
  expect(isFileTag(tagNamed(name))).toBe(can);
});

test.each([
  ["netio.sys", true],
  ["TCPIP.SYS", true],
  ["ndis.sys", true],
  ["afd.sys", true],
  ["fwpkclnt.sys", true],
  ["http.sys", true],
  ["mynetio.sys", false],
  ["ntfs.sys", false],
  ["ndisXsys", false],
])("behind %s stands the network: %s", (component, does) => {
  expect(isNetworkOwner(component)).toBe(does);
});
