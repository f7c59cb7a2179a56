import fc from "fast-check";
import { expect, test } from "vitest";
import { parseInfServices } from "./inf.ts";

const INF = String.raw`
[Version]
Signature="$WINDOWS NT$" ; comment
[MyDevice.NT.Services]
AddService = WindowsFilter, %SPSVCINST_ASSOCSERVICE%, Filter_Service_Inst ; with a comment
AddService = ,2
[Filter_Service_Inst]
ServiceType   = 1
ServiceBinary = %13%\mydriver.sys
[Other]
ServiceBinary = %12%\other.sys
`;

test("a file's service is the one whose section names it", () => {
  expect([...parseInfServices(INF)]).toEqual([["mydriver.sys", "WindowsFilter"]]);
});

test("any text at all", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseInfServices(text).size).toBeLessThan(text.length + 1);
    }),
  );
});
