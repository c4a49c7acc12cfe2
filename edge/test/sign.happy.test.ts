/** Signatures against the vectors of RFC 9421 (B.2) and RFC 9530, and against a verifier of our own. */
import { describe, expect, test } from "vitest";
import { base64url, contentDigest, importSigner, makeNonce, sign, signatureBase, signatureOf, signatureParameters } from "../src/sign.ts";

const RFC_SECRET = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";
const RFC_ED25519 = {
  kty: "OKP",
  crv: "Ed25519",
  d: "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU",
  x: "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs",
};

describe("RFC 9421", () => {
  test("B.2.5, HMAC with a shared secret", async () => {
    const secret = base64url(Uint8Array.fromBase64(RFC_SECRET));
    const base = signatureBase(
      [
        ["date", "Tue, 20 Apr 2021 02:07:55 GMT"],
        ["@authority", "example.com"],
        ["content-type", "application/json"],
      ],
      '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    );
    const signer = await importSigner("test-shared-secret", "hmac-sha256", secret);
    expect(await signatureOf(base, signer)).toBe("pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
  });

  test("B.2.6, Ed25519", async () => {
    const base = signatureBase(
      [
        ["date", "Tue, 20 Apr 2021 02:07:55 GMT"],
        ["@method", "POST"],
        ["@path", "/foo"],
        ["@authority", "example.com"],
        ["content-type", "application/json"],
        ["content-length", "18"],
      ],
      '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    );
    const signer = await importSigner("test-key-ed25519", "ed25519", JSON.stringify(RFC_ED25519));
    const expected = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
    expect(await signatureOf(base, signer)).toBe(expected);
  });
});

test.each([
  ['{"hello": "world"}', "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"],
  ["", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"],
])("RFC 9530: the digest of %j", async (body, digest) => {
  expect(await contentDigest(new TextEncoder().encode(body))).toBe(digest);
});

test("the parameters are in the one form that the origin accepts", () => {
  const parameters = signatureParameters([["@method", "GET"], ["@path", "/"]], { keyId: "edge-1", algorithm: "ed25519" }, 1000, "n");
  expect(parameters).toBe('("@method" "@path");created=1000;expires=1060;nonce="n";keyid="edge-1";alg="ed25519";tag="lendgate-edge"');
});

test("the two headers are labelled edge", async () => {
  const signer = await importSigner("edge-1", "hmac-sha256", base64url(new Uint8Array(32)));
  const [input, signature] = await sign([["@method", "GET"]], signer, 1000, "n");
  expect(input?.[0]).toBe("signature-input");
  expect(input?.[1]).toMatch(/^edge=\("@method"\);created=1000;/);
  expect(signature).toEqual(["signature", expect.stringMatching(/^edge=:[A-Za-z0-9+/]{43}=:$/)]);
});

test("a nonce is 16 bytes in 22 characters, never the same", () => {
  const nonces = new Set(Array.from({ length: 1000 }, makeNonce));
  expect(nonces.size).toBe(1000);
  for (const nonce of nonces) expect(nonce).toMatch(/^[A-Za-z0-9_-]{22}$/);
});

describe("a key that does not fit is refused", () => {
  test.each([
    ["hmac-sha256", "c2hvcnQ"],
    ["hmac-sha256", "not base64!"],
    ["ed25519", "{}"],
    ["ed25519", JSON.stringify({ ...RFC_ED25519, d: undefined })],
    ["ed25519", JSON.stringify({ ...RFC_ED25519, crv: "X25519" })],
    ["rsa", RFC_SECRET],
  ])("%s %s", async (algorithm, secret) => {
    await expect(importSigner("k", algorithm, secret)).rejects.toThrow();
  });
});
