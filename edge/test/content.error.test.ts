/** What is said of a document before its bytes: anything unclear is refused before a byte is read. */
import { describe, expect, test } from "vitest";
import { bound } from "../src/bound.ts";
import { MAX_CONTENT_BYTES } from "../src/content.ts";
import { FakeOrigin, json, knock, settings } from "./gate.ts";

const DIGEST = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
const GOOD = { "content-type": "application/pdf", "content-length": "1234", "content-digest": DIGEST };

function judged(changes: Record<string, string | null>): string {
  const headers = new Headers(GOOD);
  for (const [name, value] of Object.entries(changes)) value === null ? headers.delete(name) : headers.set(name, value);
  const result = bound(new Request("https://gate.test/documents/d-1/content", { method: "PUT", headers }));
  return result.ok ? "accepted" : result.refusal.is;
}

describe("Content-Type", () => {
  test.each([
    ["application/pdf", "accepted"],
    ["image/png", "accepted"],
    ["image/jpeg", "accepted"],
    ["IMAGE/TIFF", "accepted"],
    ["image/jpg", "not-a-document"],
    ["image/gif", "not-a-document"],
    ["image/svg+xml", "not-a-document"],
    ["application/pdf; charset=utf-8", "not-a-document"],
    ["application/pdf, image/png", "not-a-document"],
    ["application/pdfx", "not-a-document"],
    ["application/json", "not-a-document"],
    ["multipart/form-data; boundary=x", "not-a-document"],
    ["application/octet-stream", "not-a-document"],
    [null, "not-a-document"],
  ])("%j is %s", (type, expected) => {
    expect(judged({ "content-type": type })).toBe(expected);
  });
});

describe("Content-Length", () => {
  test.each([
    ["1", "accepted"],
    [String(MAX_CONTENT_BYTES), "accepted"],
    [String(MAX_CONTENT_BYTES + 1), "too-large"],
    ["9".repeat(30), "too-large"],
    ["0", "bad-request"],
    ["-1", "too-large"],
    ["1e3", "too-large"],
    ["0x10", "too-large"],
    ["12, 12", "too-large"],
    ["1.0", "too-large"],
    ["", "too-large"],
    [null, "no-length"],
  ])("%j is %s", (length, expected) => {
    expect(judged({ "content-length": length })).toBe(expected);
  });
});

describe("Content-Digest", () => {
  test.each([
    [DIGEST, "accepted"],
    [null, "bad-request"],
    ["", "bad-request"],
    [DIGEST.replace("sha-256", "SHA-256"), "bad-request"],
    [DIGEST.replace("sha-256", "sha-512"), "bad-request"],
    [`${DIGEST}, sha-512=:AAAA:`, "bad-request"],
    [`${DIGEST}, ${DIGEST}`, "bad-request"],
    [`${DIGEST};x=1`, "bad-request"],
    [DIGEST.replace("uFU=", "uFV="), "bad-request"], // stray bits: a second spelling
    [DIGEST.replace("=:", ":"), "bad-request"],
    [DIGEST.replaceAll("/", "_"), "bad-request"],
    ["sha-256=:AAAA:", "bad-request"],
    ["sha-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "bad-request"],
  ])("%j is %s", (digest, expected) => {
    expect(judged({ "content-digest": digest })).toBe(expected);
  });
});

test.each([
  ["gzip", "encoded-body"],
  ["identity", "accepted"],
])("Content-Encoding %s is %s", (encoding, expected) => {
  expect(judged({ "content-encoding": encoding })).toBe(expected);
});

test.each([
  [{ "content-length": null }, 411, "length-required", "A document is sent with Content-Length, not in chunks."],
  [{ "content-type": "text/html" }, 415, "unsupported-media-type", "The Content-Type must be application/pdf, image/png, image/jpeg or image/tiff."],
  [{ "content-length": "20971521" }, 413, "too-large", "The body may be at most 20971520 bytes."],
  [{ "content-digest": "md5=:AAAA:" }, 422, "invalid-request", "Content-Digest must be sha-256=:<base64>: and no more."],
] as const)("%j is answered %i, and the origin hears nothing", async (changes, status, kind, reason) => {
  const origin = new FakeOrigin();
  const kept = Object.entries({ ...GOOD, ...changes }).filter((pair): pair is [string, string] => pair[1] !== null);
  const answer = await knock(settings({ ORIGIN: origin }), "/documents/d-1/content", { method: "PUT", headers: Object.fromEntries(kept) });
  expect(await json(answer)).toMatchObject({ status, type: `urn:lendgate:problem:${kind}`, reason, ok: false });
  expect(origin.requests).toEqual([]);
});
