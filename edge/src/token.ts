/**
 * A compact JWS taken apart with nothing trusted yet: header and claims, read strictly.
 *
 * Law: pure. What common libraries let through is refused here: duplicate members, numbers that are not
 * numbers everywhere, key material and extensions in the header.
 */
import { isObject, type JsonObject, parse } from "./json.ts";
import type { Algorithm } from "./keys.ts";
import { accept, refuse, type Result } from "./refusal.ts";
import { base64url } from "./sign.ts";

export interface Token {
  readonly algorithm: Algorithm;
  readonly kid: string;
  readonly claims: JsonObject;
}

const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const KID = /^[\x21-\x7e]{1,128}$/;
const TYPES = ["at+jwt", "jwt"];
/** Header members that would let the token name its own key or change what is signed. */
const FORBIDDEN = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"];

export function readToken(raw: string, algorithms: ReadonlySet<Algorithm>): Result<Token> {
  const [, protectedHeader, payload, signature] = COMPACT.exec(raw) ?? [];
  if (!protectedHeader || !payload || !signature) return no("it is not a signed JWT of three base64url parts");
  if (!isCanonical(signature)) return no("its signature is not canonical base64url");
  const header = readPart("header", protectedHeader);
  if (!header.ok) return header;
  const claims = readPart("payload", payload);
  if (!claims.ok) return claims;
  const forbidden = FORBIDDEN.find((name) => Object.hasOwn(header.value, name));
  if (forbidden !== undefined) return no(`its header may not hold ${forbidden}`);
  const { alg, typ, kid } = header.value;
  if (typeof typ !== "string" || !TYPES.includes(typ.toLowerCase())) return no("its header's typ must be at+jwt or JWT");
  const algorithm = [...algorithms].find((allowed) => allowed === alg);
  if (algorithm === undefined) return no(`its alg must be one of: ${[...algorithms].join(", ")}`);
  if (typeof kid !== "string" || !KID.test(kid)) return no("its header's kid must be text that names a key");
  return accept({ algorithm, kid, claims: claims.value });
}

/** `fault` ends the sentence "The access token is not valid: …". */
export function no(fault: string): Result<never> {
  return refuse({ is: "bad-token", fault });
}

function decode(part: string): Uint8Array | null {
  try {
    return Uint8Array.fromBase64(part, { alphabet: "base64url" });
  } catch {
    return null;
  }
}

/** One signature has one spelling: stray bits in the last character are not ignored. */
function isCanonical(part: string): boolean {
  const bytes = decode(part);
  return bytes !== null && base64url(bytes) === part;
}

function readPart(name: string, part: string): Result<JsonObject> {
  const bytes = decode(part);
  const parsed = bytes && parse(bytes);
  if (!parsed) return no(`its ${name} is not base64url`);
  if (!parsed.ok) return no(`its ${name} is not acceptable JSON: ${`${parsed.fault.pointer} ${parsed.fault.detail}`.trim()}`);
  return isObject(parsed.value) ? accept(parsed.value) : no(`its ${name} is not a JSON object`);
}
