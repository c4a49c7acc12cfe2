/**
 * Step 5: the caller's original bytes, signed, to the origin; its answer back as it comes.
 *
 * Law: what the caller hears about acceptance is true. A request is sent a second time only when that
 * cannot do the work twice: it only asks, or it carries an Idempotency-Key.
 */
import type { Bounded } from "./bound.ts";
import type { Principal } from "./claims.ts";
import type { Env } from "./env.ts";
import type { Metadata } from "./metadata.ts";
import { accept, type Outcome, refuse, type Result } from "./refusal.ts";
import { base64urlJson, type Component, contentDigest, makeNonce, sign, type Signer } from "./sign.ts";

export interface Forwarded {
  readonly bounded: Bounded;
  readonly body: Uint8Array;
  readonly principal: Principal;
  readonly metadata: Metadata;
  readonly traceparent: string;
}

/** Of an answer, those that are the hop's own or inside matters; RateLimit and caching are the gate's. */
const KEPT_BACK = [
  "connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
  "server", "x-powered-by", "via", "alt-svc", "set-cookie", "content-digest", "signature", "signature-input",
  "lendgate-principal", "lendgate-metadata", "traceparent", "tracestate",
];
/** Statuses with which Cloudflare's own proxy says that it did not get as far as the origin. */
const NOT_REACHED = [521, 523, 530];

/** `common` are the headers of every answer. */
export async function forward(
  forwarded: Forwarded,
  env: Env,
  common: Readonly<Record<string, string>>,
): Promise<Result<Response>> {
  const { bounded, metadata } = forwarded;
  const outcome = outcomeOf(bounded);
  if (outcome !== "nothing-changed" && !(await env.origin.alive())) return away("not-sent");
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), env.deadlineMs);
  try {
    const response = await send(forwarded, env, deadline.signal, outcome === "unknown" ? 1 : 2);
    // Every answer of the origin echoes the request id: one that does not is somebody else's.
    env.origin.reachable = response.headers.get("x-request-id") === metadata.request_id;
    if (env.origin.reachable) return response.status === 401 ? unsigned() : accept(cleaned(response, common));
    await response.body?.cancel();
    return away(NOT_REACHED.includes(response.status) ? "not-sent" : outcome);
  } catch {
    env.origin.reachable = false;
    return away(outcome);
  } finally {
    clearTimeout(timer); // the deadline is for the head of the answer; events may stream for long
  }
}

/** The origin's 401 is about the gate's signature: no token of the caller's can mend it. */
function unsigned(): Result<never> {
  const fault = "is not accepted by the review service, or their clocks disagree; the request was not accepted";
  return refuse({ is: "misconfigured", variable: "ORIGIN_SIGNING_KEY", fault });
}

function away(outcome: Outcome): Result<never> {
  return refuse({ is: "origin-away", outcome });
}

function outcomeOf({ route, travelling }: Bounded): Outcome {
  if (route.method === "GET") return "nothing-changed";
  const keyed = route.keyed && travelling.some(([name]) => name === "idempotency-key");
  return keyed ? "repeatable" : "unknown";
}

async function send(forwarded: Forwarded, env: Env, signal: AbortSignal, attempts: number): Promise<Response> {
  const { route, path, query } = forwarded.bounded;
  const headers = Object.fromEntries(await signedHeaders(forwarded, env.signer));
  const body = route.body === null ? {} : { body: forwarded.body };
  try {
    return await env.origin.fetch(path + query, { method: route.method, headers, signal, ...body });
  } catch (thrown) {
    if (attempts <= 1 || signal.aborted) throw thrown;
    return send(forwarded, env, signal, attempts - 1); // signed anew: a nonce serves once
  }
}

/** The headers of the forwarded request, in the order in which the signature covers them. */
async function signedHeaders(forwarded: Forwarded, signer: Signer): Promise<readonly Component[]> {
  const { bounded, body, principal, metadata, traceparent } = forwarded;
  const headers: Component[] = [
    ["content-digest", await contentDigest(body)],
    ["x-request-id", metadata.request_id],
    ["lendgate-principal", base64urlJson(principal)],
    ["lendgate-metadata", base64urlJson(metadata)],
    ...bounded.travelling,
    ["traceparent", traceparent],
  ];
  const derived: Component[] = [
    ["@method", bounded.route.method],
    ["@path", bounded.path],
    ["@query", bounded.query || "?"],
  ];
  const created = Math.floor(Date.now() / 1000);
  return [...headers, ...(await sign([...derived, ...headers], signer, created, makeNonce()))];
}

function cleaned(response: Response, common: Readonly<Record<string, string>>): Response {
  const headers = new Headers(response.headers);
  for (const name of KEPT_BACK) headers.delete(name);
  for (const name in common) headers.set(name, common[name] ?? "");
  return new Response(response.body, { status: response.status, headers });
}
