/**
 * The settings and bindings, checked once an isolate into a type with no holes.
 *
 * Law: what is wrong is said by the variable's name, never by its value. A gate that is not configured
 * answers nothing else.
 */
import { packaged, readRequirements, type Requirements } from "./completeness.ts";
import { ALGORITHMS, type Algorithm, type KeySource, localKeys, readKeySet, RemoteKeys } from "./keys.ts";
import { type Limits, readLimits } from "./limits.ts";
import { Origin } from "./origin.ts";
import { accept, refuse, type Result } from "./refusal.ts";
import { importSigner, type Signer } from "./sign.ts";

/** What the runtime hands over. */
export type UncheckedEnv = Readonly<Record<string, unknown>>;

export interface Env {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: ReadonlySet<Algorithm>;
  readonly keys: KeySource;
  readonly limits: Limits;
  readonly limiter: DurableObjectNamespace;
  /** Cloudflare's rate limiting binding by client address, the coarse outer ring; `null` where unbound. */
  readonly shield: RateLimit | null;
  /** Where documents are put before the origin hears of them; `null` where unbound. */
  readonly documents: R2Bucket | null;
  readonly origin: Origin;
  readonly signer: Signer;
  readonly deadlineMs: number;
  /** For how long, in seconds, a published status may be answered without asking the origin. */
  readonly statusSeconds: number;
  readonly version: string;
  /** What each product asks for, by the policy in force. */
  readonly requirements: Requirements;
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
const checked = new WeakMap<UncheckedEnv, Result<Env>>();

export async function readEnv(unchecked: UncheckedEnv): Promise<Result<Env>> {
  let result = checked.get(unchecked);
  if (result === undefined) checked.set(unchecked, (result = await check(unchecked)));
  return result;
}

class Misconfigured {
  readonly variable: string;
  readonly fault: string;
  constructor(variable: string, fault: string) {
    this.variable = variable;
    this.fault = fault;
  }
}

async function check(unchecked: UncheckedEnv): Promise<Result<Env>> {
  try {
    return accept(await envOf(unchecked));
  } catch (thrown) {
    if (thrown instanceof Misconfigured) return refuse({ is: "misconfigured", ...thrown });
    throw thrown;
  }
}

async function envOf(unchecked: UncheckedEnv): Promise<Env> {
  /** The text of a variable, read; `null` from `read` and a text that is missing are the fault. */
  function setting<T>(variable: string, fault: string, read: (text: string) => T | null): T {
    const text = unchecked[variable];
    const value = typeof text === "string" && text !== "" ? read(text) : null;
    if (value === null) throw new Misconfigured(variable, fault);
    return value;
  }
  const algorithms = setting("JWT_ALGORITHMS", `must name some of ${ALGORITHMS.join(", ")}, each once`, algorithmsOf);
  if (algorithms.has("HS256") && unchecked["ALLOW_HS256"] !== "true")
    throw new Misconfigured("JWT_ALGORITHMS", "may name HS256 only where ALLOW_HS256 is true");
  if (!isBound(unchecked["LIMITER"], "idFromName"))
    throw new Misconfigured("LIMITER", "must be bound to the Durable Object BrokerLimiter");
  return {
    issuer: setting("JWT_ISSUER", "must be set", (text) => text),
    audience: setting("JWT_AUDIENCE", "must be set", (text) => text),
    algorithms,
    keys: await keysOf(unchecked, algorithms, setting),
    limits: setting("LIMITS", "must hold per_minute and per_day of request and review, whole numbers from 1", readLimits),
    limiter: unchecked["LIMITER"] as DurableObjectNamespace,
    shield: isBound(unchecked["SHIELD"], "limit") ? (unchecked["SHIELD"] as RateLimit) : null,
    documents: isBound(unchecked["DOCUMENTS"], "put") ? (unchecked["DOCUMENTS"] as R2Bucket) : null,
    origin: isBound(unchecked["ORIGIN"], "fetch")
      ? new Origin("http://origin", unchecked["ORIGIN"] as Fetcher)
      : new Origin(setting("ORIGIN_URL", "must be an http or https URL without a path", originOf), null, accessOf(unchecked, setting)),
    signer: await signerOf(setting),
    deadlineMs: setting("ORIGIN_DEADLINE_MS", "must be a whole number from 100 to 300000", deadlineOf),
    statusSeconds: statusSecondsOf(unchecked, setting),
    version: setting("EDGE_VERSION", "must be set", (text) => text),
    requirements: requirementsOf(unchecked, setting),
  };
}

type Setting = <T>(variable: string, fault: string, read: (text: string) => T | null) => T;

function algorithmsOf(text: string): ReadonlySet<Algorithm> | null {
  const named = text.split(" ");
  const known = ALGORITHMS.filter((algorithm) => named.includes(algorithm));
  return known.length === named.length ? new Set(known) : null;
}

async function keysOf(unchecked: UncheckedEnv, algorithms: ReadonlySet<Algorithm>, setting: Setting): Promise<KeySource> {
  if (!unchecked["JWKS"] === !unchecked["JWKS_URL"])
    throw new Misconfigured("JWKS", "must be set, or else JWKS_URL, and not both");
  if (unchecked["JWKS_URL"]) return new RemoteKeys(setting("JWKS_URL", "must be an https URL", keysUrlOf), algorithms);
  const text = setting("JWKS", "must be text", (given) => given);
  const keys = await readKeySet(new TextEncoder().encode(text), algorithms);
  if (keys === null) throw new Misconfigured("JWKS", "must be a JWK set with a usable key for JWT_ALGORITHMS");
  return localKeys(keys);
}

function keysUrlOf(text: string): string | null {
  const url = URL.parse(text);
  return url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.includes(url.hostname)) ? url.href : null;
}

function originOf(text: string): string | null {
  const url = URL.parse(text);
  return url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` ? url.origin : null;
}

async function signerOf(setting: Setting): Promise<Signer> {
  const keyId = setting("ORIGIN_SIGNING_KEY_ID", "must be letters, digits and . _ -", matching(/^[A-Za-z0-9._-]{1,64}$/));
  const algorithm = setting("ORIGIN_SIGNING_ALG", "must be hmac-sha256 or ed25519", matching(/^(hmac-sha256|ed25519)$/));
  const fault = `must be a secret that fits ${algorithm}`;
  const secret = setting("ORIGIN_SIGNING_KEY", fault, (text) => text);
  try {
    return await importSigner(keyId, algorithm, secret);
  } catch {
    throw new Misconfigured("ORIGIN_SIGNING_KEY", fault);
  }
}

function matching(pattern: RegExp): (text: string) => string | null {
  return (text) => (pattern.test(text) ? text : null);
}

function deadlineOf(text: string): number | null {
  const milliseconds = Number(text);
  return Number.isInteger(milliseconds) && milliseconds >= 100 && milliseconds <= 300_000 ? milliseconds : null;
}

/** 10 where the variable is missing, which older settings do not have. */
function statusSecondsOf(unchecked: UncheckedEnv, setting: Setting): number {
  if (unchecked["STATUS_SECONDS"] === undefined) return 10;
  const read = (text: string) => (/^[0-9]{1,3}$/.test(text) && Number(text) <= 300 ? Number(text) : null);
  return setting("STATUS_SECONDS", "must be a whole number from 0 to 300", read);
}

/** The service token of the Cloudflare Access application in front of the origin, where there is one. */
function accessOf(unchecked: UncheckedEnv, setting: Setting): Readonly<Record<string, string>> {
  if (!unchecked["ACCESS_CLIENT_ID"] && !unchecked["ACCESS_CLIENT_SECRET"]) return {};
  const half = "must be set, or else neither of ACCESS_CLIENT_ID and ACCESS_CLIENT_SECRET";
  const header = matching(/^[\x21-\x7e]{1,256}$/);
  return {
    "cf-access-client-id": setting("ACCESS_CLIENT_ID", half, header),
    "cf-access-client-secret": setting("ACCESS_CLIENT_SECRET", half, header),
  };
}

/** A lender's own completeness table; the packaged packs' where the variable is empty. */
function requirementsOf(unchecked: UncheckedEnv, setting: Setting): Requirements {
  const own = unchecked["REQUIREMENTS"] ?? "";
  return own === "" ? packaged : setting("REQUIREMENTS", "must be what `lendgate policy requirements` prints", readRequirements);
}

function isBound(binding: unknown, method: string): boolean {
  return typeof binding === "object" && binding !== null && method in binding;
}
