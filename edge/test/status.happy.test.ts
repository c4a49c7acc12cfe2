/** The status fast path: asked of the origin once, then answered here, for its own broker and for some seconds. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import { FakeOrigin, json, keySet, knock, makePair, type Pair, settings, tokenOf } from "./gate.ts";

const PATH = "/support/status/r-1";
let pair: Pair;

beforeAll(async () => {
  pair = await makePair("ES256");
});

/** An origin whose status has a version that each asking finds one higher. */
function publishing(headers: Record<string, string> = {}, status = 200) {
  let version = 0;
  return new FakeOrigin(() => {
    version += 1;
    const given = { etag: `"v${version}"`, "cache-control": "private, max-age=15", ...headers };
    return Response.json({ version }, { status, headers: given });
  });
}

function asking(origin: FakeOrigin, token: string, changes: Record<string, unknown> = {}) {
  const env = settings({ JWKS: keySet(pair), ORIGIN: origin, ...changes });
  return (headers: Record<string, string> = {}, path = PATH) => knock(env, path, { method: "GET", token, headers });
}

describe("a published status", () => {
  test("is asked for once, and then answered without the origin", async () => {
    const origin = publishing();
    const ask = asking(origin, await tokenOf(pair));
    for (let at = 0; at < 3; at += 1) {
      const answer = await ask();
      expect([answer.status, answer.headers.get("etag"), await json(answer)]).toEqual([200, '"v1"', { version: 1 }]);
      expect(answer.headers.get("cache-control")).toBe("private, no-cache");
      expect(answer.headers.get("vary")).toBe("authorization");
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(answer.headers.get("ratelimit")).toContain(`"request-minute";r=${11 - at}`);
    }
    expect(origin.requests.length).toBe(1);
  });

  test.each([['"v1"'], ['W/"v1"'], ['"x", "v1"'], ["*"]])("is 304 to whoever has it (%s), from the origin or from here", async (known) => {
    const origin = publishing();
    const ask = asking(origin, await tokenOf(pair));
    for (let at = 0; at < 2; at += 1) {
      const answer = await ask({ "if-none-match": known });
      expect([answer.status, answer.headers.get("etag"), await answer.text()]).toEqual([304, '"v1"', ""]);
    }
    expect(origin.requests.map(({ headers }) => headers.get("if-none-match"))).toEqual([null]);
  });

  test.each([['"v2"'], ['"v"'], ["v1"], ['"v1']])("is told whole to whoever has another (%s)", async (known) => {
    const ask = asking(publishing(), await tokenOf(pair));
    expect((await ask({ "if-none-match": known })).status).toBe(200);
    expect((await ask({ "if-none-match": known })).status).toBe(200);
  });

  test("is asked for again when its time is over, the shorter of the two", async () => {
    const origin = publishing({ "cache-control": "private, max-age=7" });
    const ask = asking(origin, await tokenOf(pair));
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      expect(await json(await ask())).toEqual({ version: 1 });
      vi.setSystemTime(Date.now() + 6900);
      expect(await json(await ask())).toEqual({ version: 1 });
      vi.setSystemTime(Date.now() + 200);
      expect(await json(await ask())).toEqual({ version: 2 });
    } finally {
      vi.useRealTimers();
    }
  });

  test("of another review is another", async () => {
    const origin = publishing();
    const ask = asking(origin, await tokenOf(pair));
    expect([await json(await ask()), await json(await ask({}, "/support/status/r-2"))]).toEqual([{ version: 1 }, { version: 2 }]);
  });
});

describe("nothing is kept", () => {
  test.each([
    ["an answer that must not be stored", { "cache-control": "no-store" }],
    ["an answer for everybody", { "cache-control": "public, max-age=60" }],
    ["an answer that is stale at once", { "cache-control": "private, max-age=0" }],
    ["an answer that says nothing of it", { "cache-control": "" }],
  ])("of %s", async (_, headers) => {
    const origin = publishing(headers);
    const ask = asking(origin, await tokenOf(pair));
    expect([await json(await ask()), await json(await ask())]).toEqual([{ version: 1 }, { version: 2 }]);
    expect((await ask()).headers.get("cache-control")).toBe("no-store");
  });

  test.each([404, 403, 500, 503])("of a %i", async (status) => {
    const origin = publishing({}, status);
    const ask = asking(origin, await tokenOf(pair));
    expect([(await ask()).status, (await ask()).status, origin.requests.length]).toEqual([status, status, 2]);
  });

  test("where STATUS_SECONDS is 0", async () => {
    const origin = publishing();
    const ask = asking(origin, await tokenOf(pair), { STATUS_SECONDS: "0" });
    await ask();
    await ask();
    expect(origin.requests.length).toBe(2);
  });

  test("of an answer that is too long", async () => {
    const origin = new FakeOrigin(() => Response.json({ long: "x".repeat(17_000) }, { headers: { etag: '"e"', "cache-control": "private, max-age=15" } }));
    const ask = asking(origin, await tokenOf(pair));
    expect((await (await ask()).text()).length).toBeGreaterThan(17_000);
    await ask();
    expect(origin.requests.length).toBe(2);
  });
});

describe("nobody else is told", () => {
  test.each([
    ["another broker", { broker_id: "rival" }],
    ["another tenant's broker of the same name", { tenant: "other" }],
  ])("%s asks the origin and hears what it says", async (_, changes) => {
    const broker_id = `b-${crypto.randomUUID()}`;
    const owner = asking(publishing(), await tokenOf(pair, { broker_id }));
    expect((await owner()).status).toBe(200);
    const refusing = new FakeOrigin(() => Response.json({ ok: false }, { status: 404 }));
    const answer = await asking(refusing, await tokenOf(pair, { broker_id, ...changes }))();
    expect([answer.status, refusing.requests.length]).toEqual([404, 1]);
  });

  test("the same broker without the scope gets 403, kept or not", async () => {
    const broker_id = `b-${crypto.randomUUID()}`;
    await asking(publishing(), await tokenOf(pair, { broker_id }))();
    const answer = await asking(publishing(), await tokenOf(pair, { broker_id, scope: "review:read" }))();
    expect(answer.status).toBe(403);
  });

  test("beyond its quota the broker is told nothing either", async () => {
    const ask = asking(publishing(), await tokenOf(pair));
    const statuses = [];
    for (let at = 0; at < 13; at += 1) statuses.push((await ask()).status);
    expect(statuses.slice(-2)).toEqual([200, 429]);
  });
});
