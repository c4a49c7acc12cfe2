/**
 * Strict JSON: the one reading of a body on which the Worker and the origin agree.
 *
 * Law: the same verdict, pointer and sentence as `src/lendgate/intake/strict_json.py`; `contract/vectors`
 * holds both to it. Values come from JSON.parse; this reader only decides whether they may.
 */

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [member: string]: JsonValue;
}
/** One thing wrong with one place: an RFC 6901 pointer (`""` is the whole body) and one sentence. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}
export type Parsed = { ok: true; value: JsonValue } | { ok: false; fault: Fault };

export const MAX_DEPTH = 32;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const HEX4 = /^[0-9a-fA-F]{4}$/;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const TAB = 0x09, LF = 0x0a, CR = 0x0d, SPACE = 0x20, QUOTE = 0x22, COMMA = 0x2c, COLON = 0x3a;
const OPEN_LIST = 0x5b, BACKSLASH = 0x5c, CLOSE_LIST = 0x5d, OPEN_OBJECT = 0x7b, CLOSE_OBJECT = 0x7d;

export function parse(body: Uint8Array): Parsed {
  if (body.length === 0) return refused("", "the body is empty");
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf)
    return refused("", "must not begin with a byte order mark");
  let text: string;
  try {
    text = UTF8.decode(body);
  } catch {
    return refused("", "must be UTF-8");
  }
  try {
    new Reader(text).whole();
  } catch (thrown) {
    if (thrown instanceof Refused) return { ok: false, fault: thrown.fault };
    throw thrown;
  }
  return { ok: true, value: JSON.parse(text) as JsonValue };
}

/** A member name as an RFC 6901 reference token. */
export function escapeToken(key: string): string {
  return key.includes("~") || key.includes("/") ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(pointer: string, detail: string): Parsed {
  return { ok: false, fault: { pointer, detail } };
}

class Refused {
  readonly fault: Fault;
  constructor(fault: Fault) {
    this.fault = fault;
  }
}

/** A recursive descent that builds nothing; `at` is the next character, `path` the place so far. */
class Reader {
  private at = 0;
  private readonly path: (string | number)[] = [];
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  whole(): void {
    this.space();
    this.value();
    this.space();
    if (this.at !== this.text.length) throw this.malformed(this.at);
  }

  private value(): void {
    const code = this.text.charCodeAt(this.at);
    if (code === QUOTE) this.string();
    else if (code === OPEN_OBJECT) this.object();
    else if (code === OPEN_LIST) this.list();
    else this.scalar(code);
  }

  private object(): void {
    this.enter();
    if (this.take(CLOSE_OBJECT)) return;
    const seen = new Set<string>();
    do {
      this.space();
      if (this.text.charCodeAt(this.at) !== QUOTE) throw this.malformed(this.at);
      const key = this.string();
      if (seen.size === seen.add(key).size) throw this.refusal("appears more than once", key);
      this.space();
      if (!this.take(COLON)) throw this.malformed(this.at);
      this.member(key);
    } while (this.more(CLOSE_OBJECT));
  }

  private list(): void {
    this.enter();
    if (this.take(CLOSE_LIST)) return;
    let index = 0;
    do this.member(index++);
    while (this.more(CLOSE_LIST));
  }

  private enter(): void {
    if (this.path.length >= MAX_DEPTH) throw this.refusal(`is nested deeper than ${MAX_DEPTH} levels`);
    this.at += 1;
    this.space();
  }

  private member(token: string | number): void {
    this.space();
    this.path.push(token);
    this.value();
    this.path.pop();
  }

  private more(close: number): boolean {
    this.space();
    if (this.take(close)) return false;
    if (!this.take(COMMA)) throw this.malformed(this.at);
    return true;
  }

  private take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false;
    this.at += 1;
    return true;
  }

  private space(): void {
    for (; ; this.at += 1) {
      const code = this.text.charCodeAt(this.at);
      if (code !== SPACE && code !== LF && code !== CR && code !== TAB) return;
    }
  }

  /** Reads a string and gives its value; only strings with escapes are decoded. */
  private string(): string {
    const start = this.at;
    let escaped = false;
    for (let at = start + 1; ; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code === QUOTE) {
        this.at = at + 1;
        return escaped ? this.decoded(start) : this.text.slice(start + 1, at);
      }
      if (code === BACKSLASH) {
        escaped = true;
        at = this.escape(at, start);
      } else if (!(code >= SPACE)) throw this.malformed(code < SPACE ? at : start); // NaN: never closed
    }
  }

  /** The place of an escape's last character. */
  private escape(at: number, start: number): number {
    const letter = this.text.charAt(at + 1);
    if (letter === "") throw this.malformed(start);
    if (letter !== "u") {
      if (!'"\\/bfnrt'.includes(letter)) throw this.malformed(at);
      return at + 1;
    }
    if (!HEX4.test(this.text.slice(at + 2, at + 6))) throw this.malformed(at + 1);
    return at + 5;
  }

  private decoded(start: number): string {
    const value = JSON.parse(this.text.slice(start, this.at)) as string;
    if (!value.isWellFormed()) throw this.refusal("holds half of a surrogate pair");
    return value;
  }

  private scalar(code: number): void {
    const word = code === 0x74 ? "true" : code === 0x66 ? "false" : code === 0x6e ? "null" : "";
    if (word !== "" && this.text.startsWith(word, this.at)) {
      this.at += word.length;
      return;
    }
    NUMBER.lastIndex = this.at;
    if (!NUMBER.test(this.text)) throw this.malformed(this.at);
    const start = this.at;
    this.at = NUMBER.lastIndex;
    this.magnitude(Number(this.text.slice(start, this.at)));
  }

  private magnitude(double: number): void {
    if (Math.abs(double) > Number.MAX_SAFE_INTEGER)
      throw this.refusal("must be within ±(2^53-1); send larger numbers as text");
  }

  private refusal(detail: string, key?: string): Refused {
    const tokens = key === undefined ? this.path : [...this.path, key];
    return new Refused({ pointer: tokens.map((token) => `/${escapeToken(String(token))}`).join(""), detail });
  }

  /** `at` counts UTF-16 units; people (and Python) count characters. */
  private malformed(at: number): Refused {
    const character = [...this.text.slice(0, at)].length + 1;
    return new Refused({ pointer: "", detail: `is not JSON: unexpected text at character ${character}` });
  }
}
