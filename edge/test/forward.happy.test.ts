/** What reaches the origin, byte for byte and signed, and what comes back. */
import { beforeAll, describe, expect, test } from "vitest";
import { claimsOf, FakeOrigin, json, keySet, knock, makePair, type Pair, SECRET, seconds, settings, SMALLEST, tokenOf } from "./gate.ts";

const BODY = ` {"debt_to_income":3.1e-1,\t"income":"95000.00","applicant_id":"A123","external_ref":null}\n`;
let pair: Pair;

beforeAll(async () => {
  pair = await makePair("ES256");
});

function gate(origin: FakeOrigin, changes: Record<string, unknown> = {}) {
  return settings({ JWKS: keySet(pair), ORIGIN: origin, ...changes });
}

async function sent(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Request> {
  const origin = new FakeOrigin();
  const body = options.method === "GET" ? null : BODY;
  await knock(gate(origin), path, { token: await tokenOf(pair), body, ...options });
  const [request] = origin.requests;
  if (!request) throw new Error("nothing was forwarded");
  return request;
}

function decoded(request: Request, name: string): unknown {
  const bytes = Uint8Array.fromBase64(request.headers.get(name) ?? "", { alphabet: "base64url" });
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** A verifier written from the standard, not from src/sign.ts. */
async function verifies(request: Request, verify: (signature: Uint8Array, base: Uint8Array) => Promise<boolean>) {
  const input = request.headers.get("signature-input")?.replace(/^edge=/, "") ?? "";
  const covered = [...(/^\(([^)]*)\)/.exec(input)?.[1]?.matchAll(/"([^"]+)"/g) ?? [])].map(([, name]) => name ?? "");
  const url = new URL(request.url);
  const derived: Record<string, string> = { "@method": request.method, "@path": url.pathname, "@query": url.search || "?" };
  const lines = covered.map((name) => `"${name}": ${derived[name] ?? request.headers.get(name) ?? "?"}`);
  const base = new TextEncoder().encode([...lines, `"@signature-params": ${input}`].join("\n"));
  const signature = /^edge=:(.+):$/.exec(request.headers.get("signature") ?? "")?.[1] ?? "";
  return { covered, input, good: await verify(Uint8Array.fromBase64(signature), base) };
}

async function byHmac(signature: Uint8Array, base: Uint8Array): Promise<boolean> {
  const key = await crypto.subtle.importKey("raw", SECRET, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  return crypto.subtle.verify("HMAC", key, signature, base);
}

describe("the forwarded request", () => {
  test("carries the caller's bytes, not ours", async () => {
    const request = await sent("/lending-review?x=%20y");
    expect(await request.text()).toBe(BODY);
    expect([request.method, request.url]).toEqual(["POST", "http://origin/lending-review?x=%20y"]);
    expect(request.redirect).toBe("manual"); // a signed request goes nowhere else
  });

  test("names the principal and what the gate knows", async () => {
    const request = await sent("/lending-review");
    const scopes = String(claimsOf()["scope"]).split(" ");
    expect(decoded(request, "lendgate-principal")).toEqual({
      tenant: "acme", broker_id: expect.stringMatching(/^b-/) as string, subject: "client-1", scopes,
    });
    expect(decoded(request, "lendgate-metadata")).toMatchObject({
      request_id: request.headers.get("x-request-id"),
      received_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      schema_version: "1.0",
      edge_version: "test",
    });
  });

  test("is signed over everything that travels", async () => {
    const headers = { accept: "application/json", prefer: "wait=5", "idempotency-key": "k-1", "last-event-id": "9", "if-match": '"3"', "if-none-match": '"2"' };
    const { covered, input, good } = await verifies(await sent("/lending-review?a=b", { headers }), byHmac);
    expect(good).toBe(true);
    expect(covered.join(" ")).toBe(
      "@method @path @query content-digest x-request-id lendgate-principal lendgate-metadata " +
        "content-type accept idempotency-key prefer last-event-id if-match if-none-match traceparent",
    );
    const [, created = 0, expires = 0] = (/created=(\d+);expires=(\d+);/.exec(input) ?? []).map(Number);
    expect([Math.abs(created - seconds()) <= 2, expires - created]).toEqual([true, 60]);
  });

  test("without query, body and optional headers is signed all the same", async () => {
    const request = await sent("/lending-review/r-1", { method: "GET", headers: { "content-type": "text/plain" } });
    const { covered, good } = await verifies(request, byHmac);
    expect([good, covered.slice(7)]).toEqual([true, ["traceparent"]]);
    expect(request.headers.get("content-digest")).toBe("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
    expect(request.headers.get("content-type")).toBeNull();
  });

  test("is signed with Ed25519 where that is set", async () => {
    const keys = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
    const jwk = JSON.stringify(await crypto.subtle.exportKey("jwk", keys.privateKey));
    const origin = new FakeOrigin();
    const env = gate(origin, { ORIGIN_SIGNING_ALG: "ed25519", ORIGIN_SIGNING_KEY: jwk });
    await knock(env, "/lending-review", { token: await tokenOf(pair), body: BODY });
    const [request] = origin.requests;
    const verify = (signature: Uint8Array, base: Uint8Array) => crypto.subtle.verify("Ed25519", keys.publicKey, signature, base);
    expect(request && (await verifies(request, verify)).good).toBe(true);
  });

  test("carries nothing else of the caller's", async () => {
    const forged = {
      cookie: "a=b", forwarded: "for=1", signature: "edge=:AA==:", "signature-input": "edge=()", "content-digest": "x",
      "x-request-id": "mine", "lendgate-principal": "e30", "lendgate-metadata": "e30", "x-custom": "1", te: "trailers",
    };
    const request = await sent("/lending-review", { headers: forged });
    expect([...request.headers.keys()].sort()).toEqual([
      "content-digest", "content-type", "lendgate-metadata", "lendgate-principal", "signature", "signature-input", "traceparent", "x-request-id",
    ]);
    expect(request.headers.get("x-request-id")).not.toBe("mine");
    expect((await verifies(request, byHmac)).good).toBe(true);
  });
});

describe("traceparent", () => {
  const trace = "0af7651916cd43dd8448eb211c80319c";

  test("goes on with the caller's trace under a new span", async () => {
    const request = await sent("/lending-review", { headers: { traceparent: `00-${trace}-b7ad6b7169203331-00` } });
    expect(request.headers.get("traceparent")).toMatch(new RegExp(`^00-${trace}-(?!b7ad6b7169203331)[0-9a-f]{16}-00$`));
  });

  test.each(["", "garbage", `00-${"0".repeat(32)}-b7ad6b7169203331-01`, `ff-${trace}-b7ad6b7169203331-01`])("%j begins anew", async (traceparent) => {
    const request = await sent("/lending-review", { headers: { traceparent } });
    expect(request.headers.get("traceparent")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(request.headers.get("traceparent")).not.toMatch(new RegExp(`${trace}|0{32}`));
  });
});

describe("the answer", () => {
  async function through(answer: Response): Promise<Response> {
    return knock(gate(new FakeOrigin(() => answer)), "/lending-review", { token: await tokenOf(pair), body: JSON.stringify(SMALLEST) });
  }

  test("comes as the origin gave it, under our request id and never cached", async () => {
    const answer = await through(Response.json({ id: "r-9" }, { status: 202, headers: { location: "/lending-review/r-9", "cache-control": "public" } }));
    expect([answer.status, answer.headers.get("location"), await json(answer)]).toEqual([202, "/lending-review/r-9", { id: "r-9" }]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get("ratelimit")).toContain("review-minute");
  });

  test("keeps back what is the hop's own or inside matters", async () => {
    const inside = { server: "uvicorn", "set-cookie": "a=b", "lendgate-metadata": "e30", "x-powered-by": "x", connection: "close", traceparent: "t" };
    const answer = await through(new Response("{}", { headers: { ...inside, etag: '"1"' } }));
    for (const name of Object.keys(inside)) expect(answer.headers.get(name), name).toBeNull();
    expect(answer.headers.get("etag")).toBe('"1"');
  });

  test.each([409, 422, 500, 503])("a problem of the origin (%i) passes", async (status) => {
    const problem = { type: "urn:lendgate:problem:internal", ok: false };
    const answer = await through(Response.json(problem, { status, headers: { "retry-after": "7" } }));
    expect([answer.status, answer.headers.get("retry-after"), await json(answer)]).toEqual([status, "7", problem]);
  });

  test("events stream as they come, beyond the deadline for the head", async () => {
    let emit: (text: string) => void = () => undefined;
    const events = new ReadableStream<Uint8Array>({
      start(controller) {
        emit = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
    });
    const origin = new FakeOrigin(() => new Response(events, { headers: { "content-type": "text/event-stream" } }));
    const env = gate(origin, { ORIGIN_DEADLINE_MS: "100" });
    const answer = await knock(env, "/lending-review/r-1/events", { method: "GET", token: await tokenOf(pair) });
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const reader = answer.body?.getReader();
    for (const text of ["id: 1\n\n", "id: 2\n\n"]) {
      emit(text);
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(text);
      await scheduler.wait(120);
    }
    await reader?.cancel();
  });
});

describe("a file for an underwriter", () => {
  const MOST = 20 * 1024 * 1024;
  const HEADERS = {
    "content-type": "application/pdf",
    "content-disposition": 'attachment; filename="d-1.pdf"',
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
  };

  test("of 20 MiB comes byte for byte, beyond the deadline for the head, with every header that tames it", async () => {
    const part = new Uint8Array(65_536).map((_, at) => at % 251);
    let sent = 0;
    const content = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (sent === 0) await scheduler.wait(150);
        controller.enqueue(part);
        sent += part.length;
        if (sent === MOST) controller.close();
      },
    });
    const env = gate(new FakeOrigin(() => new Response(content, { headers: HEADERS })), { ORIGIN_DEADLINE_MS: "100" });
    const answer = await knock(env, "/inspections/d-1/content", { method: "GET", token: await tokenOf(pair) });
    for (const [name, value] of Object.entries(HEADERS)) expect(answer.headers.get(name), name).toBe(value);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    const whole = await answer.bytes();
    expect(whole.length).toBe(MOST);
    for (let at = 0; at < MOST; at += part.length) expect(firstDifference(whole.subarray(at, at + part.length), part)).toBe(-1);
  });

  test("is asked for once: a look that got lost is not taken again by the gate", async () => {
    let asked = 0;
    const env = gate(new FakeOrigin(() => ((asked += 1), Promise.reject<Response>(new Error("Network connection lost.")))));
    const answer = await knock(env, "/inspections/d-1/content", { method: "GET", token: await tokenOf(pair) });
    expect([answer.status, asked]).toEqual([503, 1]);
  });
});

/** Where two parts first differ; -1 where they do not. */
function firstDifference(one: Uint8Array, other: Uint8Array): number {
  return one.length === other.length ? one.findIndex((byte, at) => byte !== other[at]) : 0;
}
