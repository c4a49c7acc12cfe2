/**
 * From verified claims to the principal: issuer, audience, times, identity, scopes (RFC 9068).
 *
 * Law: pure; `now` is seconds. Every claim used is typed and bounded here, and what names a tenant or a
 * broker has the form of `schema.base.Key`.
 */
import type { JsonObject, JsonValue } from "./json.ts";
import { accept, type Result } from "./refusal.ts";
import { no } from "./token.ts";

/** `schema.gate.Principal`. */
export interface Principal {
  readonly tenant: string;
  readonly broker_id: string;
  readonly subject: string;
  readonly scopes: readonly string[];
}

/** The longest life of a token, seconds. */
const MAX_AHEAD = 86_400;
/** How far the issuer's clock may be ahead of ours, seconds. */
const SKEW = 5;
const KEY = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const SUBJECT = /^[\x21-\x7e]{1,255}$/;
/** RFC 6749 3.3, bounded. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,64}( [\x21\x23-\x5b\x5d-\x7e]{1,64}){0,31}$/;

export function principalOf(
  claims: JsonObject,
  expected: { readonly issuer: string; readonly audience: string },
  now: number,
): Result<Principal> {
  const { iss, aud, sub, tenant, broker_id, scope } = claims;
  if (iss !== expected.issuer) return no("it is of another issuer (iss)");
  if (!names(aud, expected.audience)) return no("it is for another audience (aud)");
  const late = untimely(claims, now);
  if (late !== null) return no(late);
  if (!isText(sub, SUBJECT)) return no("its sub must be 1 to 255 visible ASCII characters");
  if (!isText(tenant, KEY)) return no("its tenant must be an identifier such as acme-lending");
  if (!isText(broker_id, KEY)) return no("its broker_id must be an identifier such as broker-7");
  if (scope !== undefined && !isText(scope, SCOPE)) return no("its scope must be scopes separated by single spaces");
  return accept({ tenant, broker_id, subject: sub, scopes: scope === undefined ? [] : scope.split(" ") });
}

function untimely({ exp, nbf, iat }: JsonObject, now: number): string | null {
  if (!isTime(exp)) return "its exp must be a whole number of seconds";
  if (exp <= now) return "it has expired (exp)";
  if (exp > now + MAX_AHEAD) return "it lives too long: exp may be at most 24 hours ahead";
  if (nbf !== undefined && !isTime(nbf)) return "its nbf must be a whole number of seconds";
  if (nbf !== undefined && nbf > now + SKEW) return "it is not valid yet (nbf)";
  if (iat !== undefined && !isTime(iat)) return "its iat must be a whole number of seconds";
  if (iat !== undefined && iat > now + SKEW) return "it was issued in the future (iat)";
  return null;
}

function names(aud: JsonValue | undefined, audience: string): boolean {
  return aud === audience || (Array.isArray(aud) && aud.includes(audience));
}

function isTime(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isText(value: JsonValue | undefined, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}
