/**
 * Every way the gate says no, with what the inside knows about it.
 *
 * Law: a step returns one of these and never words an answer; `problem.ts` is the only place where a
 * refusal becomes HTTP. Nothing here holds a token, a secret or a body.
 */
import type { Fault } from "./json.ts";
import type { Shape } from "./routes.ts";

export type Refusal =
  | { is: "misconfigured"; variable: string; fault: string }
  | { is: "no-route" }
  | { is: "wrong-method"; allow: string }
  | { is: "too-large"; limit: number }
  | { is: "slow-body"; seconds: number }
  | { is: "encoded-body" }
  | { is: "not-json" }
  | { is: "not-a-document" }
  | { is: "no-length" }
  | { is: "bad-request"; fault: string }
  | { is: "no-token" }
  | { is: "bad-token"; fault: string }
  | { is: "keys-away"; retryAfter: number }
  | { is: "missing-scope"; scope: string }
  | { is: "limited"; retryAfter: number }
  | { is: "limiter-away" }
  | { is: "unconditional" }
  | { is: "invalid"; shape: Shape; faults: readonly Fault[] }
  | { is: "origin-away"; outcome: Outcome }
  | { is: "internal" };

/** What is known of a request the origin did not answer. */
export type Outcome =
  | "not-sent" // it never left the gate
  | "nothing-changed" // it only asked
  | "harmless" // it may have been accepted; repeating it does nothing twice
  | "repeatable" // it may have been accepted; its Idempotency-Key makes repeating it safe
  | "unknown"; // it may have been accepted

export type Result<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal };
}
