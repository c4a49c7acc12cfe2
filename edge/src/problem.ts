/**
 * The one mapper from a refusal to RFC 9457 problem details.
 *
 * Law: the kinds are `src/lendgate/schema/problem.py`'s, generated. A problem says what is wrong, where
 * and what to do; never which secret was involved.
 */
import problems from "./generated/problems.json";
import type { Fault } from "./json.ts";
import type { Outcome, Refusal } from "./refusal.ts";

type Kind = keyof typeof problems.kinds;
interface Wire {
  readonly kind: Kind;
  readonly reason: string;
  readonly errors?: readonly Fault[];
  readonly headers?: Record<string, string>;
}

/** Seconds after which a caller may usefully try a service that was away. */
const RETRY_AFTER = "2";

/** `common` are the headers of every answer. */
export function problem(refusal: Refusal, requestId: string, common: Readonly<Record<string, string>> = {}): Response {
  const { kind, reason, errors = [], headers = {} } = wire(refusal);
  const { status, title } = problems.kinds[kind];
  const type = problems.prefix + kind;
  const body = { type, title, status, detail: reason, ok: false, reason, errors, request_id: requestId };
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...common, ...headers, "content-type": "application/problem+json" },
  });
}

function wire(refusal: Refusal): Wire {
  switch (refusal.is) {
    case "misconfigured":
      return { kind: "gate-misconfigured", reason: `The setting ${refusal.variable} of the gate ${refusal.fault}.` };
    case "no-route":
      return { kind: "not-found", reason: "There is no such path; GET /openapi.json lists those there are." };
    case "wrong-method":
      return {
        kind: "method-not-allowed",
        reason: `This path takes ${refusal.allow} only.`,
        headers: { allow: refusal.allow },
      };
    case "too-large":
      return { kind: "too-large", reason: `The body may be at most ${refusal.limit} bytes.` };
    case "slow-body":
      return { kind: "request-timeout", reason: `The body did not arrive within ${refusal.seconds} seconds.` };
    case "encoded-body":
      return { kind: "unsupported-media-type", reason: "The body must be sent without Content-Encoding." };
    case "not-json":
      return { kind: "unsupported-media-type", reason: "The Content-Type must be application/json in UTF-8." };
    case "not-a-document":
      return {
        kind: "unsupported-media-type",
        reason: "The Content-Type must be application/pdf, image/png, image/jpeg or image/tiff.",
      };
    case "no-length":
      return { kind: "length-required", reason: "A document is sent with Content-Length, not in chunks." };
    case "bad-request":
      return { kind: "invalid-request", reason: `${refusal.fault}.` };
    case "no-token":
      return {
        kind: "unauthenticated",
        reason: "The request needs an access token: Authorization: Bearer <token>.",
        headers: { "www-authenticate": 'Bearer realm="lendgate"' },
      };
    case "bad-token":
      return {
        kind: "unauthenticated",
        reason: `The access token is not valid: ${refusal.fault}.`,
        headers: { "www-authenticate": challenge("invalid_token", refusal.fault) },
      };
    case "keys-away":
      return {
        kind: "gate-misconfigured",
        reason: "The key set at JWKS_URL cannot be read, so no token can be checked; try again shortly.",
        headers: { "retry-after": String(refusal.retryAfter) },
      };
    case "missing-scope":
      return {
        kind: "forbidden",
        reason: `The access token lacks the scope ${refusal.scope}.`,
        headers: {
          "www-authenticate": `${challenge("insufficient_scope", "a scope is missing")}, scope="${refusal.scope}"`,
        },
      };
    case "limited":
      return {
        kind: "rate-limited",
        reason: `Too many requests for this broker; try again in ${refusal.retryAfter} s.`,
        headers: { "retry-after": String(refusal.retryAfter) },
      };
    case "limiter-away":
      return {
        kind: "internal",
        reason: "The gate could not count this request, so it was not accepted; try again shortly.",
        headers: { "retry-after": RETRY_AFTER },
      };
    case "invalid":
      return {
        kind: refusal.shape === "application" ? "invalid-application" : "invalid-request",
        reason: firstOf(refusal.faults),
        errors: refusal.faults,
      };
    case "unconditional":
      return { kind: "precondition-required", reason: "If-Match must name the state (ETag) this was decided on." };
    case "origin-away":
      return {
        kind: "origin-unavailable",
        reason: AWAY[refusal.outcome],
        headers: { "retry-after": RETRY_AFTER },
      };
    case "internal":
      return { kind: "internal", reason: "Something unexpected happened at the gate; the request id finds it." };
  }
}

const AWAY: Record<Outcome, string> = {
  "not-sent": "The review service cannot be reached; the request was not accepted, send it again later.",
  "nothing-changed": "The review service did not answer; nothing was changed, ask again later.",
  harmless: "The review service did not answer, so whether the request was accepted is not known; sending it again is safe.",
  repeatable:
    "The review service did not answer, so whether the request was accepted is not known; " +
    "sending it again with the same Idempotency-Key is safe.",
  unknown:
    "The review service did not answer, so whether the request was accepted is not known; " +
    "sending it again may do the work twice (an Idempotency-Key would prevent that).",
};

function firstOf(faults: readonly Fault[]): string {
  const [first, ...others] = faults;
  if (first === undefined) return "The body is not valid.";
  const subject = first.pointer === "" && !first.detail.startsWith("the body") ? "the body" : first.pointer;
  const sentence = `${subject} ${first.detail}`.trim();
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${more}.`;
}

/** RFC 6750 3: the description is plain ASCII without quotes and backslashes. */
function challenge(error: string, description: string): string {
  const plain = description.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "");
  return `Bearer realm="lendgate", error="${error}", error_description="${plain}"`;
}
