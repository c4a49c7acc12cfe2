/** Documents that are not what was announced, senders that stop, origins that do not answer: nothing is accepted. */
import { env as bindings } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { announced, arriving } from "./bodies.ts";
import { claimsOf, FakeOrigin, json, keySet, knock, makePair, type Pair, settings, tokenOf } from "./gate.ts";

const BYTES = new Uint8Array(100_000).fill(37);
const LENGTH = "The document is not as long as Content-Length says.";
const DIGEST = "The document does not have the digest that Content-Digest says.";
let pair: Pair;

beforeAll(async () => {
  pair = await makePair("ES256");
});

/** An origin that answers before it has read anything, and reads on only if it said yes. */
function hasty(status: number) {
  return {
    fetch: async (url: string, init: RequestInit): Promise<Response> => {
      if (status < 300 && init.body) void new Response(init.body as ReadableStream).bytes().catch(() => null);
      const headers = { "x-request-id": new Headers(init.headers).get("x-request-id") ?? "" };
      return new Response(null, { status: url.endsWith("/livez") ? 200 : status, headers });
    },
  };
}

/** An origin that reads what comes and remembers whether it was whole. */
function reading() {
  const whole: boolean[] = [];
  const origin = {
    fetch: async (url: string, init: RequestInit): Promise<Response> => {
      if (url.endsWith("/livez")) return new Response("ok");
      const request = new Request(url, init);
      whole.push(await request.bytes().then(() => true, () => false));
      if (whole.at(-1) === false) throw new Error("Network connection lost.");
      return new Response(null, { status: 202, headers: { "x-request-id": request.headers.get("x-request-id") ?? "" } });
    },
  };
  return { origin, whole };
}

async function put(env: Record<string, unknown>, body: Uint8Array | ReadableStream, headers: Record<string, string>, claims = {}) {
  const token = await tokenOf(pair, claims);
  return knock(settings({ JWKS: keySet(pair), ...env }), "/documents/d-1/content", { method: "PUT", token, body, headers });
}

const other = () => BYTES.with(50_000, 38);
const LIES: [string, () => Uint8Array | ReadableStream, string][] = [
  ["another byte in the middle", other, DIGEST],
  ["another last byte", () => BYTES.with(99_999, 38), DIGEST],
  ["one byte more", () => arriving([BYTES, new Uint8Array(1)]), LENGTH],
  ["one byte less", () => arriving([BYTES.subarray(1)]), LENGTH],
  ["nothing at all", () => arriving([]), LENGTH],
  ["a million bytes more", () => arriving([BYTES, new Uint8Array(1_000_000)]), LENGTH],
];

describe("a document that is not as announced", () => {
  test.each(LIES)("%s: the origin sees a broken body", async (_, body, reason) => {
    const { origin, whole } = reading();
    const answer = await put({ ORIGIN: origin }, body(), await announced(BYTES));
    expect(await json(answer)).toMatchObject({ status: 422, type: "urn:lendgate:problem:invalid-request", reason });
    await vi.waitFor(() => expect(whole).toEqual([false]));
  });

  test.each(LIES)("%s: the bucket keeps nothing and the origin hears nothing", async (_, body, reason) => {
    const { origin, whole } = reading();
    const broker_id = String(claimsOf()["broker_id"]);
    const answer = await put({ ORIGIN: origin, DOCUMENTS: bindings.DOCUMENTS }, body(), await announced(BYTES), { broker_id });
    expect(await json(answer)).toMatchObject({ status: 422, reason });
    expect([whole, await kept(broker_id)]).toEqual([[], 0]);
  });

  test("a sender that breaks off is told to send it again", async () => {
    const { origin, whole } = reading();
    const answer = await put({ ORIGIN: origin }, arriving([BYTES.subarray(0, 20_000)], "breaks"), await announced(BYTES));
    expect(await json(answer)).toMatchObject({ status: 422, reason: "The document ended before it was whole; send it again." });
    await vi.waitFor(() => expect(whole).toEqual([false]));
  });
});

async function kept(broker_id: string): Promise<number> {
  return (await bindings.DOCUMENTS.list({ prefix: `acme/${broker_id}/` })).objects.length;
}

describe("an origin that refuses", () => {
  test("before the bytes are whole is heard at once", async () => {
    const answer = await put({ ORIGIN: hasty(409) }, arriving([BYTES.subarray(0, 10)], "pauses"), await announced(BYTES));
    expect(answer.status).toBe(409);
  });

  test("a yes before the bytes are whole is none", async () => {
    const answer = await put({ ORIGIN: hasty(202) }, BYTES.with(99_999, 38), await announced(BYTES));
    expect(await json(answer)).toMatchObject({ status: 422, reason: DIGEST });
  });

  test.each([404, 409, 422])("with %i loses its copy in the bucket", async (status) => {
    const broker_id = String(claimsOf()["broker_id"]);
    const origin = new FakeOrigin(() => Response.json({ ok: false }, { status }));
    const answer = await put({ ORIGIN: origin, DOCUMENTS: bindings.DOCUMENTS }, BYTES, await announced(BYTES), { broker_id });
    expect([answer.status, await kept(broker_id)]).toEqual([status, 0]);
  });
});

describe("an origin that is away", () => {
  test("from the start: not a byte is read, and nothing was accepted", async () => {
    const origin = new FakeOrigin(undefined, () => Promise.reject(new Error("Network connection lost.")));
    const answer = await put({ ORIGIN: origin }, BYTES, await announced(BYTES));
    expect(await json(answer)).toMatchObject({ status: 503, reason: expect.stringContaining("was not accepted") as string });
  });

  test("on the way: sending it again is said to be safe, and the gate does not", async () => {
    const origin = new FakeOrigin(() => Promise.reject(new Error("Network connection lost.")));
    const answer = await put({ ORIGIN: origin }, BYTES, await announced(BYTES));
    const reason = "The review service did not answer, so whether the request was accepted is not known; sending it again is safe.";
    expect(await json(answer)).toMatchObject({ status: 503, reason });
    expect(origin.requests.length).toBe(1);
  });

  test("after the bytes lie in the bucket: they stay, for it may have taken them", async () => {
    const broker_id = String(claimsOf()["broker_id"]);
    const origin = new FakeOrigin(() => Promise.reject(new Error("Network connection lost.")));
    await put({ ORIGIN: origin, DOCUMENTS: bindings.DOCUMENTS }, BYTES, await announced(BYTES), { broker_id });
    expect(await kept(broker_id)).toBe(1);
  });
});

describe("a sender that pauses", () => {
  test("for ten seconds is not waited for", async () => {
    const { origin, whole } = reading();
    const headers = await announced(BYTES);
    const token = await tokenOf(pair);
    vi.useFakeTimers();
    try {
      const silent = arriving([BYTES.subarray(0, 10)], "pauses");
      const answering = knock(settings({ JWKS: keySet(pair), ORIGIN: origin }), "/documents/d-1/content", { method: "PUT", token, body: silent, headers });
      for (let at = 0; at < 50; at += 1) await vi.advanceTimersByTimeAsync(250);
      expect((await answering).status).toBe(408);
    } finally {
      vi.useRealTimers();
    }
    await vi.waitFor(() => expect(whole).toEqual([false]));
  });
});
