/** An origin that is away, slow or not ours: what the caller hears about acceptance is true. */
import { beforeAll, describe, expect, test } from "vitest";
import { Origin } from "../src/origin.ts";
import { ROUTES } from "../src/routes.ts";
import { FakeOrigin, json, keySet, knock, makePair, type Pair, settings, SMALLEST, tokenOf } from "./gate.ts";

const BODY = JSON.stringify(SMALLEST);
const NOT_ACCEPTED = "The review service cannot be reached; the request was not accepted, send it again later.";
const UNKNOWN = /whether the request was accepted is not known; sending it again may do the work twice/;
const REPEATABLE = /whether the request was accepted is not known; sending it again with the same Idempotency-Key is safe/;
const NOTHING_CHANGED = "The review service did not answer; nothing was changed, ask again later.";
const LOST = new Error("Network connection lost.");
let pair: Pair;

beforeAll(async () => {
  pair = await makePair("ES256");
});

/** Each request meets the next of these, and those after the last one meet the last one. */
function originOf(...answers: readonly (() => Response | Promise<Response>)[]) {
  const seen: Request[] = [];
  const origin = new FakeOrigin((request) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)];
    seen.push(request);
    return answer ? answer() : new Response("{}");
  });
  return { origin, seen };
}

const lost = () => Promise.reject<Response>(LOST);
const fine = () => Response.json({ id: "r-1" });

async function post(origin: object, headers: Record<string, string> = {}, changes: Record<string, unknown> = {}) {
  const env = settings({ JWKS: keySet(pair), ORIGIN: origin, ...changes });
  return knock(env, "/lending-review", { token: await tokenOf(pair), body: BODY, headers });
}

async function reasonOf(answer: Response): Promise<unknown> {
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("2");
  const problem = await json(answer);
  expect(problem).toMatchObject({ type: "urn:lendgate:problem:origin-unavailable", ok: false });
  return problem["reason"];
}

describe("away from the start", () => {
  test("nothing is sent, and the caller hears that nothing was accepted", async () => {
    const requests: string[] = [];
    const origin = { fetch: (url: string) => (requests.push(url), Promise.reject(LOST)) };
    expect(await reasonOf(await post(origin))).toBe(NOT_ACCEPTED);
    expect(requests).toEqual(["http://origin/livez"]);
  });

  test("it is asked again each time, and served once it is back", async () => {
    let up = false;
    const origin = new FakeOrigin(fine, () => (up ? fine() : lost()));
    const env = settings({ JWKS: keySet(pair), ORIGIN: origin });
    const ask = async () => knock(env, "/lending-review", { token: await tokenOf(pair), body: BODY });
    expect((await ask()).status).toBe(503);
    up = true;
    expect((await ask()).status).toBe(200);
  });
});

describe("lost on the way", () => {
  test("without Idempotency-Key: sent once, outcome not known", async () => {
    const { origin, seen } = originOf(lost, fine);
    expect(await reasonOf(await post(origin))).toMatch(UNKNOWN);
    expect(seen.length).toBe(1);
  });

  test("with Idempotency-Key: sent again with a new signature, and answered", async () => {
    const { origin, seen } = originOf(lost, fine);
    const answer = await post(origin, { "idempotency-key": "k-1" });
    expect([answer.status, seen.length]).toEqual([200, 2]);
    expect(seen[0]?.headers.get("signature")).not.toBe(seen[1]?.headers.get("signature"));
    expect(seen[0]?.headers.get("x-request-id")).toBe(seen[1]?.headers.get("x-request-id"));
    expect(await seen[1]?.text()).toBe(BODY);
  });

  test("with Idempotency-Key, twice: repeating is said to be safe", async () => {
    const { origin, seen } = originOf(lost);
    expect(await reasonOf(await post(origin, { "idempotency-key": "k-1" }))).toMatch(REPEATABLE);
    expect(seen.length).toBe(2);
  });

  test("a reading is asked again, and changes nothing", async () => {
    const { origin, seen } = originOf(lost);
    const env = settings({ JWKS: keySet(pair), ORIGIN: origin });
    const answer = await knock(env, "/lending-review/r-1", { method: "GET", token: await tokenOf(pair) });
    expect(await reasonOf(answer)).toBe(NOTHING_CHANGED);
    expect(seen.length).toBe(2);
  });

  test("the next caller hears that nothing was accepted", async () => {
    let up = true;
    const origin = new FakeOrigin(lost, () => (up ? fine() : lost()));
    const env = settings({ JWKS: keySet(pair), ORIGIN: origin });
    const ask = async () => reasonOf(await knock(env, "/lending-review", { token: await tokenOf(pair), body: BODY }));
    expect(await ask()).toMatch(UNKNOWN);
    up = false;
    expect(await ask()).toBe(NOT_ACCEPTED);
  });
});

describe("slow", () => {
  test("the deadline ends the wait; a key makes repeating safe; nothing is sent twice", async () => {
    const aborted: string[] = [];
    const origin = {
      fetch: (url: string, { signal }: RequestInit) =>
        url.endsWith("/livez")
          ? Promise.resolve(new Response("ok"))
          : new Promise<Response>((_, reject) => {
              signal?.addEventListener("abort", () => (aborted.push(url), reject(new Error("aborted"))));
            }),
    };
    const changes = { ORIGIN_DEADLINE_MS: "100" };
    expect(await reasonOf(await post(origin, { "idempotency-key": "k" }, changes))).toMatch(REPEATABLE);
    expect(aborted).toEqual(["http://origin/lending-review"]);
  });
});

describe("somebody else's answer", () => {
  test.each([
    [502, UNKNOWN],
    [504, UNKNOWN],
    [520, UNKNOWN],
    [521, NOT_ACCEPTED],
    [523, NOT_ACCEPTED],
    [530, NOT_ACCEPTED],
    [200, UNKNOWN],
    [302, UNKNOWN],
  ])("%i without our request id does not pass", async (status, said) => {
    const page = () => new Response("<html>", { status, headers: { "x-request-id": "-", location: "https://evil.test/" } });
    const answer = await post(originOf(page).origin);
    const reason = await reasonOf(answer);
    if (typeof said === "string") expect(reason).toBe(said);
    else expect(reason).toMatch(said);
    expect(answer.headers.get("location")).toBeNull();
  });
});

test("an origin that does not know our signature is our fault, not the caller's", async () => {
  const answer = await post(new FakeOrigin(() => Response.json({ ok: false }, { status: 401 })));
  expect(answer.status).toBe(503);
  expect(await json(answer)).toMatchObject({
    type: "urn:lendgate:problem:gate-misconfigured",
    reason: expect.stringMatching(/ORIGIN_SIGNING_KEY .* the request was not accepted/) as string,
  });
});

describe("probes", () => {
  test("/livez is the gate's own, whatever its settings", async () => {
    const answer = await knock({}, "/livez", { method: "GET" });
    expect([answer.status, await json(answer)]).toEqual([200, { ok: true }]);
  });

  test("/openapi.json is the contract, and names every route the gate has", async () => {
    const answer = await knock({}, "/openapi.json", { method: "GET" });
    const { openapi, paths } = await json(answer);
    expect([answer.status, openapi]).toEqual([200, "3.1.0"]);
    const named = Object.keys(paths ?? {}).map((path) => path.replace(/\{[a-z_]+\}/g, "{id}"));
    expect(named.sort()).toEqual([...new Set(ROUTES.map(({ path }) => path))].sort());
  });

  test("/readyz asks the origin at most every two seconds, without signature or principal", async () => {
    const fake = new FakeOrigin(() => new Response("ok"));
    const origin = new Origin("http://origin", fake as unknown as Fetcher);
    for (const now of [1000, 1001, 2999]) expect(await origin.ready(now)).toBe(true);
    expect(fake.requests.map(({ url, headers }) => [url, [...headers.keys()]])).toEqual([["http://origin/readyz", []]]);
    await origin.ready(3000);
    expect(fake.requests.length).toBe(2);
  });

  test.each([() => new Response("no", { status: 503 }), lost])("/readyz is 503 when the origin is not", async (answer) => {
    const env = settings({ JWKS: keySet(pair), ORIGIN: new FakeOrigin(answer) });
    const response = await knock(env, "/readyz", { method: "GET" });
    expect([response.status, await json(response)]).toEqual([503, { ok: false, origin: "not ready", edge_version: "test" }]);
  });
});
