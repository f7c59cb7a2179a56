// Tells of a leak that opens while nobody looks: a notification of the browser, only where somebody asked for it.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { rowKey, kindCode } from "../../model/snapshot.ts";
import type { Diagnosis } from "../../model/verdict.ts";
import { findingTitle } from "../../words/suspects.ts";

/** A button that asks the browser; hidden where it has no notifications (a page of another machine without TLS). */
export function LeakAlarm({ diagnosis }: { readonly diagnosis: Diagnosis | undefined }): JSX.Element | null {
  const [isOn, setOn] = useState(false);
  const known = useRef<ReadonlySet<number> | undefined>(undefined);
  useEffect(() => {
    if (diagnosis === undefined) return;
    const leaks = diagnosis.verdicts.filter(({ state }) => state === "leaking");
    const before = known.current;
    known.current = new Set(leaks.map(({ tag, kind }) => rowKey(tag, kindCode(kind))));
    if (!isOn || before === undefined) return;
    for (const leak of leaks) {
      if (before.has(rowKey(leak.tag, kindCode(leak.kind)))) continue;
      const notification = new Notification(findingTitle(leak), { tag: `poolscope ${leak.tag} ${leak.kind}` });
      notification.addEventListener("click", () => globalThis.focus());
    }
  }, [diagnosis, isOn]);
  if (!("Notification" in globalThis) || !globalThis.isSecureContext) return null;
  const ask = async (): Promise<void> => {
    if (isOn) setOn(false);
    else setOn((await Notification.requestPermission()) === "granted");
  };
  return (
    <button type="button" class="quiet wide" aria-pressed={isOn} onClick={() => void ask()}>
      {isOn ? "Tells of new leaks" : "Tell me of new leaks"}
    </button>
  );
}
