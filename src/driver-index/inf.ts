// Which service a driver file belongs to, out of the setup information file (INF) beside it.
// Spec: Microsoft "INF AddService Directive".

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { baseName } from "../model/file-path.ts";

const MAX_INF_BYTES = 4 * 1024 * 1024;
const MAX_INFS = 64;

/** Services by the base name (lower case) of the file that `ServiceBinary` names. Lines that do not fit are left out. */
export function parseInfServices(text: string): Map<string, string> {
  /** Service by the section that describes it. */
  const sections = new Map<string, string>();
  const binaries: (readonly [section: string, file: string])[] = [];
  let section = "";
  for (const raw of text.split(/\r?\n/)) {
    const line = (raw.split(";")[0] ?? "").trim();
    if (line.startsWith("[") && line.endsWith("]")) {
      section = line.slice(1, -1).trim().toLowerCase();
      continue;
    }
    const equals = line.indexOf("=");
    if (equals < 0) continue;
    const key = line.slice(0, equals).trim().toLowerCase();
    const value = line.slice(equals + 1).trim();
    if (key === "addservice") {
      const [name = "", , install = ""] = value.split(",").map((part) => part.trim());
      if (name !== "" && install !== "" && !name.includes("%")) sections.set(install.toLowerCase(), unquoted(name));
    } else if (key === "servicebinary") {
      const path = unquoted(value);
      binaries.push([section, baseName(path).toLowerCase()]);
    }
  }
  const services = new Map<string, string>();
  for (const [install, file] of binaries) {
    const service = sections.get(install);
    if (service !== undefined && file !== "") services.set(file, service);
  }
  return services;
}

/** A reader that answers the service of a file from the INFs in its folder; each folder is read once. */
export function createInfReader(): (file: string) => string | undefined {
  const folders = new Map<string, ReadonlyMap<string, string>>();
  return (file) => {
    const folder = dirname(file);
    let services = folders.get(folder);
    if (services === undefined) {
      services = readFolder(folder);
      folders.set(folder, services);
    }
    return services.get(file.slice(folder.length + 1).toLowerCase());
  };
}

function readFolder(folder: string): Map<string, string> {
  const services = new Map<string, string>();
  try {
    const names = readdirSync(folder).filter((name) => name.toLowerCase().endsWith(".inf"));
    for (const name of names.slice(0, MAX_INFS)) {
      const path = join(folder, name);
      if (statSync(path).size > MAX_INF_BYTES) continue;
      const bytes = readFileSync(path);
      const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
      for (const [file, service] of parseInfServices(bytes.toString(isWide ? "utf16le" : "latin1"))) {
        services.set(file, service);
      }
    }
  } catch {
    // A folder that cannot be listed has no INF to tell anything.
  }
  return services;
}

function unquoted(text: string): string {
  return text.replaceAll('"', "").trim();
}
