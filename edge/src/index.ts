/**
 * The gate, top to bottom: bound → authenticate → limit → validate → forward.
 *
 * Law: every step gives a value or a refusal; the first refusal is the answer. No token, body or secret
 * is logged.
 */
import openapi from "../../contract/openapi.json";
import { authenticate } from "./authenticate.ts";
import { bound, type Bounded } from "./bound.ts";
import { carry } from "./carry.ts";
import type { Principal } from "./claims.ts";
import { type Env, readEnv, type UncheckedEnv } from "./env.ts";
import { isForm, pageOf, readForm } from "./form.ts";
import { limit } from "./limit.ts";
import { metadataOf } from "./metadata.ts";
import { open } from "./open.ts";
import { problem } from "./problem.ts";
import { accept, refuse, type Result } from "./refusal.ts";

export { BrokerLimiter } from "./limiter.ts";

const OPENAPI = JSON.stringify(openapi);

/** One request on its way through: what the log line and every answer need. */
interface Passage {
  readonly id: string;
  readonly receivedAt: number;
  /** Headers of the answer, whatever it is. */
  readonly headers: Record<string, string>;
  bounded?: Bounded;
  principal?: Principal;
}

export default {
  async fetch(request, unchecked): Promise<Response> {
    const id = crypto.randomUUID();
    const headers = { "x-request-id": id, "cache-control": "no-store", "x-content-type-options": "nosniff" };
    const passage: Passage = { id, receivedAt: Date.now(), headers };
    const answer = await answerOf(request, unchecked, passage);
    log(request, answer, passage);
    return answer;
  },
} satisfies ExportedHandler<UncheckedEnv>;

async function answerOf(request: Request, unchecked: UncheckedEnv, passage: Passage): Promise<Response> {
  try {
    return isForm(request) ? await formed(request, unchecked, passage) : await gated(request, unchecked, passage);
  } catch (thrown) {
    // The frames only: a message may quote what was being read.
    const frames = thrown instanceof Error ? String(thrown.stack).split("\n").filter((line) => /^ +at /.test(line)) : [];
    console.error(JSON.stringify({ request_id: passage.id, unexpected: frames }));
    return problem({ is: "internal" }, passage.id, passage.headers);
  }
}

async function gated(request: Request, unchecked: UncheckedEnv, passage: Passage): Promise<Response> {
  const result = await gate(request, unchecked, passage);
  return result.ok ? result.value : problem(result.refusal, passage.id, passage.headers);
}

/** A question that came as a form is answered as a page. */
async function formed(request: Request, unchecked: UncheckedEnv, passage: Passage): Promise<Response> {
  const form = await readForm(request);
  if (!form.ok) return pageOf(problem(form.refusal, passage.id, passage.headers), "");
  return pageOf(await gated(form.value.request, unchecked, passage), form.value.token);
}

async function gate(request: Request, unchecked: UncheckedEnv, passage: Passage): Promise<Result<Response>> {
  const bounded = bound(request);
  if (!bounded.ok) return bounded;
  passage.bounded = bounded.value;
  const { route } = bounded.value;
  if (route.name === "livez") return accept(json('{"ok":true}', passage));
  if (route.name === "openapi") return accept(json(OPENAPI, passage));

  const env = await readEnv(unchecked);
  if (!env.ok) return env;
  if (route.name === "readyz") return accept(await readiness(env.value, passage));
  if (!(await shielded(request, env.value))) return refuse({ is: "limited", retryAfter: 10 });
  if (route.scope === null) return open(request, bounded.value.path, passage.id, env.value, passage.headers);

  const authorization = request.headers.get("authorization");
  const caller = await authenticate(authorization, route.scope, env.value, passage.receivedAt);
  if (!caller.ok) return caller;
  passage.principal = caller.value;

  const counted = await limit(caller.value, bounded.value, env.value, passage.headers);
  if (!counted.ok) return counted;
  const metadata = metadataOf(request, caller.value, passage.id, passage.receivedAt, env.value);
  const admitted = { bounded: bounded.value, principal: caller.value, counted: counted.value, metadata };
  return carry(request, admitted, env.value, passage.headers);
}

function json(text: string, { headers }: Passage, status = 200): Response {
  return new Response(text, { status, headers: { ...headers, "content-type": "application/json" } });
}

async function readiness({ origin, version }: Env, passage: Passage): Promise<Response> {
  const ok = await origin.ready(passage.receivedAt);
  const answer = { ok, origin: ok ? "ready" : "not ready", edge_version: version };
  return json(JSON.stringify(answer), passage, ok ? 200 : 503);
}

/** Where Cloudflare's rate limiting is bound: how fast one address may knock, known caller or not. */
async function shielded(request: Request, { shield }: Env): Promise<boolean> {
  if (shield === null) return true;
  const key = request.headers.get("cf-connecting-ip") ?? "unknown";
  return (await shield.limit({ key })).success;
}

function log(request: Request, { status }: Response, { id, receivedAt, bounded, principal }: Passage): void {
  const line = {
    method: request.method,
    route: bounded?.route.name ?? null,
    status,
    request_id: id,
    tenant: principal?.tenant ?? null,
    broker: principal?.broker_id ?? null,
    ms: Date.now() - receivedAt,
  };
  console.log(JSON.stringify(line));
}
