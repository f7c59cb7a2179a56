import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../model/errors.ts";
import { parseToolText } from "./tools.ts";

const HANDLES = [
  "",
  "Nthandle v5.0 - Handle viewer",
  "Copyright (C) 1997-2022 Mark Russinovich",
  "",
  "Handle type summary:",
  "  <Unknown type>  : 7",
  "  ALPC Port       : 11",
  "  File            : 122",
  "  File            : 8",
  "  WaitCompletionPacket: 25",
  "Total handles: 173",
  "",
].join("\r\n");

describe("handle -s", () => {
  it("sums a name that comes twice, and leaves the unknown type out", () => {
    expect(parseToolText(HANDLES)).toEqual({
      tool: "handle",
      objects: [
        { type: "ALPC Port", handles: 11 },
        { type: "File", handles: 130 },
        { type: "WaitCompletionPacket", handles: 25 },
      ],
    });
  });

  it("refuses a text that was cut, or does not add up", () => {
    expect(() => parseToolText(HANDLES.slice(0, HANDLES.indexOf("Total")))).toThrow(/ends before its total/);
    expect(() => parseToolText(HANDLES.replace("173", "174"))).toThrow(
      /do not add up .*expected 174 handles, found 173/,
    );
    expect(() => parseToolText(HANDLES.replace("  File            : 8", "  Fil"))).toThrow(/a row of the summary/);
  });

  it("gives back any counts", () => {
    const name = fc.stringMatching(/^[A-Z][A-Za-z]{2,20}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.nat(10_000_000), { minKeys: 1, noNullPrototype: true }), (counts) => {
        const rows = Object.entries(counts).map(([type, count]) => `  ${type.padEnd(16)}: ${count}`);
        const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
        const text = ["Handle v3.42", "Handle type summary:", ...rows, `Total handles: ${total}`].join("\n");
        const expected = Object.entries(counts).map(([type, handles]) => ({ type, handles }));
        expect(parseToolText(text).objects).toEqual(expected);
      }),
    );
  });
});

describe("Get-Process", () => {
  it("reads 5.1 with its first line, both forms of a column, and the name of the file from the path", () => {
    const text = [
      "#TYPE System.Diagnostics.Process",
      '"Name","SI","Handles","VM","WS","PM","NPM","Path","Company","CPU","HandleCount","Id","PagedSystemMemorySize64"',
      '"watchman","0","71198","2204","4096","5000","12345","C:\\Tools\\watchman.exe","Meta, Inc.","1,5","71198","2496","88"',
      '"Idle","0","0","0","8","60","0",,,,"0","0","0"',
      '"System","0","5000","0","10","20","30",,,,"5000","4","40"',
    ].join("\r\n");
    expect(parseToolText(text)).toEqual({
      tool: "get-process",
      programs: [
        {
          pid: 2496,
          name: "watchman.exe",
          handles: 71_198,
          nonpagedQuota: 12_345,
          pagedQuota: 88,
          privateBytes: 5000,
          workingSet: 4096,
        },
        { pid: 4, name: "System", handles: 5000, nonpagedQuota: 30, pagedQuota: 40, privateBytes: 20, workingSet: 10 },
      ],
    });
  });

  it("reads chosen columns with semicolons", () => {
    expect(parseToolText('"ProcessName";"Id";"Handles"\n"svchost";"812";"400"').programs).toEqual([
      { pid: 812, name: "svchost", handles: 400 },
    ]);
  });

  it("a heading alone is no list", () => {
    expect(() => parseToolText('"Name","Id","Handles"')).toThrow(FormatError);
  });
});

describe("tasklist", () => {
  it.each([
    ["English", '"Image Name","PID","Session Name","Session#","Mem Usage"', "12,340 K"],
    ["German", '"Abbildname","PID","Sitzungsname","Sitz.-Nr.","Speichernutzung"', "12.340 K"],
    [
      "French",
      '"Nom de l’image","PID","Nom de la session","Numéro de session","Utilisation mémoire"',
      "12\u00a0340 Ko",
    ],
    ["Russian", '"Имя образа","PID","Имя сессии","№ сеанса","Память"', "12 340 КБ"],
  ])("%s headings and numbers", (_, heading, memory) => {
    const rows = [`"System Idle Process","0","Services","0","8 K"`, `"lsass.exe","812","Services","0","${memory}"`];
    expect(parseToolText([heading, ...rows].join("\r\n"))).toEqual({
      tool: "tasklist",
      programs: [{ pid: 812, name: "lsass.exe", workingSet: 12_340 * 1024 }],
    });
  });

  it("reads rows without a heading and with the columns of /v", () => {
    const row = '"notepad.exe","10,1","Console","1","9 K"';
    expect(() => parseToolText(row)).toThrow(FormatError);
    const whole = '"notepad.exe","4242","Console","1","9,000 K","Running","PC\\me","0:00:01","a, b - Notepad"';
    expect(parseToolText(whole).programs).toEqual([{ pid: 4242, name: "notepad.exe", workingSet: 9000 * 1024 }]);
  });
});

function driverRow(module: string, state: string, path: string, linked: string): string {
  const cells = [
    module,
    module,
    module,
    "Kernel ",
    "Boot",
    state,
    "OK",
    "TRUE",
    "FALSE",
    "20,480",
    "4,096",
    "0",
    linked,
    path,
    "4,096",
  ];
  return cells.map((cell) => `"${cell}"`).join(",");
}

describe("driverquery", () => {
  const path = (file: string): string => `C:\\Windows\\system32\\drivers\\${file}`;

  it.each([
    ["English", "Running", "Stopped", "5/7/2021 3:04:05 AM", "linked 5/7/2021"],
    ["German", "Wird ausgeführt", "Beendet", "07.05.2021 03:04:05", "linked 07.05.2021"],
    ["Chinese", "正在运行", "已停止", "2021/5/7 上午 3:04:05", "linked 2021/5/7"],
  ])("%s: those that run, with the day on which they were linked", (_, running, stopped, linked, version) => {
    const text = [
      '"1","2","3","4","5","6","7","8","9","10","11","12","13","14","15"',
      driverRow("ACPI", running, path("ACPI.sys"), ""),
      driverRow("1394ohci", stopped, path("1394ohci.sys"), linked),
      driverRow("NDIS", running, path("ndis.sys"), ""),
      driverRow("leak", running, path("leak.sys"), linked),
    ].join("\r\n");
    expect(parseToolText(text)).toEqual({
      tool: "driverquery",
      drivers: [
        { file: "ACPI.sys", path: path("ACPI.sys") },
        { file: "ndis.sys", path: path("ndis.sys") },
        { file: "leak.sys", path: path("leak.sys"), version },
      ],
    });
  });

  it("without drivers that always run the state has no meaning", () => {
    expect(() => parseToolText(driverRow("leak", "Running", path("leak.sys"), ""))).toThrow(/which drivers run/);
  });
});

describe("fltmc filters", () => {
  it.each([
    "Filter Name                     Num Instances    Altitude    Frame",
    "Filtername                      Anzahl Instanzen Höhe        Rahmen",
  ])("%s", (heading) => {
    const text = [
      "",
      heading,
      "------------------------------  -------------  ------------  -----",
      "bindflt                                 1       409800         0",
      "WdFilter                                5       328010         0",
      "oldav                                                           <Legacy>",
      "wcifs                                   0       189900.1       0",
    ].join("\r\n");
    expect(parseToolText(text)).toEqual({
      tool: "fltmc",
      drivers: ["bindflt.sys", "wdfilter.sys", "oldav.sys", "wcifs.sys"].map((file) => ({ file })),
    });
  });
});

it("any text is taken or refused with a typed error, in bounded time", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "Handle type summary:",
      "Total handles: 3",
      "  File : 3",
      '"a","1","b","2","3 K"',
      '"Name","Id","Handles"',
      "-".repeat(30),
      "#TYPE",
      driverRow("ACPI", "x", "C:\\a\\b.sys", "1"),
    ),
  );
  fc.assert(
    fc.property(fc.array(piece), (lines) => {
      try {
        parseToolText(lines.join("\n"));
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
  );
});

it("names what is understood", () => {
  expect(() => parseToolText("hello")).toThrow(
    /no tool that is known \(expected handle -s, Get-Process .*found "hello"/,
  );
});
