/**
 * The published status of a review, answered at the gate while the broker's own copy of it is fresh.
 *
 * Law: whoever asks has been authenticated and counted like everybody else, and the copy is out of that very
 * broker's object. Only a 200 that the origin lets be kept is kept; no error ever is.
 */
import type { Env } from "./env.ts";
import type { Forwarded } from "./envelope.ts";
import { forward } from "./forward.ts";
import { type Copy, leaveOf } from "./kept.ts";
import { keep, type Counted } from "./limit.ts";
import { accept, type Result } from "./refusal.ts";

type Common = Readonly<Record<string, string>>;
const TAG = /(?:W\/)?("[!#-~]*")/g;

/** `known` is the caller's If-None-Match; `common` are the headers of every answer. */
export async function status(
  known: string | null,
  forwarded: Forwarded,
  counted: Counted,
  env: Env,
  common: Common,
): Promise<Result<Response>> {
  if (counted.kept !== null) return accept(told(counted.kept, known, common));
  const { "cache-control": never = "", ...others } = common;
  const answer = await forward(whole(forwarded), new Uint8Array(), env, others);
  if (!answer.ok) return answer;
  const { headers } = answer.value;
  const seconds = answer.value.status === 200 ? leaveOf(headers, env.statusSeconds) : 0;
  headers.set("cache-control", never);
  if (seconds === 0) return answer;
  const copy = { etag: headers.get("etag") ?? "", body: await answer.value.text() };
  await keep(copy, forwarded.bounded, seconds, counted);
  return accept(told(copy, known, common));
}

/** Without If-None-Match: the whole answer is asked for, so that there is something to keep. */
function whole(forwarded: Forwarded): Forwarded {
  const travelling = forwarded.bounded.travelling.filter(([name]) => name !== "if-none-match");
  return { ...forwarded, bounded: { ...forwarded.bounded, travelling } };
}

/** The caller may keep it too, and asks each time whether it still holds (RFC 9110 13.1.2, 15.4.5). */
function told({ etag, body }: Copy, known: string | null, common: Common): Response {
  const headers = { ...common, "cache-control": "private, no-cache", vary: "authorization", etag };
  if (isKnown(known, etag)) return new Response(null, { status: 304, headers });
  return new Response(body, { headers: { ...headers, "content-type": "application/json" } });
}

function isKnown(known: string | null, etag: string): boolean {
  if (known === null) return false;
  return known.trim() === "*" || [...known.matchAll(TAG)].some(([, tag]) => tag === etag);
}
