import { describe, expect, test } from "vitest";
import { formatIso } from "../model/time.ts";
import { dateOrderOf, parseDateText, readDate, readMarker } from "./date-text.ts";

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

describe("dates in the words of many languages", () => {
  test.each([
    "===== 2020/05/22 周五 20:35:55 =====",
    "å¨ 2020/05/22 20:35:55",
    "22.05.2020 г. 20:35:55",
    "2020. 05. 22. 20:35:55",
    "pá 22. 05. 2020 20:35:55",
    "22-May-20 20:35:55",
    "Friday, May 22, 2020 8:35:55 PM",
    "vendredi 22 mai 2020 20:35:55",
    "viernes, 22 de mayo de 2020 8:35:55 p. m.",
    "piątek, 22 maja 2020 20:35:55",
    "22 мая 2020 г. 20:35:55",
    "2020年5月22日 下午 8:35:55",
    "2020년 5월 22일 금요일 오후 8:35:55",
    "Παρασκευή, 22 Μαΐου 2020 8:35:55 μμ",
    "2020?5?22? 20:35:55",
    "20:35:55 22.05.2020",
    "xray_poolmon_200522-203555_HOST.txt",
    "Fri May 22 20:35:55 2020",
  ])("%s", (text) => {
    expect(at(text, "dmy")).toBe("2020-05-22T20:35:55.000Z");
  });

  test("zones count; a half of the day that is hidden is no time", () => {
    expect(at("2020.05.22-20:35:55 W. Europe Standard Time")).toBe("2020-05-22T18:35:55.000Z");
    expect(at("Tue Mar  4 09:15:22.123 2025 (UTC + 1:00)")).toBe("2025-03-04T08:15:22.123Z");
    expect(readDate("2020? 5? 22? ??? ?? 8:35:55")?.halfUnknown).toBe(true);
  });

  test("the time of a mail is no marker", () => {
    expect(readMarker("> On Tue, May 5, 2020 at 3:12 PM someone wrote:")).toBeUndefined();
    expect(readMarker("Am 05.05.2020 um 15:12 schrieb X Y:")).toBeUndefined();
    expect(readMarker("Snapshot 2026-11-26 17:05 on SRV")).toBeDefined();
    expect(readMarker("[04.03.2025 09:15] Ann Lee")).toBeUndefined();
    expect(readMarker("Lehmann, Anna Maria 04.03.2025 09:15")).toBeUndefined();
    expect(readMarker("04.03.2025 09:15 Backup Started")).toBeDefined();
    expect(readMarker("Tuesday, March 4, 2025 9:15 Baseline")).toBeDefined();
  });
});
