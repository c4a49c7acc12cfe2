/**
 * Step 5: the caller's original bytes, signed, to the origin; its answer back as it comes.
 *
 * Law: what the caller hears about acceptance is true. A request is sent a second time only when that
 * cannot do the work twice: it only asks, or it carries an Idempotency-Key.
 */
import { away, received } from "./answer.ts";
import type { Bounded } from "./bound.ts";
import { type Forwarded, signedHeaders } from "./envelope.ts";
import type { Env } from "./env.ts";
import type { Outcome, Result } from "./refusal.ts";

/** `common` are the headers of every answer. */
export async function forward(
  forwarded: Forwarded,
  body: Uint8Array,
  env: Env,
  common: Readonly<Record<string, string>>,
): Promise<Result<Response>> {
  const outcome = outcomeOf(forwarded.bounded);
  if (outcome !== "nothing-changed" && !(await env.origin.alive())) return away("not-sent");
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), env.deadlineMs);
  try {
    const attempts = outcome === "nothing-changed" || outcome === "repeatable" ? 2 : 1;
    const response = await send(forwarded, body, env, deadline.signal, attempts);
    return await received(response, forwarded.metadata.request_id, outcome, env, common);
  } catch {
    env.origin.reachable = false;
    return away(outcome);
  } finally {
    clearTimeout(timer); // the deadline is for the head of the answer; events may stream for long
  }
}

function outcomeOf({ route, travelling }: Bounded): Outcome {
  if (route.repeat === "keyed") return travelling.some(([name]) => name === "idempotency-key") ? "repeatable" : "unknown";
  return OUTCOMES[route.repeat];
}

const OUTCOMES = { asks: "nothing-changed", harmless: "harmless", never: "unknown" } as const;

async function send(forwarded: Forwarded, body: Uint8Array, env: Env, signal: AbortSignal, attempts: number): Promise<Response> {
  const { route, path, query } = forwarded.bounded;
  const headers = await signedHeaders(forwarded, env.signer);
  const sent = route.body === null ? {} : { body };
  try {
    return await env.origin.fetch(path + query, { method: route.method, headers, signal, ...sent });
  } catch (thrown) {
    if (attempts <= 1 || signal.aborted) throw thrown;
    return send(forwarded, body, env, signal, attempts - 1); // signed anew: a nonce serves once
  }
}
