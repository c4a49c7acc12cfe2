/**
 * Step 2: who is asking? A bearer access token, verified by `jose` against the issuer's keys.
 *
 * Law: nothing of a token is believed before its signature is; the signature's algorithm comes from the
 * settings and the key, never from the token alone. No answer says which secret was involved.
 */
import { compactVerify } from "jose";
import { type Principal, principalOf } from "./claims.ts";
import type { Env } from "./env.ts";
import type { Key } from "./keys.ts";
import { accept, refuse, type Result } from "./refusal.ts";
import { no, readToken, type Token } from "./token.ts";

const BEARER = /^Bearer +([^ ]+)$/i;
const MAX_TOKEN = 8192;

/**
 * Tokens whose signature was verified, by SHA-256, newest last. A caller sends the same token for an hour,
 * and verifying it costs a quarter of a request (measured: ES256, 85 of 350 µs).
 *
 * Only the verification is remembered: claims and times are judged anew each time, and an entry counts
 * only while the very key that verified it is still in use, so a key's withdrawal ends it.
 */
const verified = new Map<string, { readonly key: Key; readonly token: Token }>();
const MAX_VERIFIED = 512;

/** `now` is milliseconds. */
export async function authenticate(
  authorization: string | null,
  scope: string,
  env: Env,
  now: number,
): Promise<Result<Principal>> {
  if (authorization === null) return refuse({ is: "no-token" });
  const raw = BEARER.exec(authorization)?.[1];
  if (raw === undefined) return no("Authorization must be: Bearer <token>");
  if (raw.length > MAX_TOKEN) return no(`it is longer than ${MAX_TOKEN} characters`);
  const token = await verify(raw, env, now);
  if (!token.ok) return token;
  const principal = principalOf(token.value.claims, env, Math.floor(now / 1000));
  if (principal.ok && !principal.value.scopes.includes(scope)) return refuse({ is: "missing-scope", scope });
  return principal;
}

async function verify(raw: string, env: Env, now: number): Promise<Result<Token>> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(raw))).toBase64();
  const known = verified.get(digest);
  const read = known ? accept(known.token) : readToken(raw, env.algorithms);
  if (!read.ok) return read;
  const token = read.value;
  const found = await env.keys.find(token.algorithm, token.kid, now);
  if (found.is === "away") return refuse({ is: "keys-away", retryAfter: found.retryAfter });
  if (found.is === "unknown") return no("no key of the issuer has its kid and alg");
  if (known?.key !== found.key && !(await isSignedBy(found.key, raw, token)))
    return no("its signature does not verify");
  remember(digest, found.key, token);
  return accept(token);
}

async function isSignedBy(key: Key, raw: string, { algorithm }: Token): Promise<boolean> {
  try {
    await compactVerify(raw, key, { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
}

function remember(digest: string, key: Key, token: Token): void {
  verified.delete(digest);
  verified.set(digest, { key, token });
  const [oldest] = verified.keys();
  if (verified.size > MAX_VERIFIED && oldest !== undefined) verified.delete(oldest);
}
