// The scheduled task as Windows' task scheduler takes it from a file. `schtasks /create` with flags alone would stop the
// recorder after three days and not start it on a laptop without mains power; only the file can say otherwise.

export interface TaskProgram {
  readonly command: string;
  /** The command line after the command, quoted as Windows needs it. */
  readonly arguments: string;
}

/** Task at every start of Windows, under SYSTEM (S-1-5-18), without an end, started again a minute after a failure. */
export function renderTaskXml(program: TaskProgram): string {
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Records the kernel's pool tags with poolscope.</Description>
  </RegistrationInfo>
  <Triggers>
    <BootTrigger><Enabled>true</Enabled></BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>S-1-5-18</UserId>
      <RunLevel>HighestAvailable</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <IdleSettings><StopOnIdleEnd>false</StopOnIdleEnd></IdleSettings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${escapeXml(program.command)}</Command>
      <Arguments>${escapeXml(program.arguments)}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** The arguments in a task that `schtasks /query /xml` printed; undefined where there are none. */
export function argumentsInTaskXml(xml: string): string | undefined {
  return elementIn(xml, "Arguments");
}

/** The program that such a task starts; undefined where there is none. */
export function commandInTaskXml(xml: string): string | undefined {
  return elementIn(xml, "Command");
}

function elementIn(xml: string, name: string): string | undefined {
  const [, after] = xml.replaceAll("\0", "").split(`<${name}>`, 2);
  const end = after?.indexOf(`</${name}>`) ?? -1;
  return after === undefined || end < 0 ? undefined : unescapeXml(after.slice(0, end));
}

/** Joins arguments so that a Windows program takes them apart again as they were. */
export function quoteArguments(args: readonly string[]): string {
  return args
    .map((arg) => {
      if (arg !== "" && !/[\s"]/.test(arg)) return arg;
      return `"${arg.replace(/(?<!\\)(\\*)"/g, '$1$1\\"').replace(/(?<!\\)(\\+)$/, "$1$1")}"`;
    })
    .join(" ");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
