/** Which keys of a JWK set serve, and for which algorithm. */
import { beforeAll, describe, expect, test } from "vitest";
import { ALGORITHMS, readKeySet } from "../src/keys.ts";
import { makePair, type Pair } from "./gate.ts";

let es: Pair;
let rs: Pair;
let ed: Pair;

beforeAll(async () => {
  [es, rs, ed] = await Promise.all([makePair("ES256"), makePair("RS256"), makePair("EdDSA")]);
});

async function namesIn(...keys: readonly object[]): Promise<string[] | null> {
  const set = await readKeySet(new TextEncoder().encode(JSON.stringify({ keys })), new Set(ALGORITHMS));
  return set && [...set.keys()];
}

test("each type of key serves its one algorithm", async () => {
  expect(await namesIn(es.jwk, rs.jwk, ed.jwk)).toEqual(["ES256 es256", "RS256 rs256", "EdDSA eddsa"]);
});

test("a key needs no alg and no use", async () => {
  const { alg: _, use: __, ...bare } = es.jwk;
  expect(await namesIn(bare)).toEqual(["ES256 es256"]);
});

test("keys of one kid and different types do not collide", async () => {
  expect(await namesIn({ ...es.jwk, kid: "k" }, { ...ed.jwk, kid: "k" })).toEqual(["ES256 k", "EdDSA k"]);
});

describe("left aside", () => {
  test.each<[string, () => object]>([
    ["a key for encryption", () => ({ ...es.jwk, use: "enc" })],
    ["a key for signing only", () => ({ ...es.jwk, key_ops: ["sign"] })],
    ["an RSA key for PS256", () => ({ ...rs.jwk, alg: "PS256" })],
    ["an EC key that claims HS256", () => ({ ...es.jwk, alg: "HS256" })],
    ["a key without kid", () => ({ ...es.jwk, kid: undefined })],
    ["a private key", () => ({ ...es.jwk, d: "AA" })],
    ["a point off the curve", () => ({ ...es.jwk, x: es.jwk.y })],
    ["another curve", () => ({ ...es.jwk, crv: "P-384" })],
    ["an RSA key of 1024 bits", () => ({ ...rs.jwk, n: String(rs.jwk.n).slice(0, 171) })],
    ["an HMAC secret of 31 bytes", () => ({ kty: "oct", kid: "h", k: "A".repeat(41) })],
    ["a number", () => Object(1) as object],
  ])("%s", async (_, make) => {
    expect(await namesIn(make(), ed.jwk)).toEqual(["EdDSA eddsa"]);
  });
});

describe("not a set", () => {
  test.each<[string, () => Promise<string[] | null>]>([
    ["no usable key", () => namesIn({ ...es.jwk, use: "enc" })],
    ["no key", () => namesIn()],
    ["two keys of one name", async () => namesIn(es.jwk, (await makePair("ES256")).jwk)],
    ["65 keys", () => namesIn(...Array.from({ length: 65 }, (_, at) => ({ ...es.jwk, kid: `k${at}` })))],
  ])("%s", async (_, read) => {
    expect(await read()).toBeNull();
  });

  test.each(["", "{}", "[]", '{"keys":{}}', '{"keys":[],"keys":[]}', "<html>"])("%j", async (text) => {
    expect(await readKeySet(new TextEncoder().encode(text), new Set(ALGORITHMS))).toBeNull();
  });
});
