/** Quotas through the whole gate; vitest.config.mjs sets 12 requests a minute, of which 3 reviews. */
import { env as bindings } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, test } from "vitest";
import type { UncheckedEnv } from "../src/env.ts";
import { BODIES } from "./bodies.ts";
import { FakeOrigin, json, keySet, knock, makePair, type Pair, settings, SMALLEST, tokenOf } from "./gate.ts";

const BODY = JSON.stringify(SMALLEST);
let pair: Pair;

beforeAll(async () => {
  pair = await makePair("ES256");
});

function gate(origin = new FakeOrigin()) {
  return settings({ JWKS: keySet(pair), ORIGIN: origin });
}

async function statuses(count: number, ask: () => Promise<Response>): Promise<number[]> {
  const answers = [];
  for (let at = 0; at < count; at += 1) answers.push((await ask()).status);
  return answers;
}

describe("requests", () => {
  test("the quota passes, the next one hears when to come again", async () => {
    const env = gate();
    const token = await tokenOf(pair);
    const ask = () => knock(env, "/validate", { token, body: BODY });
    expect(await statuses(12, ask)).toEqual(Array(12).fill(200));
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.headers.get("ratelimit-policy")).toBe('"request-minute";q=12;w=60, "request-day";q=30;w=86400');
    expect(refused.headers.get("ratelimit")).toMatch(/^"request-minute";r=0;t=60, "request-day";r=18;t=\d+$/);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(4);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(5);
    expect(await json(refused)).toMatchObject({ type: "urn:lendgate:problem:rate-limited", ok: false });
  });

  test("every answer behind the limiter says what is left, a refused body too", async () => {
    const answer = await knock(gate(), "/validate", { token: await tokenOf(pair), body: "{}" });
    expect([answer.status, answer.headers.get("ratelimit")?.split(",")[0]]).toEqual([422, '"request-minute";r=11;t=5']);
  });

  test("brokers and tenants do not share", async () => {
    const env = gate();
    const broker_id = `b-${crypto.randomUUID()}`;
    const busy = await tokenOf(pair, { broker_id });
    await statuses(13, () => knock(env, "/validate", { token: busy, body: BODY }));
    for (const claims of [{ broker_id, tenant: "other" }, { broker_id: `${broker_id}2` }])
      expect((await knock(env, "/validate", { token: await tokenOf(pair, claims), body: BODY })).status).toBe(200);
  });

  test("a caller who is not known costs nobody's quota", async () => {
    const env = gate();
    const broker_id = `b-${crypto.randomUUID()}`;
    const forged = await tokenOf(await makePair("ES256"), { broker_id });
    await statuses(20, () => knock(env, "/validate", { token: forged, body: BODY }));
    const answer = await knock(env, "/validate", { token: await tokenOf(pair, { broker_id }), body: BODY });
    expect(answer.headers.get("ratelimit")).toContain('"request-minute";r=11');
  });
});

describe("reviews", () => {
  test("have a tighter quota of their own, and do not reach the origin beyond it", async () => {
    const origin = new FakeOrigin();
    const env = gate(origin);
    const token = await tokenOf(pair);
    expect(await statuses(4, () => knock(env, "/lending-review", { token, body: BODY }))).toEqual([200, 200, 200, 429]);
    expect(origin.requests.length).toBe(3);
    expect((await knock(env, "/validate", { token, body: BODY })).headers.get("ratelimit")).toContain('"request-minute";r=8');
  });

  test("reading one is an ordinary request", async () => {
    const env = gate();
    const token = await tokenOf(pair);
    expect(await statuses(5, () => knock(env, "/lending-review/r-1", { method: "GET", token }))).toEqual(Array(5).fill(200));
  });
});

describe("conversations", () => {
  const say = async (env: UncheckedEnv, token: string, session: string) =>
    knock(env, `/intake/sessions/${session}/messages`, { token, body: JSON.stringify(BODIES.intake_message) });

  test("each have a quota, counted apart, within the broker's own", async () => {
    const env = gate();
    const token = await tokenOf(pair);
    expect(await statuses(3, () => say(env, token, "s-1"))).toEqual([200, 200, 429]);
    const answer = await say(env, token, "s-2");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("ratelimit-policy")).toContain('"paid-minute";q=6;w=60, "paid-day";q=9;w=86400, "session-minute";q=2;w=60');
    expect(answer.headers.get("ratelimit")).toMatch(/"request-minute";r=9;.*"paid-minute";r=3;.*"session-minute";r=1;t=30/);
  });

  test("of two brokers that call theirs the same are two", async () => {
    const env = gate();
    const [one, other] = [await tokenOf(pair), await tokenOf(pair)];
    expect(await statuses(3, () => say(env, one, "s-1"))).toEqual([200, 200, 429]);
    expect((await say(env, other, "s-1")).status).toBe(200);
  });

  test("cannot be multiplied beyond the broker's quota of paid work", async () => {
    const env = gate();
    const token = await tokenOf(pair);
    let session = 0;
    expect(await statuses(7, () => say(env, token, `s-${(session += 1)}`))).toEqual([...Array<number>(6).fill(200), 429]);
  });

  test.each([
    ["GET", "/intake/sessions/s-1"],
    ["GET", "/intake/sessions/s-1/events"],
    ["GET", "/support/status/r-1"],
    ["GET", "/documents/d-1"],
  ])("%s %s is an ordinary request", async (method, path) => {
    const answer = await knock(gate(), path, { method, token: await tokenOf(pair) });
    expect(answer.headers.get("ratelimit-policy")).toBe('"request-minute";q=12;w=60, "request-day";q=30;w=86400');
  });
});

describe("the limiter", () => {
  test("keeps the levels through an eviction once its alarm saved them", async () => {
    const limiter = bindings.LIMITER.get(bindings.LIMITER.idFromName(crypto.randomUUID()));
    for (let at = 0; at < 12; at += 1) await limiter.fetch("http://limiter/request");
    expect(await runDurableObjectAlarm(limiter)).toBe(true);
    await evictDurableObject(limiter);
    expect((await limiter.fetch("http://limiter/request")).status).toBe(429);
  });

  test("writes nothing on the way of a request", async () => {
    const limiter = bindings.LIMITER.get(bindings.LIMITER.idFromName(crypto.randomUUID()));
    await limiter.fetch("http://limiter/request");
    expect(await runInDurableObject(limiter, (_, { storage }) => storage.list().then(({ size }) => size))).toBe(0);
  });

  test("sets its alarm again after each saving", async () => {
    const limiter = bindings.LIMITER.get(bindings.LIMITER.idFromName(crypto.randomUUID()));
    await limiter.fetch("http://limiter/request");
    await runDurableObjectAlarm(limiter);
    expect(await runDurableObjectAlarm(limiter)).toBe(false);
    await limiter.fetch("http://limiter/review");
    expect(await runDurableObjectAlarm(limiter)).toBe(true);
  });

  function broken(failure: object): object {
    const limiter = { fetch: () => Promise.reject(Object.assign(new Error("gone"), failure)) };
    return { idFromName: () => "id", get: () => limiter };
  }

  test.each([
    [{ overloaded: true }, 429, "1"],
    [{ retryable: true }, 500, "2"],
  ])("that fails with %j lets nobody through", async (failure, status, retryAfter) => {
    const origin = new FakeOrigin();
    const env = settings({ JWKS: keySet(pair), ORIGIN: origin, LIMITER: broken(failure) });
    const answer = await knock(env, "/lending-review", { token: await tokenOf(pair), body: BODY });
    expect([answer.status, answer.headers.get("retry-after"), origin.requests.length]).toEqual([status, retryAfter, 0]);
  });
});

test("the outer ring refuses an address before it looks at the token", async () => {
  const asked: unknown[] = [];
  const SHIELD = { limit: (options: unknown) => Promise.resolve({ success: asked.push(options) > 1 }) };
  const env = settings({ JWKS: keySet(pair), SHIELD });
  const headers = { "cf-connecting-ip": "203.0.113.7" };
  expect((await knock(env, "/validate", { body: BODY, headers })).status).toBe(429);
  expect((await knock(env, "/validate", { body: BODY, headers })).status).toBe(401);
  expect(asked).toEqual([{ key: "203.0.113.7" }, { key: "203.0.113.7" }]);
});
