/**
 * The generic cell rate algorithm (ITU-T I.371) as a leaky bucket: `quota` requests in `seconds`, all of
 * them at once if the bucket is empty, then one every `seconds / quota`.
 *
 * Law: pure; `now` is a whole number of milliseconds. The level is kept in units of 1/quota ms, so that
 * every figure is an exact integer and no boundary depends on rounding.
 */

export interface Policy {
  readonly name: string;
  /** Whose requests are counted together. */
  readonly counts: "broker" | "session";
  readonly quota: number;
  readonly seconds: number;
}
/** How full a bucket was at a moment. One request weighs `seconds * 1000`, the bucket holds `quota` of them. */
export interface Level {
  readonly level: number;
  readonly at: number;
}
export interface Verdict {
  readonly policy: Policy;
  readonly after: Level;
  /** Requests left now. */
  readonly remaining: number;
  /** Milliseconds until the next request fits; 0 when this one did. */
  readonly wait: number;
  /** Milliseconds until the whole quota is there again. */
  readonly reset: number;
}

export function take(policy: Policy, before: Level | undefined, now: number): Verdict {
  const weight = policy.seconds * 1000;
  const size = weight * policy.quota;
  const elapsed = Math.max(0, now - (before?.at ?? now));
  const drained = Math.max(0, (before?.level ?? 0) - elapsed * policy.quota);
  const allowed = drained + weight <= size;
  const level = allowed ? drained + weight : drained;
  return {
    policy,
    after: { level, at: Math.max(now, before?.at ?? now) },
    remaining: Math.floor((size - level) / weight),
    wait: allowed ? 0 : Math.ceil((drained + weight - size) / policy.quota),
    reset: Math.ceil(level / policy.quota),
  };
}

/** The verdict for a request that another policy refused: it fitted here, and is not counted. */
export function uncounted(verdict: Verdict): Verdict {
  return verdict.wait > 0 ? verdict : { ...verdict, remaining: verdict.remaining + 1 };
}
