/**
 * The headers a request travels to the origin with: what the gate knows of it, signed.
 *
 * Law: nothing of the caller's but the travelling headers goes on, and everything that goes on is covered.
 */
import type { Bounded } from "./bound.ts";
import type { Principal } from "./claims.ts";
import type { Metadata } from "./metadata.ts";
import { base64urlJson, type Component, makeNonce, sign, type Signer } from "./sign.ts";

export interface Forwarded {
  readonly bounded: Bounded;
  readonly principal: Principal;
  readonly metadata: Metadata;
  readonly traceparent: string;
  /** The Content-Digest of what the caller sent. */
  readonly digest: string;
}

/** The headers in the order in which the signature covers them. */
export async function signedHeaders(forwarded: Forwarded, signer: Signer): Promise<Record<string, string>> {
  const { bounded, principal, metadata, traceparent, digest } = forwarded;
  const headers: Component[] = [
    ["content-digest", digest],
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
  const signature = await sign([...derived, ...headers], signer, created, makeNonce());
  return Object.fromEntries([...headers, ...signature]);
}
