/**
 * The keys that verify access tokens: from the setting JWKS, or fetched from JWKS_URL.
 *
 * Law: a key serves the one algorithm of its type. What is fetched is bounded in size, time and number of
 * attempts; a fetch that fails or brings nothing usable leaves the keys that were there.
 */
import { importJWK, type JWK } from "jose";
import { waitUntil } from "cloudflare:workers";
import { readAtMost } from "./bound.ts";
import { isObject, type JsonObject, parse } from "./json.ts";

export const ALGORITHMS = ["ES256", "EdDSA", "RS256", "HS256"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
export type Key = CryptoKey | Uint8Array;
/** By `${algorithm} ${kid}`. */
export type KeySet = ReadonlyMap<string, Key>;
export type Found = { is: "key"; key: Key } | { is: "unknown" } | { is: "away"; retryAfter: number };

export interface KeySource {
  find(algorithm: Algorithm, kid: string, now: number): Promise<Found>;
}

const MAX_KEY_SET_BYTES = 65_536;
const MAX_KEYS = 64;
const FETCH_DEADLINE_MS = 3000;
/** Keys are asked for again after this time, which is how a withdrawn key stops working. */
const FRESH_MS = 600_000;
/** Keys are no longer believed after this time without a successful fetch. */
const STALE_MS = 86_400_000;
/** The least time between two fetches, with keys at hand (unknown `kid`s cannot hurry it) and without. */
const REFETCH_MS = 30_000;
const FIRST_FETCH_MS = 2000;
const MIN_RSA_BITS = 2048;
const MIN_HMAC_BYTES = 32;

export function localKeys(keys: KeySet): KeySource {
  return { find: (algorithm, kid) => Promise.resolve(found(keys.get(`${algorithm} ${kid}`))) };
}

function found(key: Key | undefined): Found {
  return key === undefined ? { is: "unknown" } : { is: "key", key };
}

/** Keys behind a URL, kept for every request of this isolate. */
export class RemoteKeys implements KeySource {
  private readonly url: string;
  private readonly algorithms: ReadonlySet<Algorithm>;
  private keys: KeySet | null = null;
  private text = "";
  private fetchedAt = 0;
  private triedAt = 0;
  private flight: Promise<void> | null = null;

  constructor(url: string, algorithms: ReadonlySet<Algorithm>) {
    this.url = url;
    this.algorithms = new Set([...algorithms].filter((algorithm) => algorithm !== "HS256")); // a secret is no public key
  }

  async find(algorithm: Algorithm, kid: string, now: number): Promise<Found> {
    const name = `${algorithm} ${kid}`;
    const fresh = now - this.fetchedAt < FRESH_MS;
    if (!fresh || !this.keys?.has(name)) await this.refresh(now);
    const believed = now - this.fetchedAt < STALE_MS ? this.keys : null;
    return believed === null ? { is: "away", retryAfter: FIRST_FETCH_MS / 1000 } : found(believed.get(name));
  }

  /** One fetch at a time, and not soon again; it goes on when the request that began it is cancelled. */
  private refresh(now: number): Promise<void> {
    const pause = this.keys === null ? FIRST_FETCH_MS : REFETCH_MS;
    if (this.flight === null && now - this.triedAt >= pause) {
      this.triedAt = now;
      this.flight = this.fetch(now).finally(() => {
        this.flight = null;
      });
      waitUntil(this.flight);
    }
    return this.flight ?? Promise.resolve();
  }

  private async fetch(now: number): Promise<void> {
    const body = await fetchKeySet(this.url);
    const text = body === null ? "" : body.toBase64();
    // The same text keeps the same key objects, and with them the tokens already verified by them.
    const keys = body === null ? null : text === this.text ? this.keys : await readKeySet(body, this.algorithms);
    if (keys === null) return;
    this.keys = keys;
    this.text = text;
    this.fetchedAt = now;
  }
}

async function fetchKeySet(url: string): Promise<Uint8Array | null> {
  try {
    const signal = AbortSignal.timeout(FETCH_DEADLINE_MS);
    const response = await fetch(url, { signal, redirect: "manual", headers: { accept: "application/json" } });
    if (response.status === 200) return await readAtMost(response.body, MAX_KEY_SET_BYTES);
    await response.body?.cancel();
    return null;
  } catch {
    return null;
  }
}

/** The usable keys of a JWK set (RFC 7517); `null` when it is not one, is ambiguous or has no usable key. */
export async function readKeySet(body: Uint8Array, algorithms: ReadonlySet<Algorithm>): Promise<KeySet | null> {
  const parsed = parse(body);
  const listed = parsed.ok && isObject(parsed.value) ? parsed.value["keys"] : undefined;
  if (!Array.isArray(listed) || listed.length > MAX_KEYS) return null;
  const keys = new Map<string, Key>();
  for (const jwk of listed.filter(isObject)) {
    const algorithm = algorithmOf(jwk);
    if (algorithm === null || !algorithms.has(algorithm)) continue;
    const key = await importKey(jwk, algorithm);
    if (key === null) continue;
    const name = `${algorithm} ${String(jwk["kid"])}`;
    if (keys.has(name)) return null;
    keys.set(name, key);
  }
  return keys.size === 0 ? null : keys;
}

/** The one algorithm a JWK serves here; `null` for keys that are not public signature keys with a `kid`. */
function algorithmOf(jwk: JsonObject): Algorithm | null {
  const { kty, crv, alg, use, key_ops: operations, kid, d } = jwk;
  if (typeof kid !== "string" || kid === "" || d !== undefined) return null;
  if (use !== undefined && use !== "sig") return null;
  if (Array.isArray(operations) && !operations.includes("verify")) return null;
  const algorithm = BY_TYPE[`${String(kty)} ${String(crv ?? "")}`] ?? null;
  const named = alg === "Ed25519" ? "EdDSA" : alg;
  return named === undefined || named === algorithm ? algorithm : null;
}

const BY_TYPE: Record<string, Algorithm> = { "EC P-256": "ES256", "OKP Ed25519": "EdDSA", "RSA ": "RS256", "oct ": "HS256" };

async function importKey(jwk: JsonObject, algorithm: Algorithm): Promise<Key | null> {
  const { kty, crv, x, y, n, e, k } = jwk;
  try {
    const key = await importJWK({ kty, crv, x, y, n, e, k } as JWK, algorithm);
    return strongEnough(key) ? key : null;
  } catch {
    return null;
  }
}

function strongEnough(key: Key): boolean {
  if (key instanceof Uint8Array) return key.length >= MIN_HMAC_BYTES;
  const bits = "modulusLength" in key.algorithm ? Number(key.algorithm.modulusLength) : MIN_RSA_BITS;
  return bits >= MIN_RSA_BITS;
}
