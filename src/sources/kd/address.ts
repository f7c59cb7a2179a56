// How a target of the kernel debugger is named: where its wire ends on this side.

import { UsageError } from "../../model/errors.ts";

export type KdAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  /** A unix socket, or a named pipe of Windows. */
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "serial"; readonly path: string; readonly baud: number };

export const DEFAULT_BAUD = 115_200;
const FORMS = "tcp:HOST:PORT, unix:PATH, \\\\.\\pipe\\NAME, or a serial line such as /dev/ttyS0 or /dev/ttyUSB0,115200";

/** Whether a SOURCE names a target instead of a file. */
export function isKdSource(text: string): boolean {
  return text.startsWith("kd:");
}

/** Parses a target, with or without `kd:` before it. Throws UsageError. */
export function parseKdAddress(text: string): KdAddress {
  const target = isKdSource(text) ? text.slice(3) : text;
  const [, host, port] = /^tcp:(?:\/\/)?(\[[0-9a-f:.%]+\]|[^:[\]]+):(\d{1,5})$/i.exec(target) ?? [];
  if (host !== undefined && Number(port) > 0 && Number(port) < 65_536)
    return { kind: "tcp", host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
  if (/^\\\\[^\\]+\\pipe\\./i.test(target)) return { kind: "socket", path: target };
  if (/^pipe:./.test(target)) return { kind: "socket", path: `\\\\.\\pipe\\${target.slice(5)}` };
  if (/^unix:./.test(target)) return { kind: "socket", path: target.slice(5) };
  if (/^(?:net|kdnet|1394|usb):/i.test(target))
    throw new UsageError(
      `${text}: KDNET, 1394 and USB are other protocols; only a serial line or a stream that stands for one`,
    );
  const [, path, baud] = /^(?:tty:)?(\/dev\/[^,]+)(?:,(\d{3,7}))?$/.exec(target) ?? [];
  if (path !== undefined) return { kind: "serial", path, baud: Number(baud ?? DEFAULT_BAUD) };
  throw new UsageError(`${JSON.stringify(text)} names no target of the kernel debugger; give ${FORMS}`);
}
