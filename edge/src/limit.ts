/**
 * Step 3: is there quota left? Asks the broker's own object, once.
 *
 * Law: fails closed. A refusal by the limiter counts nothing; every attempt that passes counts, whatever
 * becomes of it later.
 */
import type { Bounded } from "./bound.ts";
import type { Principal } from "./claims.ts";
import type { Env } from "./env.ts";
import type { Copy } from "./kept.ts";
import { policyField } from "./limits.ts";
import { accept, refuse, type Result } from "./refusal.ts";

/** A request that fitted, and the answer to it that the broker's object still had. */
export interface Counted {
  readonly limiter: DurableObjectStub;
  readonly kept: Copy | null;
}

/** Adds the RateLimit fields to `headers`, which the answer carries whatever it is. */
export async function limit(
  { tenant, broker_id }: Principal,
  { route, path }: Bounded,
  env: Env,
  headers: Record<string, string>,
): Promise<Result<Counted>> {
  const limiter = env.limiter.get(env.limiter.idFromName(`${tenant}/${broker_id}`)); // neither holds a slash
  let answer: Response;
  try {
    answer = await limiter.fetch(`http://limiter/${route.limit}/${subjectOf(path)}`);
  } catch (thrown) {
    const overloaded = thrown instanceof Error && "overloaded" in thrown && thrown.overloaded === true;
    return refuse(overloaded ? { is: "limited", retryAfter: 1 } : { is: "limiter-away" });
  }
  headers["ratelimit-policy"] = policyField(env.limits[route.limit]);
  headers["ratelimit"] = answer.headers.get("ratelimit") ?? "";
  if (answer.status === 429) return refuse({ is: "limited", retryAfter: Number(answer.headers.get("retry-after")) });
  const etag = answer.headers.get("etag");
  return accept({ limiter, kept: etag === null ? null : { etag, body: await answer.text() } });
}

/** Leaves a copy with the broker's object; that it cannot be left is nobody's loss. */
export async function keep({ etag, body }: Copy, { path }: Bounded, seconds: number, { limiter }: Counted): Promise<void> {
  const url = `http://limiter/kept/${subjectOf(path)}`;
  await limiter.fetch(url, { method: "PUT", headers: { etag, seconds: String(seconds) }, body }).catch(() => null);
}

/** The id in `/intake/sessions/{id}/…` and `/support/status/{id}`. */
function subjectOf(path: string): string {
  return path.split("/", 4)[3] ?? "";
}
