/** Keys behind a URL: outage, rotation, poison, slowness and storms. */
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { RemoteKeys } from "../src/keys.ts";
import { FakeOrigin, json, keySet, knock, makePair, type Pair, settings, SMALLEST, tokenOf } from "./gate.ts";

const URL = "https://issuer.test/jwks";
const START = 1_800_000_000_000;
const MINUTE = 60_000;
const ALLOWED = new Set(["ES256"] as const);
let first: Pair;
let second: Pair;

beforeAll(async () => {
  [first, second] = await Promise.all([makePair("ES256", "one"), makePair("ES256", "two")]);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The issuer answers this from now on. */
function serve(answer: () => Response | Promise<Response>): () => number {
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve().then(answer));
  return () => spy.mock.calls.length;
}

function serveKeys(...pairs: readonly Pair[]): () => number {
  return serve(() => new Response(keySet(...pairs)));
}

async function find(keys: RemoteKeys, kid: string, now: number): Promise<string> {
  return (await keys.find("ES256", kid, now)).is;
}

test("keys are fetched once and kept", async () => {
  const calls = serveKeys(first);
  const keys = new RemoteKeys(URL, ALLOWED);
  expect(await find(keys, "one", START)).toBe("key");
  expect(await find(keys, "one", START + 9 * MINUTE)).toBe("key");
  expect(calls()).toBe(1);
});

test("a hundred callers at once cost one fetch", async () => {
  const calls = serveKeys(first);
  const keys = new RemoteKeys(URL, ALLOWED);
  const found = await Promise.all(Array.from({ length: 100 }, () => find(keys, "one", START)));
  expect([new Set(found), calls()]).toEqual([new Set(["key"]), 1]);
});

test("a slow issuer is asked once, however long it takes", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const calls = serve(() => promise);
  const keys = new RemoteKeys(URL, ALLOWED);
  const waiting = [START, START + 2500, START + 60_000].map((now) => find(keys, "one", now));
  await Promise.resolve();
  resolve(new Response(keySet(first)));
  expect([await Promise.all(waiting), calls()]).toEqual([["key", "key", "key"], 1]);
});

describe("rotation", () => {
  test("a new kid is found at once", async () => {
    const keys = new RemoteKeys(URL, ALLOWED);
    serveKeys(first);
    await find(keys, "one", START);
    serveKeys(first, second);
    expect(await find(keys, "two", START + MINUTE)).toBe("key");
  });

  test("a withdrawn key stops within ten minutes", async () => {
    const keys = new RemoteKeys(URL, ALLOWED);
    serveKeys(first);
    await find(keys, "one", START);
    serveKeys(second);
    expect(await find(keys, "one", START + 10 * MINUTE - 1)).toBe("key");
    expect(await find(keys, "one", START + 10 * MINUTE)).toBe("unknown");
  });

  test("an unchanged set keeps the same key objects", async () => {
    const keys = new RemoteKeys(URL, ALLOWED);
    serveKeys(first);
    const before = await keys.find("ES256", "one", START);
    const after = await keys.find("ES256", "one", START + 11 * MINUTE);
    expect(before.is === "key" && after.is === "key" && before.key === after.key).toBe(true);
  });
});

test("a storm of unknown kids costs one fetch in 30 seconds", async () => {
  const calls = serveKeys(first);
  const keys = new RemoteKeys(URL, ALLOWED);
  await find(keys, "one", START);
  for (let at = 0; at < 200; at += 1) expect(await find(keys, `forged-${at}`, START + 29_999)).toBe("unknown");
  expect(calls()).toBe(1);
  await find(keys, "forged", START + 30_000);
  await find(keys, "forged", START + 30_001);
  expect(calls()).toBe(2);
});

describe("outage", () => {
  const FAILURES: readonly [string, () => Response | Promise<Response>][] = [
    ["503", () => new Response("no", { status: 503 })],
    ["a redirect", () => new Response(null, { status: 302, headers: { location: "https://evil.test/jwks" } })],
    ["no connection", () => Promise.reject(new Error("Network connection lost."))],
    ["a page", () => new Response("<html>sign in</html>")],
    ["an empty set", () => new Response('{"keys":[]}')],
    ["10 MB", () => new Response(`{"keys":[${" ".repeat(10_000_000)}]}`)],
    ["a key set twice over", () => new Response(`${keySet(second)}${keySet(second)}`)],
  ];

  test.each(FAILURES)("%s leaves the keys that were there", async (_, answer) => {
    const keys = new RemoteKeys(URL, ALLOWED);
    serveKeys(first);
    await find(keys, "one", START);
    serve(answer);
    expect(await find(keys, "one", START + 11 * MINUTE)).toBe("key");
    expect(await find(keys, "two", START + 12 * MINUTE)).toBe("unknown");
  });

  test.each(FAILURES)("%s before any key is said as what it is, and tried again soon", async (_, answer) => {
    const calls = serve(answer);
    const keys = new RemoteKeys(URL, ALLOWED);
    expect(await find(keys, "one", START)).toBe("away");
    expect(await find(keys, "one", START + 1999)).toBe("away");
    expect(calls()).toBe(1);
    serveKeys(first);
    expect(await find(keys, "one", START + 2000)).toBe("key");
  });

  test("keys nobody confirmed for a day are believed no more", async () => {
    const keys = new RemoteKeys(URL, ALLOWED);
    serveKeys(first);
    await find(keys, "one", START);
    serve(() => new Response("no", { status: 503 }));
    expect(await find(keys, "one", START + 24 * 60 * MINUTE - 1)).toBe("key");
    expect(await find(keys, "one", START + 25 * 60 * MINUTE)).toBe("away");
  });

  test("the fetch asks for a deadline and follows no redirect", async () => {
    const spy = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(keySet(first)));
    await find(new RemoteKeys(URL, ALLOWED), "one", START);
    expect(spy.mock.calls[0]?.[1]).toMatchObject({ redirect: "manual", signal: expect.any(AbortSignal) as AbortSignal });
  });

  test("the caller hears 503 with Retry-After, not 401", async () => {
    serve(() => new Response("no", { status: 503 }));
    const env = settings({ JWKS_URL: "https://issuer.test/other", ORIGIN: new FakeOrigin() });
    const answer = await knock(env, "/validate", { token: await tokenOf(first), body: JSON.stringify(SMALLEST) });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"]);
    expect((await json(answer))["reason"]).toContain("JWKS_URL");
  });
});
