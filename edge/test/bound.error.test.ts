/** What is not a request of this gate is refused at the door, before anybody asks who is calling. */
import { describe, expect, test, vi } from "vitest";
import { bound, MAX_BODY_BYTES, readBody } from "../src/bound.ts";
import type { Result } from "../src/refusal.ts";
import { FakeOrigin, json, knock, settings } from "./gate.ts";

const JSON_TYPE = { "content-type": "application/json" };

function request(method: string, path: string, headers: Record<string, string> = {}): Request {
  return new Request(`https://gate.test${path}`, { method, headers });
}

function refusal<T>(result: Result<T>): string {
  return result.ok ? "accepted" : result.refusal.is;
}

describe("routes", () => {
  test.each([
    ["/", "no-route"],
    ["/validate/", "no-route"],
    ["/Validate", "no-route"],
    ["//validate", "no-route"],
    ["/%76alidate", "no-route"],
    ["/lending-review/", "no-route"],
    ["/lending-review/..%2f..%2fetc", "no-route"],
    ["/lending-review/a/b", "no-route"],
    [`/lending-review/${"a".repeat(65)}`, "no-route"],
    ["/lending-review/-a", "no-route"],
    ["/metrics", "no-route"],
  ])("GET %s is %s", (path, expected) => {
    expect(refusal(bound(request("GET", path)))).toBe(expected);
  });

  test.each(["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "GET"])("%s /validate is answered 405 with Allow", async (method) => {
    const answer = await knock(settings(), "/validate", { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("a longest id and its events are routes", () => {
    const id = "a".repeat(64);
    expect(bound(request("GET", `/lending-review/${id}`)).ok).toBe(true);
    expect(bound(request("GET", `/lending-review/${id}/events?after=3`)).ok).toBe(true);
  });
});

describe("headers", () => {
  test.each([
    ["application/json", "accepted"],
    ["Application/JSON; charset=UTF-8", "accepted"],
    ['application/json;charset="utf-8"', "accepted"],
    ['application/json;charset="utf-8', "not-json"],
    ["application/json; charset=latin1", "not-json"],
    ["application/json, application/json", "not-json"],
    ["application/problem+json", "not-json"],
    ["text/plain", "not-json"],
    ["", "not-json"],
  ])("Content-Type %j is %s", (type, expected) => {
    expect(refusal(bound(request("POST", "/validate", { "content-type": type })))).toBe(expected);
  });

  test.each([
    ["identity", "accepted"],
    ["gzip", "encoded-body"],
    ["identity, gzip", "encoded-body"],
  ])("Content-Encoding %s is %s", (encoding, expected) => {
    expect(refusal(bound(request("POST", "/validate", { ...JSON_TYPE, "content-encoding": encoding })))).toBe(expected);
  });

  test.each([
    ["idempotency-key", "k".repeat(255), "accepted"],
    ["idempotency-key", "k".repeat(256), "bad-request"],
    ["idempotency-key", "two words", "bad-request"],
    ["idempotency-key", "", "bad-request"],
    ["prefer", "wait=5", "accepted"],
    ["prefer", "p".repeat(256), "bad-request"],
    ["last-event-id", "é", "bad-request"],
    ["accept", "a\tb", "bad-request"],
  ])("%s: %j is %s", (name, value, expected) => {
    expect(refusal(bound(request("POST", "/validate", { ...JSON_TYPE, [name]: value })))).toBe(expected);
  });

  test.each([
    ["?a=b&c=%20", "accepted"],
    [`?${"q".repeat(1023)}`, "accepted"],
    [`?${"q".repeat(1024)}`, "bad-request"],
    ["?a={b}", "bad-request"],
  ])("the query %j is %s", (query, expected) => {
    expect(refusal(bound(request("GET", `/lending-review/r-1${query}`)))).toBe(expected);
  });

  test("the caller's claims to be the edge do not travel", () => {
    const forged = { "x-request-id": "r", "lendgate-principal": "p", signature: "s", "content-digest": "d" };
    const result = bound(request("POST", "/validate", { ...JSON_TYPE, ...forged, accept: "*/*" }));
    expect(result.ok && result.value.travelling).toEqual([["content-type", "application/json"], ["accept", "*/*"]]);
  });
});

describe("sizes", () => {
  test.each([
    [MAX_BODY_BYTES, "accepted"],
    [MAX_BODY_BYTES + 1, "too-large"],
  ])("a declared length of %i is %s", (length, expected) => {
    expect(refusal(bound(request("POST", "/validate", { ...JSON_TYPE, "content-length": String(length) })))).toBe(expected);
  });

  test("an undeclared body is counted while it is read, and reading stops", async () => {
    let given = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        given += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const posted = new Request("https://gate.test/validate", { method: "POST", headers: JSON_TYPE, body: endless });
    expect(refusal(await readBody(posted))).toBe("too-large");
    expect(given).toBeLessThan(MAX_BODY_BYTES + 3 * 65_536);
  });

  test("a declared length that is not true is found out", async () => {
    const init = { method: "POST", headers: { "content-length": "5" }, body: new Uint8Array(MAX_BODY_BYTES + 1) };
    expect(refusal(await readBody(new Request("https://gate.test/validate", init)))).toBe("too-large");
  });

  test("a body that breaks off is the caller's fault, not ours", async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("gone")) });
    const posted = new Request("https://gate.test/validate", { method: "POST", body: broken });
    expect(refusal(await readBody(posted))).toBe("bad-request");
  });

  test("a body that never ends is not waited for", async () => {
    vi.useFakeTimers();
    try {
      const silent = new ReadableStream<Uint8Array>({});
      const reading = readBody(new Request("https://gate.test/validate", { method: "POST", body: silent }));
      await vi.advanceTimersByTimeAsync(10_000);
      expect(refusal(await reading)).toBe("slow-body");
    } finally {
      vi.useRealTimers();
    }
  });

  test("the longest body comes back whole", async () => {
    const chunks = [new Uint8Array(200_000).fill(1), new Uint8Array(MAX_BODY_BYTES - 200_000).fill(2)];
    const posted = new Request("https://gate.test/validate", { method: "POST", body: new Blob(chunks).stream() });
    const read = await readBody(posted);
    expect(read.ok && [read.value.length, read.value[199_999], read.value.at(-1)]).toEqual([MAX_BODY_BYTES, 1, 2]);
  });

  test("2 MB is a clear problem, and the origin hears nothing", async () => {
    const origin = new FakeOrigin();
    const headers = { "content-length": String(2 ** 21) };
    const answer = await knock(settings({ ORIGIN: origin }), "/lending-review", { headers });
    expect(await json(answer)).toMatchObject({ status: 413, ok: false, reason: "The body may be at most 262144 bytes." });
    expect(origin.requests).toEqual([]);
  });
});
