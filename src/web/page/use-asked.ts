// An answer of the source, asked again whenever what it depends on changes.

import { type Inputs, useEffect, useState } from "preact/hooks";
import { LostConnection } from "./source.ts";

/**
 * The newest answer of `ask`; undefined before the first, a text where it failed. While the connection is lost the last answer
 * stays: a banner tells of that. An answer that comes after `inputs` changed is thrown away.
 */
export function useAsked<Answer extends object>(
  ask: () => Promise<Answer>,
  inputs: Inputs,
): Answer | string | undefined {
  const [answer, setAnswer] = useState<Answer | string>();
  useEffect(() => {
    let isCurrent = true;
    ask().then(
      (found) => isCurrent && setAnswer(found),
      (error: unknown) => {
        if (!isCurrent) return;
        const text = error instanceof Error ? error.message : String(error);
        setAnswer((before) => (typeof before === "object" && error instanceof LostConnection ? before : text));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, inputs);
  return answer;
}
