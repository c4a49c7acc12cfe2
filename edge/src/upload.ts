/**
 * Step 5 for a document: its bytes stream through, watched, straight to the origin or, where a bucket is
 * bound, into the bucket, and the origin is told under which key.
 *
 * Law: the origin hears of a document only under a signature over its announced digest, and nobody ever gets
 * a whole body of another one. Sending a document again is harmless, so the caller may; the gate never does.
 */
import { away, received } from "./answer.ts";
import { type Content, CONTENT_SECONDS, pass, type Passage } from "./content.ts";
import { type Forwarded, signedHeaders } from "./envelope.ts";
import type { Env } from "./env.ts";
import { forward } from "./forward.ts";
import { type Refusal, refuse, type Result } from "./refusal.ts";
import { Deadline } from "./timing.ts";

type Common = Readonly<Record<string, string>>;

/** `common` are the headers of every answer. */
export async function upload(
  body: ReadableStream<Uint8Array>,
  content: Content,
  forwarded: Forwarded,
  env: Env,
  common: Common,
): Promise<Result<Response>> {
  if (!(await env.origin.alive())) return away("not-sent");
  if (env.documents !== null) return throughBucket(env.documents, body, content, forwarded, env, common);
  const { readable, writable } = new FixedLengthStream(content.length);
  const deadline = new Deadline(CONTENT_SECONDS * 1000);
  const stop = new AbortController();
  const answering = send(readable, forwarded, env, deadline.signal);
  const passing = pass(body, writable, content, stop.signal);
  void passing.then((end) => end === "whole" && deadline.restart(env.deadlineMs));
  const answer = await decided(answering, passing, stop);
  deadline.end();
  if (answer instanceof Response) return received(answer, forwarded.metadata.request_id, "harmless", env, common);
  if (answer !== null) return refuse(answer);
  env.origin.reachable = false;
  return away("harmless");
}

/** The origin's answer, or `null` when there is none. */
async function send(body: ReadableStream, forwarded: Forwarded, env: Env, signal: AbortSignal): Promise<Response | null> {
  const headers = await signedHeaders(forwarded, env.signer);
  const { path, query } = forwarded.bounded;
  return env.origin.fetch(path + query, { method: "PUT", headers, body, signal }).catch(() => null);
}

/**
 * The origin's answer, or what was wrong with the bytes. A refusal may come before the bytes are whole; a yes
 * is none before that.
 */
async function decided(
  answering: Promise<Response | null>,
  passing: Promise<Passage>,
  stop: AbortController,
): Promise<Response | Refusal | null> {
  const first = await Promise.race([answering, passing]);
  const refused = first instanceof Response && !first.ok;
  if (refused || first === null) stop.abort(); // nobody reads on
  if (refused) return first;
  const end = await passing;
  if (typeof end === "object") return end;
  const answer = await answering;
  return end === "whole" || !answer?.ok ? answer : null;
}

async function throughBucket(
  bucket: R2Bucket,
  body: ReadableStream<Uint8Array>,
  content: Content,
  forwarded: Forwarded,
  env: Env,
  common: Common,
): Promise<Result<Response>> {
  const key = keyOf(forwarded, content);
  const { readable, writable } = new FixedLengthStream(content.length);
  const options = { sha256: content.sha256, httpMetadata: { contentType: content.type } };
  const deadline = new Deadline(CONTENT_SECONDS * 1000);
  const storing = bucket.put(key, readable, options).then(() => true, () => (deadline.now(), false));
  const end = await pass(body, writable, content, deadline.signal);
  const stored = await storing;
  deadline.end();
  if (typeof end === "object") return refuse(end);
  if (!stored) return away("not-sent");
  const travelling = [...forwarded.bounded.travelling, ["lendgate-content-key", key] as const];
  const told = { ...forwarded, bounded: { ...forwarded.bounded, travelling } };
  const answer = await forward(told, new Uint8Array(), env, common);
  if (isRefused(answer)) await bucket.delete(key);
  return answer;
}

/** One key a sender, document and content: nobody writes over another's bytes, nor over other bytes of their own. */
function keyOf({ principal, bounded }: Forwarded, { sha256 }: Content): string {
  const [, , document] = bounded.path.split("/");
  return `${principal.tenant}/${principal.broker_id}/${document}/${sha256.toHex()}`;
}

/** Whether the origin surely has not taken what lies in the bucket. */
function isRefused(answer: Result<Response>): boolean {
  if (answer.ok) return !answer.value.ok && answer.value.status < 500;
  return answer.refusal.is === "origin-away" && answer.refusal.outcome === "not-sent";
}
