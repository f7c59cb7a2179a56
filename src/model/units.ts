// Units in words: bytes, rates, durations, counts. One wording for tables, pages and sentences.

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Bytes with three significant digits and a binary unit: `1.46 MiB`, `812 B`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return "unknown";
  const sign = bytes < 0 ? "-" : "";
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${sign}${significant(value, unit === 0)} ${BYTE_UNITS[unit]}`;
}

function significant(value: number, whole: boolean): string {
  if (whole) return String(Math.round(value));
  if (value >= 99.95) return value.toFixed(0);
  if (value >= 9.995) return value.toFixed(1);
  return value.toFixed(2);
}

/** A rate in bytes per hour, with the sign shown: `+3.20 MiB/h`; per step where snapshots have an order and no times. */
export function formatRate(bytesPerHour: number, perStep = false): string {
  if (!Number.isFinite(bytesPerHour)) return "unknown";
  return `${bytesPerHour > 0 ? "+" : ""}${formatBytes(bytesPerHour)}/${perStep ? "step" : "h"}`;
}

/** A whole number with thin grouping by commas: `12,345,678`. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return "unknown";
  const text = Math.abs(Math.round(count)).toFixed(0);
  // bounded: 21 digits at most, beyond them toFixed writes an exponent
  return (count < 0 ? "-" : "") + text.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A duration in the two largest useful units: `5 days 3 h`, `12 min`, `40 s`, `250 ms`. */
export function formatDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return "unknown";
  const exact = Math.abs(milliseconds);
  if (exact > 0 && exact < 999.5) return `${exact < 10 ? Number(exact.toFixed(1)) : Math.round(exact)} ms`;
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60)
    return seconds < 600 && seconds % 60 !== 0 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  if (days < 14) return hours % 24 === 0 ? plural(days, "day") : `${plural(days, "day")} ${hours % 24} h`;
  if (days < 730) return plural(days, "day");
  return `${Math.round(days / 365)} years`;
}

/** `1 day`, `3 days`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : many}`;
}

const SIZE_FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes from `64KiB`, `1MiB`, `200MB`, `4096`; K, M, G, T always count in 1024. Undefined where it is no size. */
export function parseBytes(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  if (match === null) return undefined;
  return Number(match[1]) * (SIZE_FACTORS[(match[2] ?? "").toLowerCase()] ?? 1);
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds from `10s`, `500ms`, `30min`, `2h`, `30d`, `1h30m`. Undefined where it is no duration; a unit is required. */
export function parseDuration(text: string): number | undefined {
  const compact = text.replace(/\s+/g, "").toLowerCase();
  if (!/^(?:[0-9]+(?:\.[0-9]+)?(?:ms|sec|min|s|m|h|d|w))+$/.test(compact)) return undefined;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/([0-9]+(?:\.[0-9]+)?)(ms|sec|min|s|m|h|d|w)/gy)) {
    total += Number(amount) * (DURATION_UNITS[unit ?? ""] ?? 0);
  }
  return total;
}
