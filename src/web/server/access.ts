// Who may look: on the loopback interface any local user whose browser was not tricked (the Host header must name the
// loopback); elsewhere only holders of the token, as cookie, as bearer or once in the address.

import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";

const COOKIE = "poolscope-token";
const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether an address to listen on is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Lets a request through, or answers 403 (a foreign Host header on loopback) or 401 (no token elsewhere). */
export function accessControl(token: string | undefined): MiddlewareHandler {
  if (token === "") throw new Error("an empty token would let everybody in");
  return async (context, next) => {
    if (token === undefined) {
      const name = (context.req.header("host") ?? "").replace(/:\d+$/, "").toLowerCase();
      if (!LOOPBACK_NAMES.has(name)) return context.text("poolscope answers only to localhost here\n", 403);
      return next();
    }
    const offered = context.req.query("token");
    if (offered !== undefined && isSame(offered, token)) {
      setCookie(context, COOKIE, token, { httpOnly: true, sameSite: "Strict", path: "/" });
      // The token leaves the address bar, the history and what would be sent on as referrer.
      return context.req.path === "/" ? context.redirect("/", 302) : next();
    }
    if (isSame(bearer(context) ?? getCookie(context, COOKIE) ?? "", token)) return next();
    return context.text("poolscope: open the address with the token that the program printed\n", 401);
  };
}

function bearer(context: Context): string | undefined {
  return /^Bearer (\S+)$/i.exec(context.req.header("authorization") ?? "")?.[1];
}

/** Compares in a time that tells nothing of the token. */
function isSame(offered: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(offered), digest(token));
}
