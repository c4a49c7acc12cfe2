/** A gate to knock at: an issuer with real keys, settings that fit it, an origin that remembers. */
import { env as bindings } from "cloudflare:workers";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import type { UncheckedEnv } from "../src/env.ts";
import worker from "../src/index.ts";
import type { JsonObject } from "../src/json.ts";
import { isObject } from "../src/json.ts";

export const ISSUER = "https://issuer.test";
export const AUDIENCE = "lendgate";
export const SMALLEST = { applicant_id: "A123", income: 95000, debt_to_income: 0.31 };
export const SECRET = new Uint8Array(32).fill(7);

export interface Pair {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function makePair(alg: string, kid: string = alg.toLowerCase()): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

export function keySet(...pairs: readonly Pair[]): string {
  return JSON.stringify({ keys: pairs.map(({ jwk }) => jwk) });
}

export function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Good claims of a broker that nobody else uses. */
export function claimsOf(changes: JsonObject = {}): JsonObject {
  const scope = "validate review:write review:read documents:write documents:read documents:review documents:decide intake support referrals:read referrals:decide";
  const who = { sub: "client-1", tenant: "acme", broker_id: `b-${crypto.randomUUID()}`, scope };
  return { iss: ISSUER, aud: AUDIENCE, exp: seconds() + 600, iat: seconds(), ...who, ...changes };
}

export function tokenOf(pair: Pair, changes: JsonObject = {}, header: JsonObject = {}): Promise<string> {
  return new SignJWT(claimsOf(changes))
    .setProtectedHeader({ alg: pair.alg, kid: pair.kid, typ: "at+jwt", ...header })
    .sign(pair.privateKey);
}

/** Settings of a working gate; the origin is one that never answers unless given. */
export function settings(changes: Record<string, unknown> = {}): UncheckedEnv {
  return {
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: AUDIENCE,
    JWT_ALGORITHMS: "ES256 EdDSA RS256",
    ALLOW_HS256: "false",
    JWKS: "",
    JWKS_URL: "",
    LIMITS: bindings.LIMITS,
    LIMITER: bindings.LIMITER,
    STATUS_SECONDS: "10",
    ORIGIN_URL: "",
    ORIGIN: new FakeOrigin(() => Promise.reject(new Error("Network connection lost."))),
    ORIGIN_SIGNING_KEY: SECRET.toBase64({ alphabet: "base64url", omitPadding: true }),
    ORIGIN_SIGNING_KEY_ID: "edge-1",
    ORIGIN_SIGNING_ALG: "hmac-sha256",
    ORIGIN_DEADLINE_MS: "1000",
    EDGE_VERSION: "test",
    ...changes,
  };
}

type Handler = (request: Request) => Response | Promise<Response>;

/** An origin that echoes the request id as the real one does, and remembers what came; alive unless told otherwise. */
export class FakeOrigin {
  readonly requests: Request[] = [];
  private readonly handler: Handler;
  private readonly livez: Handler;
  constructor(handler: Handler = () => Response.json({ id: "r-1" }), livez: Handler = () => new Response("ok")) {
    this.handler = handler;
    this.livez = livez;
  }

  async fetch(url: string, init: RequestInit): Promise<Response> {
    const body = init.body instanceof ReadableStream ? { body: await new Response(init.body).bytes() } : {};
    const request = new Request(url, { ...init, ...body });
    if (new URL(url).pathname === "/livez") return this.livez(request);
    this.requests.push(request);
    const answer = await this.handler(request.clone());
    const headers = new Headers(answer.headers);
    if (!headers.has("x-request-id")) headers.set("x-request-id", request.headers.get("x-request-id") ?? "");
    return new Response(answer.body, { status: answer.status, headers });
  }
}

export interface Knock {
  readonly method?: string;
  readonly token?: string;
  readonly body?: string | Uint8Array | ReadableStream | null;
  readonly headers?: Record<string, string>;
}

/** One request through the whole gate; a body goes as JSON unless its headers say otherwise. */
export function knock(env: UncheckedEnv, path: string, { method = "POST", token, body = null, headers = {} }: Knock = {}): Promise<Response> {
  const given = new Headers({ ...(method === "POST" ? { "content-type": "application/json" } : {}), ...headers });
  if (token !== undefined) given.set("authorization", `Bearer ${token}`);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return worker.fetch(new Request(`https://gate.test${path}`, { method, headers: given, body: bytes }), env);
}

export async function json(answer: Response): Promise<JsonObject> {
  const value: unknown = await answer.json();
  if (!isObject(value)) throw new Error("the answer is not a JSON object");
  return value;
}
