// The bar at the top: whose memory this is, whether it is still measured, theme.

import type { JSX } from "preact";
import { formatDuration } from "../../model/units.ts";
import type { Overview, Status } from "../contract.ts";
import { LeakAlarm } from "./leak-alarm.tsx";
import { formatMoment } from "./local-time.ts";
import type { Zone } from "./view-state.ts";

interface HeaderProps {
  readonly overview: Overview | undefined;
  readonly status: Status | undefined;
  readonly isServed: boolean;
  readonly isConnected: boolean;
  readonly theme: "light" | "dark";
  readonly onTheme: () => void;
  readonly zone: Zone;
  /** The zone of the machine, where it is known and this browser can show it. */
  readonly machineZone: string | undefined;
  readonly onZone: (zone: Zone) => void;
  readonly onKeys: () => void;
  /** What the way back leads to. */
  readonly home: string;
  readonly onHome: (() => void) | undefined;
}

export function Header(props: HeaderProps): JSX.Element {
  const { overview, theme, onTheme, zone, onZone, onKeys, onHome } = props;
  const host = overview?.diagnosis?.origin.host;
  const from = overview?.source ?? "";
  const [tone, text] = stateOf(props);
  return (
    <header class="top">
      <div class="brand">
        {onHome === undefined ? (
          <span class="mark">poolscope</span>
        ) : (
          <button type="button" class="mark back" onClick={onHome}>
            <span aria-hidden="true">← </span>
            {props.home}
          </button>
        )}
        <span class="where">
          {host !== undefined && <b>{host}</b>} {from !== host && <span class="from">{from}</span>}
        </span>
      </div>
      <div class="side">
        <span class={`live ${tone}`} role="status">
          {text}
        </span>
        {props.isServed && <LeakAlarm diagnosis={overview?.diagnosis ?? undefined} />}
        <select
          class="quiet"
          aria-label="Zone of every time on this page"
          value={zone}
          onChange={({ currentTarget: { value } }) => onZone(value === "utc" || value === "machine" ? value : "local")}
        >
          <option value="local">Local</option>
          <option value="utc">UTC</option>
          <option value="machine" disabled={props.machineZone === undefined}>
            {props.machineZone === undefined ? "Machine's zone (not known)" : `Machine (${props.machineZone})`}
          </option>
        </select>
        <button type="button" class="quiet wide" onClick={onKeys}>
          Keys
        </button>
        <button type="button" class="quiet" onClick={onTheme}>
          {theme === "dark" ? "Light" : "Dark"}
          <span class="wide"> theme</span>
        </button>
      </div>
    </header>
  );
}

function stateOf({ status, isServed, isConnected }: HeaderProps): readonly [string, string] {
  if (!isServed) return ["", "Saved report"];
  if (!isConnected) return ["bad", "Connection lost, trying again"];
  if (status === undefined) return ["", "Loading"];
  const { phase, lastTime, everyMs } = status;
  if (phase === "reading") return ["", "Reading"];
  if (phase === "complete") return ["", "Read to its end"];
  if (phase === "failed") return ["bad", "Failed"];
  if (phase === "stalled")
    return ["bad", lastTime === undefined ? "No answer" : `Silent since ${formatMoment(lastTime)}`];
  return ["good", everyMs === undefined ? "Live" : `Live, every ${formatDuration(everyMs)}`];
}
