/**
 * What the service shows everybody: the intake page and its files. Asked for unsigned, kept by browsers.
 *
 * Law: nothing of the caller's goes along but what makes an answer shorter or more readable.
 */
import { away, received } from "./answer.ts";
import type { Env } from "./env.ts";
import type { Result } from "./refusal.ts";

const ALONG = ["if-none-match", "accept-language"] as const;
const MAX_HEADER = 255;

/** `common` are the headers of every answer; how long it may be kept is the service's to say. */
export async function open(
  request: Request,
  path: string,
  requestId: string,
  env: Env,
  common: Readonly<Record<string, string>>,
): Promise<Result<Response>> {
  const headers: Record<string, string> = { "x-request-id": requestId };
  for (const name of ALONG) headers[name] = (request.headers.get(name) ?? "").slice(0, MAX_HEADER);
  const { "cache-control": _, ...kept } = common;
  try {
    const response = await env.origin.fetch(path, { headers, signal: AbortSignal.timeout(env.deadlineMs) });
    return await received(response, requestId, "nothing-changed", env, kept);
  } catch {
    env.origin.reachable = false;
    return away("nothing-changed");
  }
}
