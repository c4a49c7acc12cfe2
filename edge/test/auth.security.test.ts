/** No forged token gets in; each answer says what is wrong with it and nothing about any key. */
import { beforeAll, describe, expect, test } from "vitest";
import { authenticate } from "../src/authenticate.ts";
import { readEnv, type UncheckedEnv } from "../src/env.ts";
import { FakeOrigin, json, keySet, knock, makePair, seconds, settings, SMALLEST, tokenOf } from "./gate.ts";
import { FORGERIES, type Keys } from "./tokens.ts";

const BODY = JSON.stringify(SMALLEST);
const origin = new FakeOrigin();
let keys: Keys;
let env: UncheckedEnv;

beforeAll(async () => {
  keys = { es: await makePair("ES256"), rs: await makePair("RS256"), ed: await makePair("EdDSA") };
  env = settings({ JWKS: keySet(keys.es, keys.rs, keys.ed), ORIGIN: origin });
});

describe("forged tokens", () => {
  test.each(FORGERIES.map((forgery) => [forgery.name, forgery] as const))("%s", async (_, { make, says }) => {
    const token = await make(keys);
    const answer = await knock(env, "/lending-review", { token, body: BODY });
    const problem = await json(answer);
    expect(problem).toMatchObject({ status: 401, type: "urn:lendgate:problem:unauthenticated", ok: false });
    expect(problem["reason"]).toContain(says);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm="lendgate", error="invalid_token", error_description="[ !#-[\]-~]+"$/);
    expect(JSON.stringify(problem)).not.toContain(token.slice(-20));
  });

  test("there are at least 24 kinds, and the origin heard of none", () => {
    expect(FORGERIES.length).toBeGreaterThanOrEqual(24);
    expect(origin.requests).toEqual([]);
  });

  test("a token that was good is judged by its times again", async () => {
    const checked = await readEnv(env);
    if (!checked.ok) throw new Error("the settings are good");
    const bearer = `Bearer ${await tokenOf(keys.es, { exp: seconds() + 10 })}`;
    const before = await authenticate(bearer, "validate", checked.value, Date.now());
    const after = await authenticate(bearer, "validate", checked.value, Date.now() + 10_000);
    expect([before.ok, after]).toMatchObject([true, { refusal: { is: "bad-token", fault: "it has expired (exp)" } }]);
  });

  test("a good token ends with its key, remembered or not", async () => {
    const token = await tokenOf(keys.es);
    expect((await knock(env, "/validate", { token, body: BODY })).status).toBe(200);
    for (const set of [keySet(keys.rs), keySet(await makePair("ES256", keys.es.kid))])
      expect((await knock(settings({ JWKS: set }), "/validate", { token, body: BODY })).status).toBe(401);
  });

  test("a remembered token still needs the right audience", async () => {
    const token = await tokenOf(keys.es);
    expect((await knock(env, "/validate", { token, body: BODY })).status).toBe(200);
    const other = settings({ JWKS: keySet(keys.es), JWT_AUDIENCE: "other" });
    expect((await knock(other, "/validate", { token, body: BODY })).status).toBe(401);
  });

  test("HS256 is refused even with an oct key in the set, unless it is allowed", async () => {
    const secret = new Uint8Array(32).fill(9);
    const jwk = { kty: "oct", kid: "local", k: secret.toBase64({ alphabet: "base64url", omitPadding: true }) };
    const set = JSON.stringify({ keys: [jwk, keys.es.jwk] });
    const privateKey = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const token = await tokenOf({ alg: "HS256", kid: "local", privateKey, jwk });
    expect((await knock(settings({ JWKS: set }), "/validate", { token, body: BODY })).status).toBe(401);
    const local = settings({ JWKS: set, JWT_ALGORITHMS: "ES256 HS256", ALLOW_HS256: "true" });
    expect((await knock(local, "/validate", { token, body: BODY })).status).toBe(200);
  });
});

describe("Authorization", () => {
  test.each([
    [undefined, 'Bearer realm="lendgate"', "needs an access token"],
    ["", 'Bearer realm="lendgate", error="invalid_token"', "Bearer <token>"],
    ["Basic dXNlcjpwYXNz", 'Bearer realm="lendgate", error="invalid_token"', "Bearer <token>"],
    ["Bearer", 'Bearer realm="lendgate", error="invalid_token"', "Bearer <token>"],
    ["Bearer a, Bearer b", 'Bearer realm="lendgate", error="invalid_token"', "Bearer <token>"],
  ])("%j is answered 401", async (authorization, challenge, says) => {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await knock(env, "/validate", { body: BODY, headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain(challenge);
    expect((await json(answer))["reason"]).toContain(says);
  });
});
