/**
 * A document's bytes: what must be said of them before they come, and how they are watched while they pass.
 *
 * Law: the last part is handed on only when the whole has the announced length and digest, so whoever reads
 * to the end has read what was announced. Nothing but one part is held.
 */
import { accept, type Refusal, refuse, type Result } from "./refusal.ts";
import { inTime } from "./timing.ts";

/** `schema.requests.MAX_DOCUMENT_BYTES` */
export const MAX_CONTENT_BYTES = 20 * 1024 * 1024;
/** How long the bytes may pause, and how long they may take in all. */
export const PAUSE_SECONDS = 10;
export const CONTENT_SECONDS = 300;
/** Large parts: each costs a turn of the loop (4 KiB, the default, halves the speed). */
const PART_BYTES = 65_536;
const TYPE = /^(application\/pdf|image\/(png|jpeg|tiff))$/i;
const LENGTH = /^[0-9]{1,9}$/;
/** RFC 9530, SHA-256 alone: 32 bytes of base64 in their one spelling. */
const DIGEST = /^sha-256=:([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=):$/;

/** What is announced. */
export interface Content {
  readonly length: number;
  readonly type: string;
  /** The Content-Digest field as it was sent. */
  readonly field: string;
  readonly sha256: Uint8Array;
}

export function contentOf(headers: Headers): Result<Content> {
  const type = headers.get("content-type") ?? "";
  if (!TYPE.test(type)) return refuse({ is: "not-a-document" });
  const declared = headers.get("content-length");
  if (declared === null) return refuse({ is: "no-length" });
  const length = LENGTH.test(declared) ? Number(declared) : Infinity;
  if (length > MAX_CONTENT_BYTES) return refuse({ is: "too-large", limit: MAX_CONTENT_BYTES });
  if (length === 0) return refuse({ is: "bad-request", fault: "The document is empty" });
  const field = headers.get("content-digest") ?? "";
  const digest = DIGEST.exec(field)?.[1];
  if (digest === undefined) return refuse({ is: "bad-request", fault: "Content-Digest must be sha-256=:<base64>: and no more" });
  return accept({ length, type, field, sha256: Uint8Array.fromBase64(digest) });
}

/** How a passage ended: the whole was handed on, the sink gave up, or the document was not as announced. */
export type Passage = "whole" | "gone" | Refusal;
type Reader = ReadableStreamBYOBReader;
type Writer = WritableStreamDefaultWriter<Uint8Array>;

/** Hands `source` on to `sink` until `stop`; unless it comes whole, both ends are told. */
export async function pass(
  source: ReadableStream<Uint8Array>,
  sink: WritableStream<Uint8Array>,
  content: Content,
  stop: AbortSignal,
): Promise<Passage> {
  const reader = source.getReader({ mode: "byob" });
  const writer = sink.getWriter();
  const stopped = new Promise<"gone">((resolve) => stop.addEventListener("abort", () => resolve("gone")));
  const end = await Promise.race([watched(reader, writer, content).catch(() => "gone" as const), stopped]);
  if (end !== "whole") void Promise.allSettled([reader.cancel(), writer.abort(new Error("not as announced")), writer.closed]);
  return end;
}

/** Throws when the sink does. */
async function watched(reader: Reader, writer: Writer, { length, sha256 }: Content): Promise<Passage> {
  const digest = new crypto.DigestStream("SHA-256");
  const hashing = digest.getWriter();
  const until = Date.now() + CONTENT_SECONDS * 1000;
  let count = 0;
  let held: Uint8Array | null = null;
  for (;;) {
    const part = await next(reader, until);
    if (part === null) break;
    if (!(part instanceof Uint8Array)) return part;
    count += part.length;
    if (count > length) break;
    await hashing.write(part);
    if (held !== null) await writer.write(held);
    held = part;
  }
  await hashing.close();
  if (count !== length) return { is: "bad-request", fault: "The document is not as long as Content-Length says" };
  if (!isSame(await digest.digest, sha256)) return { is: "bad-request", fault: "The document does not have the digest that Content-Digest says" };
  if (held !== null) await writer.write(held);
  await writer.close();
  return "whole";
}

/** The next part, `null` at the end. */
async function next(reader: Reader, until: number): Promise<Uint8Array | Refusal | null> {
  const read = await inTime(reader.read(new Uint8Array(PART_BYTES)), Math.min(PAUSE_SECONDS * 1000, until - Date.now()));
  if (read === "late") return { is: "slow-body", seconds: PAUSE_SECONDS };
  if (read === "cut") return { is: "bad-request", fault: "The document ended before it was whole; send it again" };
  return read.done ? null : read.value;
}

function isSame(digest: ArrayBuffer, expected: Uint8Array): boolean {
  return new Uint8Array(digest).toHex() === expected.toHex();
}
