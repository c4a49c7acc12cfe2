/**
 * Answers of the origin that a broker may be given again for some seconds: one broker's, in the memory of
 * that broker's own object, so that nobody else's request can come near them.
 *
 * Law: pure but for its memory; `now` is milliseconds. Bounded in number and size, and never kept longer than
 * the origin allows.
 */

export interface Copy {
  readonly etag: string;
  readonly body: string;
}

const MAX_COPIES = 500;
export const MAX_COPY_CHARACTERS = 16_384;
/** The origin's leave (RFC 9111): for this caller alone, and for how long. */
const LEAVE = /^private, max-age=([0-9]{1,5})$/;

export class Kept {
  private readonly copies = new Map<string, Copy & { readonly until: number }>();

  /** What is kept under this id and is still fresh. */
  get(id: string, now: number): Copy | null {
    const copy = this.copies.get(id);
    if (copy === undefined || copy.until <= now) return null;
    return { etag: copy.etag, body: copy.body };
  }

  keep(id: string, copy: Copy, seconds: number, now: number): void {
    this.copies.delete(id);
    if (seconds <= 0 || copy.body.length > MAX_COPY_CHARACTERS) return;
    this.copies.set(id, { ...copy, until: now + seconds * 1000 });
    const [oldest] = this.copies.keys();
    if (this.copies.size > MAX_COPIES && oldest !== undefined) this.copies.delete(oldest);
  }
}

/** For how many seconds an answer may be kept: what it allows itself, at most `longest`; 0 for not at all. */
export function leaveOf(headers: Headers, longest: number): number {
  const allowed = LEAVE.exec(headers.get("cache-control") ?? "")?.[1];
  return allowed === undefined || !headers.has("etag") ? 0 : Math.min(Number(allowed), longest);
}
