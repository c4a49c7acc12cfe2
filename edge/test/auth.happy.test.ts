/** Who gets in: each algorithm, the boundaries of times, and exactly the scopes that were given. */
import { beforeAll, describe, expect, test } from "vitest";
import type { UncheckedEnv } from "../src/env.ts";
import { principalOf } from "../src/claims.ts";
import type { JsonObject } from "../src/json.ts";
import { AUDIENCE, claimsOf, FakeOrigin, ISSUER, json, keySet, knock, makePair, type Pair, settings, SMALLEST, tokenOf } from "./gate.ts";

const BODY = JSON.stringify(SMALLEST);
let pairs: Record<string, Pair>;
let env: UncheckedEnv;

beforeAll(async () => {
  const made = await Promise.all(["ES256", "EdDSA", "RS256"].map((alg) => makePair(alg)));
  pairs = Object.fromEntries(made.map((pair) => [pair.alg, pair]));
  env = settings({ JWKS: keySet(...made), ORIGIN: new FakeOrigin() });
});

function pairOf(alg: string): Pair {
  const pair = pairs[alg];
  if (!pair) throw new Error(alg);
  return pair;
}

test.each(["ES256", "EdDSA", "RS256"])("%s is taken, twice", async (alg) => {
  const token = await tokenOf(pairOf(alg));
  expect((await knock(env, "/validate", { token, body: BODY })).status).toBe(200);
  expect((await knock(env, "/validate", { token, body: BODY })).status).toBe(200);
});

test.each([{ typ: "JWT" }, { typ: "at+jwt" }, { typ: "AT+JWT" }])("the type %j is taken", async (header) => {
  const token = await tokenOf(pairOf("ES256"), {}, header);
  expect((await knock(env, "/validate", { token, body: BODY })).status).toBe(200);
});

test("the metadata names the tenant and the broker of the token", async () => {
  const token = await tokenOf(pairOf("ES256"), { tenant: "acme", broker_id: "broker-7" });
  const { metadata } = await json(await knock(env, "/validate", { token, body: BODY }));
  expect(metadata).toMatchObject({ tenant: "acme", broker_id: "broker-7" });
});

describe("times", () => {
  const now = 1_800_000_000;
  const judged = (changes: JsonObject) =>
    principalOf(claimsOf({ exp: now + 60, iat: now, ...changes }), { issuer: ISSUER, audience: AUDIENCE }, now).ok;

  test.each<[JsonObject, boolean]>([
    [{ exp: now + 1 }, true],
    [{ exp: now }, false],
    [{ exp: now + 86_400 }, true],
    [{ exp: now + 86_401 }, false],
    [{ nbf: now + 5 }, true],
    [{ nbf: now + 6 }, false],
    [{ iat: now + 5 }, true],
    [{ iat: now + 6 }, false],
    [{ iat: 0 }, true],
    [{ iat: -1 }, false],
    [{ aud: [AUDIENCE, "other"] }, true],
    [{ sub: "x".repeat(255) }, true],
    [{ sub: "x".repeat(256) }, false],
    [{ tenant: "t".repeat(64) }, true],
    [{ tenant: "t".repeat(65) }, false],
    [{ scope: "validate  review:read" }, false],
  ])("%j → %s", (changes, accepted) => {
    expect(judged(changes)).toBe(accepted);
  });
});

describe("scopes", () => {
  test.each([
    ["POST", "/validate", "review:write review:read", "validate"],
    ["POST", "/lending-review", "validate review:read", "review:write"],
    ["GET", "/lending-review/r-1", "validate review:write", "review:read"],
    ["GET", "/lending-review/r-1/events", "validate review:write", "review:read"],
    ["POST", "/validate", "validated", "validate"],
  ])("%s %s with %j is told that it lacks %s", async (method, path, scope, missing) => {
    const token = await tokenOf(pairOf("ES256"), { scope });
    const answer = await knock(env, path, { method, token, body: method === "POST" ? BODY : null });
    expect(await json(answer)).toMatchObject({ status: 403, reason: `The access token lacks the scope ${missing}.` });
    expect(answer.headers.get("www-authenticate")).toContain(`error="insufficient_scope"`);
    expect(answer.headers.get("www-authenticate")).toContain(`scope="${missing}"`);
  });

  test("a token without scope has none", async () => {
    const verdict = principalOf({ ...claimsOf(), scope: "" }, { issuer: ISSUER, audience: AUDIENCE }, 0);
    expect(verdict.ok).toBe(false);
    const { scope: _, ...claims } = claimsOf();
    const without = principalOf(claims, { issuer: ISSUER, audience: AUDIENCE }, Number(claims["iat"]));
    expect(without).toMatchObject({ ok: true, value: { scopes: [] } });
  });
});
