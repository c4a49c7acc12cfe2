/**
 * The origin's answer on its way back, and what is said when there is none.
 *
 * Law: an answer that is not the origin's own does not pass, and nothing passes that is the inside's matter.
 */
import type { Env } from "./env.ts";
import { accept, type Outcome, refuse, type Result } from "./refusal.ts";

/** Of an answer, those that are the hop's own or inside matters; RateLimit and caching are the gate's. */
const KEPT_BACK = [
  "connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
  "server", "x-powered-by", "via", "alt-svc", "set-cookie", "content-digest", "signature", "signature-input",
  "lendgate-principal", "lendgate-metadata", "traceparent", "tracestate",
];
/** Statuses with which Cloudflare's own proxy says that it did not get as far as the origin. */
const NOT_REACHED = [521, 523, 530];

/** `common` are the headers of every answer. */
export async function received(
  response: Response,
  requestId: string,
  outcome: Outcome,
  { origin }: Env,
  common: Readonly<Record<string, string>>,
): Promise<Result<Response>> {
  // Every answer of the origin echoes the request id: one that does not is somebody else's.
  origin.reachable = response.headers.get("x-request-id") === requestId;
  if (origin.reachable) return response.status === 401 ? unsigned() : accept(cleaned(response, common));
  await response.body?.cancel();
  return away(NOT_REACHED.includes(response.status) ? "not-sent" : outcome);
}

export function away(outcome: Outcome): Result<never> {
  return refuse({ is: "origin-away", outcome });
}

/** The origin's 401 is about the gate's signature: no token of the caller's can mend it. */
function unsigned(): Result<never> {
  const fault = "is not accepted by the review service, or their clocks disagree; the request was not accepted";
  return refuse({ is: "misconfigured", variable: "ORIGIN_SIGNING_KEY", fault });
}

function cleaned(response: Response, common: Readonly<Record<string, string>>): Response {
  const headers = new Headers(response.headers);
  for (const name of KEPT_BACK) headers.delete(name);
  for (const name in common) headers.set(name, common[name] ?? "");
  return new Response(response.body, { status: response.status, headers });
}
