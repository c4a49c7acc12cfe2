/**
 * RFC 9421 HTTP Message Signatures, as much of them as the origin asks for.
 *
 * Law: pure but for WebCrypto; time and nonce are arguments. The order of the components is part of the
 * contract with `src/lendgate/web` (the signature check).
 */

export interface Signer {
  readonly keyId: string;
  readonly algorithm: "hmac-sha256" | "ed25519";
  readonly key: CryptoKey;
}
/** A covered component: a derived one (`@path`) or a header, and its value as it is sent. */
export type Component = readonly [name: string, value: string];

const LIFETIME_S = 60;
const UTF8 = new TextEncoder();

/** RFC 9530. */
export async function contentDigest(body: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", body);
  return `sha-256=:${new Uint8Array(digest).toBase64()}:`;
}

/** RFC 9421 2.5: one line a component, the parameters last. */
export function signatureBase(components: readonly Component[], parameters: string): string {
  return [...components, ["@signature-params", parameters] as const]
    .map(([name, value]) => `"${name}": ${value}`)
    .join("\n");
}

/** RFC 9421 2.3, in the one form that the origin accepts. */
export function signatureParameters(
  components: readonly Component[],
  { keyId, algorithm }: Pick<Signer, "keyId" | "algorithm">,
  created: number,
  nonce: string,
): string {
  const covered = components.map(([name]) => `"${name}"`).join(" ");
  return (
    `(${covered});created=${created};expires=${created + LIFETIME_S};nonce="${nonce}"` +
    `;keyid="${keyId}";alg="${algorithm}";tag="lendgate-edge"`
  );
}

/** The two headers of a signature labelled `edge`. */
export async function sign(
  components: readonly Component[],
  signer: Signer,
  created: number,
  nonce: string,
): Promise<readonly Component[]> {
  const parameters = signatureParameters(components, signer, created, nonce);
  const signature = await signatureOf(signatureBase(components, parameters), signer);
  return [
    ["signature-input", `edge=${parameters}`],
    ["signature", `edge=:${signature}:`],
  ];
}

export async function signatureOf(base: string, { algorithm, key }: Signer): Promise<string> {
  const name = algorithm === "ed25519" ? "Ed25519" : "HMAC";
  return new Uint8Array(await crypto.subtle.sign(name, key, UTF8.encode(base))).toBase64();
}

/** 16 random bytes: 22 characters of base64url. */
export function makeNonce(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(16)));
}

export function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

export function base64urlJson(value: unknown): string {
  return base64url(UTF8.encode(JSON.stringify(value)));
}

/** The signing key from its setting: base64url of 32 bytes (HMAC), or a private JWK (Ed25519). */
export async function importSigner(keyId: string, algorithm: string, secret: string): Promise<Signer> {
  if (algorithm === "hmac-sha256") {
    const raw = Uint8Array.fromBase64(secret, { alphabet: "base64url" });
    if (raw.length < 32) throw new Error("too short");
    const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return { keyId, algorithm, key };
  }
  if (algorithm !== "ed25519") throw new Error("unknown algorithm");
  const { kty, crv, x, d } = JSON.parse(secret) as JsonWebKey;
  const jwk = { kty, crv, x, d } as JsonWebKey;
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, false, ["sign"]);
  return { keyId, algorithm, key };
}
