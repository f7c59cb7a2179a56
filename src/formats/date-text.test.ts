import { describe, expect, test } from "vitest";
import { formatIso } from "../model/time.ts";
import { dateOrderOf, parseDateText } from "./date-text.ts";

const at = (text: string, order: "mdy" | "dmy" = "mdy"): string => {
  const time = parseDateText(text, order);
  return time === undefined ? "none" : formatIso(time);
};

describe("dates in markers, cells and file names", () => {
  test.each([
    ["===== 2026-11-26 17:05:09 =====", "2026-11-26T17:05:09.000Z"],
    ["2026-11-26T17:05:09.250Z", "2026-11-26T17:05:09.250Z"],
    ["2026-11-26T17:05:09+01:30", "2026-11-26T15:35:09.000Z"],
    ["===== Thu 11/26/2026 17:05:09.12 =====", "2026-11-26T17:05:09.120Z"],
    ["26.11.2026 17:05:09,12", "2026-11-26T17:05:09.120Z"],
    ["11/26/2026 5:05:09 PM", "2026-11-26T17:05:09.000Z"],
    ["11/26/2026 12:05 AM", "2026-11-26T00:05:00.000Z"],
    ["poolmon-2026-11-26_17-05-09.txt", "2026-11-26T17:05:09.000Z"],
    ["pool_20261126_170509.log", "2026-11-26T17:05:09.000Z"],
    ["pool_2026-11-26_1705.txt", "2026-11-26T17:05:00.000Z"],
    ["26-11-2026_170509.txt", "2026-11-26T17:05:09.000Z"],
    ["pool_2026-11-26_12345.txt", "2026-11-26T00:00:00.000Z"],
    ["pool20261126.log", "2026-11-26T00:00:00.000Z"],
    ["2026-26-11_poolsnap.txt", "2026-11-26T00:00:00.000Z"],
    ["===== 1795427753 =====", "2026-11-23T09:55:53.000Z"],
  ])("%s", (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  test("what names no real date is none", () => {
    for (const text of ["=====", "2026-13-40", "30/02/2026", "25:99", "12345678", "13:05 PM", ""])
      expect(at(text)).toBe("none");
  });

  test("the order of day and month: by a number above 12, by the weekday, else as asked", () => {
    expect(at("03/04/2026", "mdy")).toBe("2026-03-04T00:00:00.000Z");
    expect(at("03/04/2026", "dmy")).toBe("2026-04-03T00:00:00.000Z");
    // 3 April 2026 is a Friday, 4 March 2026 a Wednesday.
    expect(at("Fri 03/04/2026", "mdy")).toBe("2026-04-03T00:00:00.000Z");
    expect(dateOrderOf("===== 03/04/2026\n===== 13/04/2026")).toBe("dmy");
    expect(dateOrderOf("===== Wed 03/04/2026")).toBe("mdy");
    expect(dateOrderOf("===== 03/04/2026")).toBeUndefined();
  });
});
