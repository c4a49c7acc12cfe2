/**
 * The setting LIMITS, and what it says on the wire (draft-ietf-httpapi-ratelimit-headers-11).
 *
 * Law: pure. Every request counts against `request`; a review counts against `review` as well, whatever
 * else costs a model or a reader against `paid`, and a message of a conversation against its `session` too.
 */
import type { Policy, Verdict } from "./gcra.ts";
import { isObject } from "./json.ts";

/** What a request is counted as; asking for a status is an ordinary request whose answer may be kept. */
export type LimitKind = "request" | "status" | "review" | "paid" | "message";
/** All that a request of a kind counts against. */
export type Limits = Readonly<Record<LimitKind, readonly Policy[]>>;

/** One conversation at the pace of a person, where LIMITS does not say. */
const SESSION = { per_minute: 20, per_day: 500 };
const DAY = 86_400;
/** Keeps `quota * window` exact in a double (gcra.ts). */
const MAX_QUOTA = 10_000_000;

/**
 * `{"request":{"per_minute":600,"per_day":100000},"review":{…},"paid":{…},"session":{…}}`, or `null` when it
 * is anything else. Without `paid` the figures of `review` hold; `session` has figures of its own.
 */
export function readLimits(text: string): Limits | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const request = policiesOf("request", value["request"]);
  const review = policiesOf("review", value["review"]);
  const paid = policiesOf("paid", value["paid"] ?? value["review"]);
  const session = policiesOf("session", value["session"] ?? SESSION);
  if (!request || !review || !paid || !session) return null;
  return {
    request,
    status: request,
    review: [...request, ...review],
    paid: [...request, ...paid],
    message: [...request, ...paid, ...session],
  };
}

function policiesOf(name: string, value: unknown): Policy[] | null {
  if (!isObject(value)) return null;
  const { per_minute: minute, per_day: day } = value;
  if (!isQuota(minute) || !isQuota(day)) return null;
  const counts = name === "session" ? name : "broker";
  return [
    { name: `${name}-minute`, counts, quota: minute, seconds: 60 },
    { name: `${name}-day`, counts, quota: day, seconds: DAY },
  ];
}

function isQuota(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_QUOTA;
}

export function policyField(policies: readonly Policy[]): string {
  return policies.map(({ name, quota, seconds }) => `"${name}";q=${quota};w=${seconds}`).join(", ");
}

export function rateField(verdicts: readonly Verdict[]): string {
  return verdicts
    .map(({ policy, remaining, reset }) => `"${policy.name}";r=${remaining};t=${seconds(reset)}`)
    .join(", ");
}

export function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
