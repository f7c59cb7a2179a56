// Time zones as logs name them: offsets, abbreviations, the names that Windows uses, IANA names.

import type { Milliseconds } from "../model/snapshot.ts";
import { timeFromFields } from "../model/time.ts";

const HOUR = 3_600_000;

/** Abbreviations that mean one offset in practice, in hours. CST and IST mean several and are left out. */
const ABBREVIATIONS: Readonly<Record<string, number>> = {
  z: 0,
  utc: 0,
  gmt: 0,
  wet: 0,
  west: 1,
  bst: 1,
  cet: 1,
  cest: 2,
  eet: 2,
  eest: 3,
  msk: 3,
  jst: 9,
  kst: 9,
  aest: 10,
  aedt: 11,
  est: -5,
  edt: -4,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
};

/** Windows names (without Standard or Daylight Time) to IANA; the CLDR table windowsZones.xml, its common rows. */
const WINDOWS: Readonly<Record<string, string>> = {
  "w. europe": "Europe/Berlin",
  "central europe": "Europe/Budapest",
  "central european": "Europe/Warsaw",
  romance: "Europe/Paris",
  gmt: "Europe/London",
  greenwich: "Atlantic/Reykjavik",
  "e. europe": "Europe/Chisinau",
  fle: "Europe/Kiev",
  gtb: "Europe/Bucharest",
  turkey: "Europe/Istanbul",
  russian: "Europe/Moscow",
  israel: "Asia/Jerusalem",
  arabian: "Asia/Dubai",
  india: "Asia/Calcutta",
  china: "Asia/Shanghai",
  taipei: "Asia/Taipei",
  tokyo: "Asia/Tokyo",
  korea: "Asia/Seoul",
  singapore: "Asia/Singapore",
  "se asia": "Asia/Bangkok",
  "aus eastern": "Australia/Sydney",
  "new zealand": "Pacific/Auckland",
  eastern: "America/New_York",
  central: "America/Chicago",
  mountain: "America/Denver",
  pacific: "America/Los_Angeles",
  atlantic: "America/Halifax",
  "e. south america": "America/Sao_Paulo",
  argentina: "America/Buenos_Aires",
  "south africa": "Africa/Johannesburg",
};

/**
 * Milliseconds that a zone is ahead of UTC at a local time, or undefined where the name is not known. Zones: `+01:00`,
 * `UTC+1`, `CET`, `W. Europe Standard Time`, `Europe/Berlin`.
 */
export function zoneOffset(zone: string, local: Milliseconds): number | undefined {
  const name = zone.trim().slice(0, 60).toLowerCase();
  const offset = /^\(?(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?\)?$/.exec(name);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? "0");
    return minutes > 14 * 60 ? undefined : (offset[1] === "-" ? -1 : 1) * minutes * 60_000;
  }
  const hours = ABBREVIATIONS[name];
  if (hours !== undefined) return hours * HOUR;
  // bounded: cut to 60 characters
  const windows = WINDOWS[name.replace(/\s*(?:(?:standard|daylight|summer)\s*)?time$/, "")];
  const iana = windows ?? (/^[a-z]+\/[a-z_/+-]+\d*$/.test(name) ? zone.trim() : undefined);
  if (iana === undefined) return undefined;
  const guess = offsetAt(iana, local);
  // The offset that holds at the instant the local time means, not at that time read as UTC.
  return guess === undefined ? undefined : offsetAt(iana, local - guess);
}

function offsetAt(iana: string, instant: Milliseconds): number | undefined {
  try {
    const parts = new Intl.DateTimeFormat("en-US", {
      timeZone: iana,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    }).formatToParts(instant);
    const field = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
    const shown = timeFromFields(
      field("year"),
      field("month"),
      field("day"),
      field("hour"),
      field("minute"),
      field("second"),
    );
    return shown === undefined ? undefined : shown - Math.floor(instant / 1000) * 1000;
  } catch {
    return undefined;
  }
}
