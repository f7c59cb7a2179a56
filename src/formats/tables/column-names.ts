// What a column of a home-made table holds, by the words of its heading: which pool, which counter, in which unit.

/** What a column holds. */
export type Field =
  | "time"
  | "tag"
  | "type"
  | "host"
  | "driver"
  | "allocs"
  | "frees"
  | "outstanding"
  | "bytes"
  | "pagedAllocs"
  | "pagedFrees"
  | "pagedOutstanding"
  | "pagedBytes"
  | "nonpagedAllocs"
  | "nonpagedFrees"
  | "nonpagedOutstanding"
  | "nonpagedBytes";

export interface Column {
  readonly field: Field;
  /** Bytes of one unit of the column. */
  readonly factor: number;
}

const PLAIN: Readonly<Record<string, Field>> = {
  time: "time",
  timestamp: "time",
  datetimeutc: "time",
  datetime: "time",
  date: "time",
  utc: "time",
  when: "time",
  datum: "time",
  zeit: "time",
  uhrzeit: "time",
  zeitstempel: "time",
  zeitpunkt: "time",
  fecha: "time",
  hora: "time",
  heure: "time",
  horodatage: "time",
  clock: "time",
  capturedat: "time",
  collectedat: "time",
  tag: "tag",
  pooltag: "tag",
  tagname: "tag",
  type: "type",
  pooltype: "type",
  pool: "type",
  kind: "type",
  typ: "type",
  art: "type",
  tipo: "type",
  host: "host",
  hostname: "host",
  computer: "host",
  computername: "host",
  pscomputername: "host",
  machine: "host",
  server: "host",
  rechner: "host",
  rechnername: "host",
  servername: "host",
  node: "host",
  binary: "driver",
  driver: "driver",
  mappeddriver: "driver",
  source: "driver",
};

const NONPAGED = /^(?:nonpaged|npaged|nonp|npg|np)/;
const PAGED = /^(?:paged|pg|p(?=allocs?$|frees?$|bytes|used|usage|diff|mb|kb))/;
const UNITS: Readonly<Record<string, number>> = {
  kb: 1024,
  kib: 1024,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
};

/** The column of a heading, or undefined where its words say nothing known. Case, blanks, `_`, `-`, `.` and brackets do not count. */
export function columnOf(heading: string): Column | undefined {
  const name = heading.toLowerCase().replace(/[\s_.\-()[\]"]/g, "");
  const plain = PLAIN[name];
  if (plain !== undefined) return { field: plain, factor: 1 };
  const nonpaged = NONPAGED.exec(name)?.[0];
  const paged = nonpaged === undefined ? PAGED.exec(name)?.[0] : undefined;
  const rest = name.slice((nonpaged ?? paged ?? "").length);
  const counter = counterOf(rest);
  if (counter === undefined) return undefined;
  const pool = nonpaged !== undefined ? "nonpaged" : paged !== undefined ? "paged" : "";
  return { field: fieldOf(pool, counter.counter), factor: counter.factor };
}

type Counter = "allocs" | "frees" | "outstanding" | "bytes";

function counterOf(name: string): { readonly counter: Counter; readonly factor: number } | undefined {
  if (/^(?:alloc(?:s|ations?|ated)?|belegungen|zuordnungen|zuweisungen|allokationen|asignaciones)$/.test(name))
    return { counter: "allocs", factor: 1 };
  if (/^(?:free[sd]?|deallocs?|freigaben|freigegeben|libérations|liberaciones)$/.test(name))
    return { counter: "frees", factor: 1 };
  if (/^(?:diff|outstanding|blocks|count|current|inuse|differenz|difference|différence|diferencia|live)$/.test(name))
    return { counter: "outstanding", factor: 1 };
  const bytes =
    /^(?:bytes?|used(?:bytes)?|usage|size|usedsize|total|octets|größe|groesse|taille|tamaño)?(kb|kib|mb|mib|gb|gib)?$/.exec(
      name,
    );
  if (bytes === null || name === "") return undefined;
  return { counter: "bytes", factor: UNITS[bytes[1] ?? ""] ?? 1 };
}

const FIELDS = {
  allocs: ["allocs", "pagedAllocs", "nonpagedAllocs"],
  frees: ["frees", "pagedFrees", "nonpagedFrees"],
  outstanding: ["outstanding", "pagedOutstanding", "nonpagedOutstanding"],
  bytes: ["bytes", "pagedBytes", "nonpagedBytes"],
} as const;

function fieldOf(pool: "" | "paged" | "nonpaged", counter: Counter): Field {
  return FIELDS[counter][pool === "" ? 0 : pool === "paged" ? 1 : 2];
}
