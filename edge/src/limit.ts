/**
 * Step 3: is there quota left? Asks the broker's own limiter, once.
 *
 * Law: fails closed. A refusal by the limiter counts nothing; every attempt that passes counts, whatever
 * becomes of it later.
 */
import type { Bounded } from "./bound.ts";
import type { Principal } from "./claims.ts";
import type { Env } from "./env.ts";
import { policyField } from "./limits.ts";
import { accept, refuse, type Result } from "./refusal.ts";

/** Adds the RateLimit fields to `headers`, which the answer carries whatever it is. */
export async function limit(
  { tenant, broker_id }: Principal,
  { route, path }: Bounded,
  env: Env,
  headers: Record<string, string>,
): Promise<Result<null>> {
  const limiter = env.limiter.get(env.limiter.idFromName(`${tenant}/${broker_id}`)); // neither holds a slash
  const { limit: kind } = route;
  let answer: Response;
  try {
    answer = await limiter.fetch(`http://limiter/${kind}${kind === "message" ? `/${sessionOf(path)}` : ""}`);
  } catch (thrown) {
    const overloaded = thrown instanceof Error && "overloaded" in thrown && thrown.overloaded === true;
    return refuse(overloaded ? { is: "limited", retryAfter: 1 } : { is: "limiter-away" });
  }
  headers["ratelimit-policy"] = policyField(env.limits[kind]);
  headers["ratelimit"] = answer.headers.get("ratelimit") ?? "";
  if (answer.status === 204) return accept(null);
  return refuse({ is: "limited", retryAfter: Number(answer.headers.get("retry-after")) });
}

/** The id in `/intake/sessions/{id}/…`. */
function sessionOf(path: string): string {
  return path.split("/")[3] ?? "";
}
