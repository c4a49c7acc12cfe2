/** A gate that is not configured says which setting, never its value, and lets nobody through. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import { FakeOrigin, keySet, knock, makePair, type Pair, settings, SMALLEST, tokenOf } from "./gate.ts";

const SENTINEL = "s3cr3t-value";
let pair: Pair;

beforeAll(async () => {
  pair = await makePair("ES256");
});

async function answered(changes: Record<string, unknown>): Promise<Response> {
  const env = settings({ JWKS: keySet(pair), ORIGIN: new FakeOrigin(), ...changes });
  return knock(env, "/validate", { token: await tokenOf(pair), body: JSON.stringify(SMALLEST) });
}

describe("refused", () => {
  test.each<[string, Record<string, unknown>]>([
    ["JWT_ISSUER", { JWT_ISSUER: "" }],
    ["JWT_ISSUER", { JWT_ISSUER: 7 }],
    ["JWT_AUDIENCE", { JWT_AUDIENCE: undefined }],
    ["JWT_ALGORITHMS", { JWT_ALGORITHMS: "" }],
    ["JWT_ALGORITHMS", { JWT_ALGORITHMS: `ES256 ${SENTINEL}` }],
    ["JWT_ALGORITHMS", { JWT_ALGORITHMS: "ES256 ES256" }],
    ["JWT_ALGORITHMS", { JWT_ALGORITHMS: "none" }],
    ["JWT_ALGORITHMS", { JWT_ALGORITHMS: "ES256 HS256" }],
    ["JWT_ALGORITHMS", { JWT_ALGORITHMS: "ES256 HS256", ALLOW_HS256: "yes" }],
    ["JWKS", { JWKS: "" }],
    ["JWKS", { JWKS_URL: "https://issuer.test/jwks" }],
    ["JWKS", { JWKS: SENTINEL }],
    ["JWKS", { JWKS: '{"keys":[]}' }],
    ["JWKS_URL", { JWKS: "", JWKS_URL: `http://issuer.test/${SENTINEL}` }],
    ["JWKS_URL", { JWKS: "", JWKS_URL: SENTINEL }],
    ["LIMITS", { LIMITS: SENTINEL }],
    ["LIMITS", { LIMITS: '{"request":{"per_minute":1,"per_day":1}}' }],
    ["LIMITS", { LIMITS: '{"request":{"per_minute":0,"per_day":1},"review":{"per_minute":1,"per_day":1}}' }],
    ["LIMITS", { LIMITS: '{"request":{"per_minute":1.5,"per_day":1},"review":{"per_minute":1,"per_day":1}}' }],
    ["LIMITS", { LIMITS: '{"request":{"per_minute":1,"per_day":1e9},"review":{"per_minute":1,"per_day":1}}' }],
    ["LIMITER", { LIMITER: undefined }],
    ["ORIGIN_URL", { ORIGIN: undefined }],
    ["ORIGIN_URL", { ORIGIN: undefined, ORIGIN_URL: `ftp://${SENTINEL}` }],
    ["ORIGIN_URL", { ORIGIN: undefined, ORIGIN_URL: "https://origin.test/api" }],
    ["ORIGIN_SIGNING_KEY_ID", { ORIGIN_SIGNING_KEY_ID: `"${SENTINEL}` }],
    ["ORIGIN_SIGNING_ALG", { ORIGIN_SIGNING_ALG: SENTINEL }],
    ["ORIGIN_SIGNING_KEY", { ORIGIN_SIGNING_KEY: "" }],
    ["ORIGIN_SIGNING_KEY", { ORIGIN_SIGNING_KEY: SENTINEL }],
    ["ORIGIN_SIGNING_KEY", { ORIGIN_SIGNING_ALG: "ed25519" }],
    ["ORIGIN_DEADLINE_MS", { ORIGIN_DEADLINE_MS: "soon" }],
    ["ORIGIN_DEADLINE_MS", { ORIGIN_DEADLINE_MS: "0" }],
    ["EDGE_VERSION", { EDGE_VERSION: "" }],
    ["REQUIREMENTS", { REQUIREMENTS: SENTINEL }],
    ["ACCESS_CLIENT_SECRET", { ORIGIN: undefined, ORIGIN_URL: "https://origin.test", ACCESS_CLIENT_ID: SENTINEL }],
    ["REQUIREMENTS", { REQUIREMENTS: '{"policy_version":"x","products":{"mortgage":{"missing_fields":[]}}}' }],
  ])("%s: %j", async (variable, changes) => {
    const answer = await answered(changes);
    const text = await answer.text();
    expect(answer.status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({
      type: "urn:lendgate:problem:gate-misconfigured",
      reason: expect.stringMatching(`^The setting ${variable} of the gate `) as string,
    });
    expect(text).not.toContain(SENTINEL);
  });
});

describe("taken", () => {
  test.each<[string, Record<string, unknown>]>([
    ["an address instead of the binding", { ORIGIN: undefined, ORIGIN_URL: "https://origin.test" }],
    ["HS256 where it is allowed", { JWT_ALGORITHMS: "HS256 ES256", ALLOW_HS256: "true" }],
    ["one algorithm", { JWT_ALGORITHMS: "ES256" }],
  ])("%s", async (_, changes) => {
    expect((await answered(changes)).status).toBe(200);
  });

  test("a key set on this machine may be fetched without TLS", async () => {
    const fetched = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(keySet(pair)));
    expect((await answered({ JWKS: "", JWKS_URL: "http://127.0.0.1:8080/jwks" })).status).toBe(200);
    expect(fetched.mock.calls[0]?.[0]).toBe("http://127.0.0.1:8080/jwks");
    fetched.mockRestore();
  });
});
