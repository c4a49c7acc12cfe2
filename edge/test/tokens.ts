/** Every kind of forged token we know of, each with what the gate should say. Used by auth.security.test.ts. */
import { base64url, type JWK } from "jose";
import type { JsonObject } from "../src/json.ts";
import { claimsOf, makePair, type Pair, seconds, tokenOf } from "./gate.ts";

export interface Keys {
  readonly es: Pair;
  readonly rs: Pair;
  readonly ed: Pair;
}
export interface Forgery {
  readonly name: string;
  readonly make: (keys: Keys) => Promise<string> | string;
  /** What the 401's sentence says. */
  readonly says: string;
}

const UTF8 = new TextEncoder();
const NO_SIGNATURE = "it is not a signed JWT of three base64url parts";
const UNVERIFIED = "its signature does not verify";
const UNKNOWN_KEY = "no key of the issuer has its kid and alg";

function part(value: JsonObject | string): string {
  return base64url.encode(typeof value === "string" ? value : JSON.stringify(value));
}

/** A token put together by hand: header and payload as text or value, signed by whatever is given. */
async function forge(
  header: JsonObject | string,
  payload: JsonObject | string,
  sign: (input: Uint8Array) => Promise<Uint8Array> | Uint8Array = () => new Uint8Array(64).fill(1),
): Promise<string> {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${base64url.encode(await sign(UTF8.encode(input)))}`;
}

/** A genuine signature over a header and payload that a well-behaved issuer would not write. */
function byIssuer({ es }: Keys, header: JsonObject | string, payload: JsonObject | string): Promise<string> {
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  return forge(header, payload, async (input) => new Uint8Array(await crypto.subtle.sign(algorithm, es.privateKey, input)));
}

function header({ es }: Keys, changes: JsonObject = {}): JsonObject {
  return { alg: "ES256", kid: es.kid, typ: "at+jwt", ...changes };
}

async function hmac(secret: Uint8Array, input: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, input));
}

async function spki(jwk: JWK, algorithm: SubtleCryptoImportKeyAlgorithm): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("jwk", jwk as JsonWebKey, algorithm, true, ["verify"]);
  const der = await crypto.subtle.exportKey("spki", key);
  return UTF8.encode(`-----BEGIN PUBLIC KEY-----\n${new Uint8Array(der as ArrayBuffer).toBase64()}\n-----END PUBLIC KEY-----\n`);
}

/** Changes one character of one part for its neighbour in the alphabet. */
function flipped(token: string, which: 0 | 1 | 2, at: number): string {
  const parts = token.split(".");
  const text = parts[which] ?? "";
  const place = at < 0 ? text.length + at : at;
  const other = text[place] === "A" ? "B" : "A";
  parts[which] = text.slice(0, place) + other + text.slice(place + 1);
  return parts.join(".");
}

/** The claims as text, with one member replaced by something JSON.stringify would not write. */
function raw(name: string, text: string): string {
  return JSON.stringify(claimsOf({ [name]: "@@" })).replace(`"${name}":"@@"`, text);
}

export const FORGERIES: readonly Forgery[] = [
  // Algorithm
  { name: "alg none, no signature", says: NO_SIGNATURE, make: (keys) => `${part(header(keys, { alg: "none" }))}.${part(claimsOf())}.` },
  { name: "alg none, some signature", says: "its alg must be one of", make: (keys) => forge(header(keys, { alg: "none" }), claimsOf()) },
  { name: "alg nOnE", says: "its alg must be one of", make: (keys) => forge(header(keys, { alg: "nOnE" }), claimsOf()) },
  { name: "alg missing", says: "its alg must be one of", make: (keys) => forge({ kid: keys.es.kid, typ: "JWT" }, claimsOf()) },
  {
    name: "HS256 keyed with the RSA public key",
    says: "its alg must be one of",
    make: async ({ rs }) => {
      const pem = await spki(rs.jwk, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" });
      return forge({ alg: "HS256", kid: rs.kid, typ: "JWT" }, claimsOf(), (input) => hmac(pem, input));
    },
  },
  {
    name: "HS256 keyed with the EC public key",
    says: "its alg must be one of",
    make: async ({ es }) => {
      const pem = await spki(es.jwk, { name: "ECDSA", namedCurve: "P-256" });
      return forge({ alg: "HS256", kid: es.kid, typ: "JWT" }, claimsOf(), (input) => hmac(pem, input));
    },
  },
  {
    name: "PS256 with the RS256 key",
    says: "its alg must be one of",
    make: (keys) => tokenOf(keys.rs, {}, { alg: "RS256" }).then((token) => `${part({ alg: "PS256", kid: keys.rs.kid, typ: "JWT" })}.${token.split(".").slice(1).join(".")}`),
  },
  { name: "ES256 named for the RSA key", says: UNKNOWN_KEY, make: (keys) => byIssuer(keys, header(keys, { kid: keys.rs.kid }), claimsOf()) },
  // A key of its own
  { name: "embedded jwk", says: "may not hold jwk", make: async (keys) => { const own = await makePair("ES256", "own"); return tokenOf({ ...own, kid: keys.es.kid }, {}, { jwk: own.jwk as JsonObject }); } },
  { name: "jku", says: "may not hold jku", make: ({ es }) => tokenOf(es, {}, { jku: "https://evil.test/jwks" }) },
  { name: "x5u", says: "may not hold x5u", make: ({ es }) => tokenOf(es, {}, { x5u: "https://evil.test/x5u" }) },
  { name: "x5c", says: "may not hold x5c", make: ({ es }) => tokenOf(es, {}, { x5c: ["MIIB"] }) },
  { name: "unknown crit", says: "may not hold crit", make: (keys) => byIssuer(keys, header(keys, { crit: ["x"], x: 1 }), claimsOf()) },
  { name: "b64 false", says: "may not hold crit", make: (keys) => byIssuer(keys, header(keys, { crit: ["b64"], b64: false }), claimsOf()) },
  { name: "compressed", says: "may not hold zip", make: (keys) => byIssuer(keys, header(keys, { zip: "DEF" }), claimsOf()) },
  // Key id
  { name: "unknown kid", says: UNKNOWN_KEY, make: ({ es }) => tokenOf(es, {}, { kid: "other" }) },
  { name: "path-traversal kid", says: UNKNOWN_KEY, make: ({ es }) => tokenOf(es, {}, { kid: "../../../../dev/null" }) },
  { name: "kid of an inherited name", says: UNKNOWN_KEY, make: ({ es }) => tokenOf(es, {}, { kid: "__proto__" }) },
  { name: "list kid", says: "kid must be text", make: (keys) => byIssuer(keys, header(keys, { kid: [keys.es.kid] }), claimsOf()) },
  { name: "a kid of 129 characters", says: "kid must be text", make: ({ es }) => tokenOf(es, {}, { kid: "k".repeat(129) }) },
  { name: "missing kid", says: "kid must be text", make: (keys) => byIssuer(keys, { alg: "ES256", typ: "JWT" }, claimsOf()) },
  { name: "another issuer's key of the same kid", says: UNVERIFIED, make: async ({ es }) => tokenOf({ ...(await makePair("ES256")), kid: es.kid }) },
  // Signature
  { name: "a bit of the signature flipped", says: UNVERIFIED, make: async ({ es }) => flipped(await tokenOf(es), 2, 20) },
  { name: "a bit of the payload flipped", says: "", make: async ({ es }) => flipped(await tokenOf(es), 1, 30) },
  { name: "stray bits in the last character", says: "not canonical base64url", make: async ({ es }) => { const token = await tokenOf(es); const last = token.at(-1) ?? "A"; return token.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + 1); } },
  { name: "padding", says: NO_SIGNATURE, make: async ({ es }) => `${await tokenOf(es)}==` },
  { name: "standard base64", says: NO_SIGNATURE, make: async ({ es }) => `${await tokenOf(es)}+/` },
  { name: "ES256 r=s=0", says: UNVERIFIED, make: (keys) => forge(header(keys), claimsOf(), () => new Uint8Array(64)) },
  { name: "ES256 signature of no length", says: NO_SIGNATURE, make: (keys) => forge(header(keys), claimsOf(), () => new Uint8Array()) },
  { name: "ES256 signature in DER", says: UNVERIFIED, make: (keys) => forge(header(keys), claimsOf(), () => new Uint8Array(70).fill(0x30)) },
  { name: "EdDSA all zero", says: UNVERIFIED, make: ({ ed }) => forge({ alg: "EdDSA", kid: ed.kid, typ: "JWT" }, claimsOf(), () => new Uint8Array(64)) },
  { name: "five parts", says: NO_SIGNATURE, make: async ({ es }) => `${await tokenOf(es)}.AA.AA` },
  // Type
  { name: "an ID token by typ", says: "typ must be at+jwt or JWT", make: ({ es }) => tokenOf(es, {}, { typ: "id_token" }) },
  { name: "an ID token by its claims", says: "its tenant must be", make: (keys) => byIssuer(keys, header(keys, { typ: "JWT" }), { iss: "https://issuer.test", aud: "lendgate", sub: "u", exp: seconds() + 60, nonce: "n" }) },
  { name: "no typ", says: "typ must be at+jwt or JWT", make: (keys) => byIssuer(keys, { alg: "ES256", kid: keys.es.kid }, claimsOf()) },
  { name: "a logout token", says: "typ must be at+jwt or JWT", make: ({ es }) => tokenOf(es, {}, { typ: "logout+jwt" }) },
  // Time
  { name: "expired", says: "it has expired", make: ({ es }) => tokenOf(es, { exp: seconds() }) },
  { name: "exp missing", says: "its exp must be a whole number", make: (keys) => byIssuer(keys, header(keys), raw("exp", '"x":0')) },
  { name: "exp as text", says: "its exp must be a whole number", make: ({ es }) => tokenOf(es, { exp: String(seconds() + 60) }) },
  { name: "exp with a fraction", says: "its exp must be a whole number", make: ({ es }) => tokenOf(es, { exp: seconds() + 60.5 }) },
  { name: "exp 10^400", says: "/exp must be within", make: (keys) => byIssuer(keys, header(keys), raw("exp", `"exp":1${"0".repeat(400)}`)) },
  { name: "exp 1e400", says: "/exp must be within", make: (keys) => byIssuer(keys, header(keys), raw("exp", '"exp":1e400')) },
  { name: "exp in 24 hours and a minute", says: "it lives too long", make: ({ es }) => tokenOf(es, { exp: seconds() + 86_460 }) },
  { name: "nbf in the future", says: "it is not valid yet", make: ({ es }) => tokenOf(es, { nbf: seconds() + 60 }) },
  { name: "nbf as text", says: "its nbf must be a whole number", make: ({ es }) => tokenOf(es, { nbf: "0" }) },
  { name: "iat in the future", says: "it was issued in the future", make: ({ es }) => tokenOf(es, { iat: seconds() + 60 }) },
  // Claims
  { name: "another audience", says: "another audience", make: ({ es }) => tokenOf(es, { aud: "other" }) },
  { name: "an audience that only begins right", says: "another audience", make: ({ es }) => tokenOf(es, { aud: ["lendgate.evil.test"] }) },
  { name: "no audience", says: "another audience", make: ({ es }) => tokenOf(es, { aud: null }) },
  { name: "another issuer", says: "another issuer", make: ({ es }) => tokenOf(es, { iss: "https://issuer.test/" }) },
  { name: "the issuer in a list", says: "another issuer", make: ({ es }) => tokenOf(es, { iss: ["https://issuer.test"] }) },
  { name: "duplicate sub", says: "/sub appears more than once", make: (keys) => byIssuer(keys, header(keys), raw("sub", '"sub":"a","sub":"admin"')) },
  { name: "duplicate alg", says: "/alg appears more than once", make: (keys) => byIssuer(keys, `{"alg":"ES256","alg":"none","kid":"${keys.es.kid}","typ":"JWT"}`, claimsOf()) },
  { name: "no broker_id", says: "its broker_id must be", make: ({ es }) => tokenOf(es, { broker_id: null }) },
  { name: "a broker_id that leaves its tenant", says: "its broker_id must be", make: ({ es }) => tokenOf(es, { broker_id: "../other/b" }) },
  { name: "a list of tenants", says: "its tenant must be", make: ({ es }) => tokenOf(es, { tenant: ["acme"] }) },
  { name: "no sub", says: "its sub must be", make: ({ es }) => tokenOf(es, { sub: "" }) },
  { name: "a list of scopes", says: "its scope must be", make: ({ es }) => tokenOf(es, { scope: ["validate"] }) },
  { name: "claims that are a list", says: "is not a JSON object", make: (keys) => byIssuer(keys, header(keys), "[]") },
  { name: "claims that are not UTF-8", says: "is not acceptable JSON", make: async (keys) => (await tokenOf(keys.es)).replace(/\.[^.]+\./, `.${base64url.encode(new Uint8Array([0x7b, 0xff, 0x7d]))}.`) },
  { name: "2 MB", says: "longer than 8192", make: ({ es }) => tokenOf(es, { padding: "x".repeat(2 ** 21) }) },
];
