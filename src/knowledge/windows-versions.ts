// Windows build numbers by name. Client and server share a build number where Microsoft released both from it.
// Source: learn.microsoft.com "Operating System Version", "Windows release health" and "Windows Server release information".

const NAMES: readonly (readonly [build: number, name: string])[] = [
  [1381, "Windows NT 4.0"],
  [2195, "Windows 2000"],
  [2600, "Windows XP"],
  [3790, "Windows Server 2003"],
  [6000, "Windows Vista"],
  [6001, "Windows Vista SP1, Server 2008"],
  [6002, "Windows Vista SP2, Server 2008 SP2"],
  [7600, "Windows 7, Server 2008 R2"],
  [7601, "Windows 7 SP1, Server 2008 R2 SP1"],
  [9200, "Windows 8, Server 2012"],
  [9600, "Windows 8.1, Server 2012 R2"],
  [10240, "Windows 10 1507"],
  [10586, "Windows 10 1511"],
  [14393, "Windows 10 1607, Server 2016"],
  [15063, "Windows 10 1703"],
  [16299, "Windows 10 1709"],
  [17134, "Windows 10 1803"],
  [17763, "Windows 10 1809, Server 2019"],
  [18362, "Windows 10 1903"],
  [18363, "Windows 10 1909"],
  [19041, "Windows 10 2004"],
  [19042, "Windows 10 20H2"],
  [19043, "Windows 10 21H1"],
  [19044, "Windows 10 21H2"],
  [19045, "Windows 10 22H2"],
  [20348, "Windows Server 2022"],
  [22000, "Windows 11 21H2"],
  [22621, "Windows 11 22H2"],
  [22631, "Windows 11 23H2"],
  [25398, "Windows Server, version 23H2"],
  [26100, "Windows 11 24H2, Server 2025"],
  [26200, "Windows 11 25H2"],
];

const EXACT = new Map(NAMES);

/**
 * The name of a Windows build: `Windows 10 22H2 (build 19045)`. Builds between two releases are named as a build after
 * the older one; a build older than NT 4.0 keeps its number only.
 */
export function windowsName(build: number): string {
  const exact = EXACT.get(build);
  if (exact !== undefined) return `${exact} (build ${build})`;
  const older = NAMES.findLast(([known]) => known < build);
  return older === undefined ? `Windows build ${build}` : `Windows build ${build}, later than ${older[1]}`;
}
