/** A document on its way through: the same bytes, once, signed by their announced digest. */
import { env as bindings } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { contentDigest } from "../src/sign.ts";
import { announced, arriving } from "./bodies.ts";
import { claimsOf, FakeOrigin, json, keySet, knock, makePair, type Pair, settings, tokenOf } from "./gate.ts";

const PATH = "/documents/d-1/content";
let pair: Pair;

beforeAll(async () => {
  pair = await makePair("ES256");
});

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

async function put(env: Record<string, unknown>, bytes: Uint8Array, body: Uint8Array | ReadableStream = bytes, claims = {}) {
  const token = await tokenOf(pair, claims);
  return knock(settings({ JWKS: keySet(pair), ...env }), PATH, { method: "PUT", token, body, headers: await announced(bytes) });
}

const taken = () => Response.json({ document_id: "d-1" }, { status: 202 });

describe("straight to the origin", () => {
  test.each([1, 2, 4095, 65_536, 1_000_003])("%i bytes come as they were sent", async (length) => {
    const bytes = randomBytes(length);
    const origin = new FakeOrigin(taken);
    const answer = await put({ ORIGIN: origin }, bytes);
    expect([answer.status, await json(answer)]).toEqual([202, { document_id: "d-1" }]);
    const [request] = origin.requests;
    expect([request?.method, request?.headers.get("content-type")]).toEqual(["PUT", "application/pdf"]);
    expect(request?.headers.get("content-digest")).toBe(await contentDigest(bytes));
    expect(await contentDigest((await request?.bytes()) ?? new Uint8Array())).toBe(await contentDigest(bytes));
  });

  test.each([[[1, 2, 3]], [[10, 90_000]], [[99_999]], [[65_536, 65_537]]])("cut at %j they are the same", async (cuts) => {
    const bytes = randomBytes(100_000);
    const origin = new FakeOrigin(taken);
    const parts = [0, ...cuts].map((start, at) => bytes.subarray(start, cuts[at] ?? bytes.length));
    const answer = await put({ ORIGIN: origin }, bytes, arriving(parts));
    expect(answer.status).toBe(202);
    expect(await contentDigest((await origin.requests[0]?.bytes()) ?? new Uint8Array())).toBe(await contentDigest(bytes));
  });

  test("the signature covers the digest and the type", async () => {
    const origin = new FakeOrigin(taken);
    await put({ ORIGIN: origin }, randomBytes(10));
    expect(origin.requests[0]?.headers.get("signature-input")).toMatch(
      /^edge=\("@method" "@path" "@query" "content-digest" "x-request-id" "lendgate-principal" "lendgate-metadata" "content-type" "traceparent"\)/,
    );
  });

  test("it counts as paid work", async () => {
    const answer = await put({ ORIGIN: new FakeOrigin(taken) }, randomBytes(10));
    expect(answer.headers.get("ratelimit-policy")).toContain('"paid-minute";q=6;w=60');
  });
});

describe("with a bucket", () => {
  test("the bytes lie there before the origin hears their key, signed", async () => {
    const bytes = randomBytes(300_000);
    const origin = new FakeOrigin(taken);
    const broker_id = String(claimsOf()["broker_id"]);
    const answer = await put({ ORIGIN: origin, DOCUMENTS: bindings.DOCUMENTS }, bytes, bytes, { broker_id });
    expect(answer.status).toBe(202);
    const [request] = origin.requests;
    const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    const key = `acme/${broker_id}/d-1/${sha256}`;
    expect([request?.headers.get("lendgate-content-key"), await request?.text()]).toEqual([key, ""]);
    expect(request?.headers.get("content-digest")).toBe(await contentDigest(bytes));
    expect(request?.headers.get("signature-input")).toContain('"content-type" "lendgate-content-key" "traceparent"');
    const stored = await bindings.DOCUMENTS.get(key);
    expect([stored?.size, stored?.httpMetadata?.contentType]).toEqual([300_000, "application/pdf"]);
    expect(await contentDigest((await stored?.bytes()) ?? new Uint8Array())).toBe(await contentDigest(bytes));
  });

  test("a document sent again is the same object", async () => {
    const bytes = randomBytes(1000);
    const claims = { broker_id: String(claimsOf()["broker_id"]) };
    const env = { ORIGIN: new FakeOrigin(taken), DOCUMENTS: bindings.DOCUMENTS };
    for (let at = 0; at < 2; at += 1) expect((await put(env, bytes, bytes, claims)).status).toBe(202);
    const { objects } = await bindings.DOCUMENTS.list({ prefix: `acme/${claims.broker_id}/` });
    expect(objects.length).toBe(1);
  });
});
