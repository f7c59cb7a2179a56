// Makes Node's Windows executable ours before the program is put into it: version, icon, manifest, no stale signature, and
// a message for a Windows that is too old which names the way that works there.

import { Data, NtExecutable, NtExecutableResource, Resource } from "resedit";
import { VERSION } from "../src/cli/version.ts";
import { drawIcon } from "./icon.ts";

const ENGLISH = 1033;
const UTF16 = 1200;
const MANIFEST_TYPE = 24;

const MANIFEST = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <assemblyIdentity type="win32" name="poolscope" version="${VERSION}.0"/>
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3"><security><requestedPrivileges>
    <requestedExecutionLevel level="asInvoker" uiAccess="false"/>
  </requestedPrivileges></security></trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1"><application>
    <supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/>
  </application></compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3"><windowsSettings>
    <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    <activeCodePage xmlns="http://schemas.microsoft.com/SMI/2019/WindowsSettings">UTF-8</activeCodePage>
  </windowsSettings></application>
</assembly>
`;

/** Node's own words on a Windows older than 10, and ours; ours are padded to the same length. */
const TOO_OLD = [
  "Node.js is only supported on Windows 10, Windows Server 2016, or higher.",
  "Setting the NODE_SKIP_PLATFORM_CHECK environment variable to 1 skips this",
  "check, but Node.js might not execute correctly. Any issues encountered on",
  "unsupported platforms will not be fixed.",
] as const;
const TOO_OLD_OURS = [
  "poolscope.exe needs Windows 10 or Server 2016. On an older one, and on any",
  "32-bit Windows, use collect.ps1: run `poolscope collector` on another",
  "machine, copy what it prints here, start it with PowerShell, and read the",
  "file that it writes with poolscope there.",
] as const;

/** The executable with our resources and without its certificate. Pure: bytes in, bytes out. */
export function brandExecutable(node: Uint8Array): Uint8Array {
  const executable = NtExecutable.from(replaceTooOldMessage(node), { ignoreCert: true });
  const resources = NtExecutableResource.from(executable);
  for (const old of Resource.IconGroupEntry.fromEntries(resources.entries)) {
    resources.removeResourceEntry(14, old.id);
  }
  const icon = Data.IconFile.from(drawIcon());
  Resource.IconGroupEntry.replaceIconsForResource(
    resources.entries,
    1,
    ENGLISH,
    icon.icons.map((item) => item.data),
  );
  for (const old of Resource.VersionInfo.fromEntries(resources.entries)) {
    resources.removeResourceEntry(16, 1, Number(old.lang));
  }
  const version = Resource.VersionInfo.createEmpty();
  version.lang = ENGLISH;
  version.setFileVersion(`${VERSION}.0`, ENGLISH);
  version.setProductVersion(`${VERSION}.0`, ENGLISH);
  version.setStringValues(
    { lang: ENGLISH, codepage: UTF16 },
    {
      ProductName: "poolscope",
      FileDescription: "Tells which driver is eating kernel memory",
      CompanyName: "poolscope",
      LegalCopyright: "MIT licence; contains Node.js, see https://nodejs.org for its licences",
      OriginalFilename: "poolscope.exe",
      InternalName: "poolscope",
      FileVersion: VERSION,
      ProductVersion: VERSION,
    },
  );
  version.outputToResourceEntries(resources.entries);
  for (const old of resources.entries.filter((entry) => entry.type === MANIFEST_TYPE)) {
    resources.removeResourceEntry(MANIFEST_TYPE, old.id, Number(old.lang));
  }
  const manifest = new TextEncoder().encode(MANIFEST);
  resources.entries.push({
    type: MANIFEST_TYPE,
    id: 1,
    lang: ENGLISH,
    codepage: 0,
    bin: manifest.buffer.slice(manifest.byteOffset, manifest.byteOffset + manifest.byteLength),
  });
  resources.outputResource(executable);
  return new Uint8Array(executable.generate());
}

/** Node checks the Windows version before any script runs, so the only place to say something helpful is its own text. */
function replaceTooOldMessage(node: Uint8Array): Buffer {
  const bytes = Buffer.from(node);
  const start = bytes.indexOf(TOO_OLD[0], 0, "latin1");
  if (start === -1)
    throw new Error("Node's message about an old Windows is not where it was; adapt scripts/brand-exe.ts");
  const room = TOO_OLD.join("\n").length;
  if (bytes.toString("latin1", start, start + room).replaceAll("\r", "") !== TOO_OLD.join("\n")) {
    throw new Error("Node words its message about an old Windows in a new way; adapt scripts/brand-exe.ts");
  }
  const ours = TOO_OLD_OURS.join("\n");
  if (ours.length >= room) throw new Error("our message about an old Windows is too long");
  bytes.write(`${ours.padEnd(room - 1, " ")}\n`, start, "latin1");
  return bytes;
}
