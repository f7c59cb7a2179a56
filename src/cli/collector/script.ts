// collect.ps1 as text: PowerShell 2.0 around the C# program. Only what Windows 7 and Server 2008 R2 have.

import { VERSION } from "../version.ts";
import { COLLECTOR_PROGRAM } from "./program.ts";

/** The whole script, with CR LF line ends. */
export function renderCollectorScript(): string {
  return SCRIPT.replace("@@VERSION@@", VERSION)
    .replace("@@PROGRAM@@", () => COLLECTOR_PROGRAM.trimEnd())
    .replaceAll("\n", "\r\n");
}

const SCRIPT = String.raw`<#
.SYNOPSIS
  Appends snapshots of the kernel's pool tags to a text file. Part of poolscope @@VERSION@@.
.DESCRIPTION
  For machines where nothing may be installed: Windows 7 and Server 2008 R2 up, 32 and 64 bit, stock PowerShell 2.0.
  It only asks (NtQuerySystemInformation); it changes nothing but its own file. Read the file on any machine with
  "poolscope leaks FILE".
.PARAMETER Show
  Shows a table of so many rows that is renewed with every snapshot, as PoolMon does. Nothing is written unless -Out is
  given; the default of -Every is 5s then. "Gained" is since the start of the table.
.PARAMETER Sort
  Order of the table: Diff, Bytes, Gained, Allocs, Frees or Tag. Default Bytes.
.PARAMETER Every
  Time between snapshots: 60s, 5m, 1h. Default 60s.
.PARAMETER For
  How long to run: 30m, 24h, 7d. Default: until it is stopped.
.PARAMETER Out
  The file. Default poolscope-COMPUTERNAME.txt in the current folder. Snapshots are appended.
.EXAMPLE
  powershell -NoProfile -ExecutionPolicy Bypass -File collect.ps1 -Every 60s -For 24h
.EXAMPLE
  powershell -NoProfile -ExecutionPolicy Bypass -File collect.ps1 -Show 20 -Sort Diff

  A table that shows the tag growing.
.EXAMPLE
  schtasks /create /tn poolscope-collect /sc onstart /ru SYSTEM /tr "powershell -NoProfile -ExecutionPolicy Bypass -File C:\poolscope\collect.ps1 -Out C:\poolscope\pool.txt"

  As a task that starts with the machine; remove it with: schtasks /delete /tn poolscope-collect
#>
param(
  [string]$Every = '',
  [string]$For = '',
  [string]$Out = '',
  [int]$Show = 0,
  [string]$Sort = 'Bytes',
  [switch]$Help
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

function Stop-Collector([string]$Message) {
  [Console]::Error.WriteLine('collect.ps1: ' + $Message)
  exit 2
}

function ConvertTo-Seconds([string]$Text, [string]$Name) {
  if ($Text -match '^\s*([0-9]{1,7})\s*(s|m|min|h|d)\s*$') {
    $number = [double]$Matches[1]
    if ($Matches[2] -eq 's') { return $number }
    if ($Matches[2] -eq 'h') { return $number * 3600 }
    if ($Matches[2] -eq 'd') { return $number * 86400 }
    return $number * 60
  }
  Stop-Collector ('-' + $Name + ' ' + $Text + ': write a number and a unit, such as 30s, 5m, 24h or 7d')
}

if ($Help) {
  Get-Help $MyInvocation.MyCommand.Path -Detailed
  exit 0
}

$sorts = @('Diff', 'Bytes', 'Gained', 'Allocs', 'Frees', 'Tag')
if ($sorts -notcontains $Sort) { Stop-Collector ('-Sort ' + $Sort + ': one of ' + [string]::Join(', ', $sorts)) }
if ($Show -lt 0) { Stop-Collector '-Show: a number of rows, at least 1' }
$writes = ($Show -eq 0) -or ($Out -ne '')
if ($Every -eq '') { if ($Show -gt 0) { $Every = '5s' } else { $Every = '60s' } }
$interval = ConvertTo-Seconds $Every 'Every'
if ($interval -lt 1) { Stop-Collector '-Every: at least 1s' }
$length = [double]::PositiveInfinity
if ($For -ne '') { $length = ConvertTo-Seconds $For 'For' }
if ($Out -eq '') { $Out = 'poolscope-' + $env:COMPUTERNAME + '.txt' }
$file = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Out)

$program = @'
@@PROGRAM@@
'@

try {
  Add-Type -TypeDefinition $program -Language CSharp
  $collector = New-Object Poolscope.Collector
} catch {
  Stop-Collector ('this PowerShell may not run compiled code (policy, or Constrained Language Mode): ' + $_.Exception.Message)
}

$start = [DateTime]::UtcNow
$begun = $start
$taken = 0
while ($true) {
  try {
    $text = $collector.Snapshot()
  } catch {
    Stop-Collector ($_.Exception.GetBaseException().Message)
  }
  if ($taken -eq 0) { $text = "@poolscope-collector 1${"`r`n"}" + $text }
  if ($writes) {
    try {
      [IO.File]::AppendAllText($file, $text, [Text.Encoding]::ASCII)
    } catch {
      Stop-Collector ('cannot write to ' + $file + ': ' + $_.Exception.GetBaseException().Message)
    }
  }
  $taken = $taken + 1
  if ($Show -gt 0) {
    try { [Console]::Clear() } catch { }
    [Console]::Out.Write($collector.Table($Show, $Sort, ([DateTime]::UtcNow - $begun).TotalSeconds))
    [Console]::Out.WriteLine('Ctrl+C ends it.')
  } elseif ($taken -eq 1) {
    Write-Host ('Writing to ' + $file + ' every ' + $interval + ' s; Ctrl+C ends it. Read it with: poolscope leaks FILE')
  }
  $next = $taken * $interval
  if ($next -gt $length) { break }
  $wait = $next - ([DateTime]::UtcNow - $start).TotalSeconds
  if ($wait -lt 0) {
    # Behind by more than one interval (sleep, hibernation): go on from here.
    $start = [DateTime]::UtcNow.AddSeconds(-$next)
    $wait = 0
  }
  Start-Sleep -Milliseconds ([int64]($wait * 1000))
}
if ($writes) { Write-Host ('' + $taken + ' snapshots written to ' + $file) }
`;
