/**
 * Step 1: is it a request this gate takes at all? Route, method, sizes and the headers that travel on.
 *
 * Law: pure but for `readBody`, which counts while it reads and stops at the limit.
 */
import { type Content, contentOf } from "./content.ts";
import { accept, refuse, type Result } from "./refusal.ts";
import { type Route, routesOf } from "./routes.ts";
import { inTime } from "./timing.ts";

/** An application may list hundreds of things; every other body is a few words. */
export const MAX_BODY_BYTES = 262_144;
export const MAX_WORDS_BYTES = 65_536;
const BODY_SECONDS = 10;
const MAX_QUERY = 1024;
const MAX_HEADER = 255;

/** Headers of the caller that travel on when present, in the order in which they are signed. */
const TRAVELLING = [
  "content-type", "accept", "idempotency-key", "prefer", "last-event-id", "if-match", "if-none-match",
] as const;
/** Scheme and host, path, query. Not `new URL`: a fifth of the cost of a small request, and it would mend paths. */
const URL_PARTS = /^[a-z]+:\/\/[^/?#]*([^?#]*)([^#]*)/;
/** What every URL parser leaves as it is, so that what is signed is what is sent. */
const QUERY = /^(\?[\w.~!$&()*+,;=:@/?%-]*)?$/;
const PRINTABLE = /^[\x20-\x7e]*$/;
const VISIBLE = /^[\x21-\x7e]+$/;
const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset=(utf-8|"utf-8")[ \t]*)?$/i;
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

export interface Bounded {
  readonly route: Route;
  readonly path: string;
  /** `""`, or `?` and what follows it. */
  readonly query: string;
  readonly travelling: readonly (readonly [name: string, value: string])[];
  /** What is announced of a document's bytes, where the route takes them. */
  readonly content: Content | null;
}

export function bound(request: Request): Result<Bounded> {
  const [, path = "", query = ""] = URL_PARTS.exec(request.url) ?? [];
  const routes = routesOf(path);
  const route = routes.find(({ method }) => method === request.method);
  if (routes.length === 0) return refuse({ is: "no-route" });
  if (route === undefined) return refuse({ is: "wrong-method", allow: routes.map(({ method }) => method).join(", ") });
  if (query.length > MAX_QUERY || !QUERY.test(query))
    return refuse({ is: "bad-request", fault: `The query may have at most ${MAX_QUERY} characters, percent-encoded` });
  const content = fit(route, request.headers);
  if (!content.ok) return content;
  const travelling: [string, string][] = [];
  for (const name of TRAVELLING) {
    const value = request.headers.get(name);
    if (value === null || (name === "content-type" && route.body === null)) continue;
    if (!fits(name, value)) return refuse({ is: "bad-request", fault: faultOf(name) });
    travelling.push([name, value]);
  }
  return accept({ route, path, query, travelling, content: content.value });
}

function fit(route: Route, headers: Headers): Result<Content | null> {
  if (route.conditional && !headers.has("if-match")) return refuse({ is: "unconditional" });
  if (route.body === null) return accept(null);
  if ((headers.get("content-encoding") ?? "identity").toLowerCase() !== "identity") return refuse({ is: "encoded-body" });
  if (route.body === "bytes") return contentOf(headers);
  if (!JSON_TYPE.test(headers.get("content-type") ?? "")) return refuse({ is: "not-json" });
  const limit = limitOf(route);
  return Number(headers.get("content-length") ?? 0) > limit ? refuse({ is: "too-large", limit }) : accept(null);
}

/** The longest body of a route, bytes. */
export function limitOf({ body }: Route): number {
  return body === "application" ? MAX_BODY_BYTES : MAX_WORDS_BYTES;
}

function fits(name: string, value: string): boolean {
  return value.length <= MAX_HEADER && (name === "idempotency-key" ? VISIBLE : PRINTABLE).test(value);
}

function faultOf(name: string): string {
  if (name === "idempotency-key") return `Idempotency-Key must be 1 to ${MAX_HEADER} visible ASCII characters`;
  return `The header ${name} must be at most ${MAX_HEADER} printable ASCII characters`;
}

/** W3C Trace Context: the caller's trace goes on under a new span; anything else starts a new trace. */
export function traceparent(received: string | null): string {
  const [, trace, flags] = TRACEPARENT.exec(received ?? "") ?? [];
  return `00-${trace ?? randomHex(16)}-${randomHex(8)}-${flags ?? "01"}`;
}

function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}

/** The whole body, or a refusal as soon as it proves longer or slower than allowed. */
export async function readBody(request: Request, limit = MAX_BODY_BYTES): Promise<Result<Uint8Array>> {
  // A declared length is enforced by HTTP itself, and was bounded: one read is then the cheapest.
  const declared = request.headers.has("content-length");
  const reading = declared ? request.bytes() : readAtMost(request.body, limit);
  const body = await inTime(reading, BODY_SECONDS * 1000);
  if (body === "late") return refuse({ is: "slow-body", seconds: BODY_SECONDS });
  if (body === "cut") return refuse({ is: "bad-request", fault: "The body ended before it was whole" });
  if (body === null || body.length > limit) return refuse({ is: "too-large", limit });
  return accept(body);
}

/** What a stream holds, or `null` as soon as it proves longer than `limit` bytes. */
export async function readAtMost(stream: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream ?? []) {
    length += chunk.length;
    if (length > limit) return null; // leaving the loop cancels the stream
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
