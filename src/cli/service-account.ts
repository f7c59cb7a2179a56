// Whether the program runs as a service or as a task of SYSTEM: then it reads no file that an ordinary user could have put there.

import { win32 } from "node:path";

/** By its profile: those of SYSTEM and the service accounts lie in Windows' own folder. What an ordinary user starts has another. */
export function isServiceAccount(env: Readonly<Record<string, string | undefined>>, platform: string): boolean {
  const profile = env["USERPROFILE"];
  const windows = env["SystemRoot"] ?? "C:\\Windows";
  if (platform !== "win32" || profile === undefined) return false;
  const from = win32.relative(windows.toLowerCase(), win32.normalize(profile).toLowerCase());
  return from !== "" && !from.startsWith("..") && !win32.isAbsolute(from);
}
