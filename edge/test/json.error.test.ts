/** Strict JSON: what is refused, where, and in which words (the origin's, see intake/strict_json.py). */
import { describe, expect, test } from "vitest";
import { MAX_DEPTH, parse } from "../src/json.ts";

function fault(body: string | Uint8Array): [pointer: string, detail: string] | "accepted" {
  const parsed = parse(typeof body === "string" ? new TextEncoder().encode(body) : body);
  return parsed.ok ? "accepted" : [parsed.fault.pointer, parsed.fault.detail];
}

const TOO_BIG = "must be within ±(2^53-1); send larger numbers as text";
const HALF = "holds half of a surrogate pair";
function at(character: number): [string, string] {
  return ["", `is not JSON: unexpected text at character ${character}`];
}

describe("text", () => {
  test.each<[string, string, [string, string]]>([
    ["nothing", "", ["", "the body is empty"]],
    ["white space", " \n", at(3)],
    ["a second value", "{} {}", at(4)],
    ["a bare word", "nul", at(1)],
    ["a word too long", "nullx", at(5)],
    ["NaN", '{"a":NaN}', at(6)],
    ["Infinity", "[-Infinity]", at(2)],
    ["a trailing comma", "[1,]", at(4)],
    ["a comment", "/**/{}", at(1)],
    ["single quotes", "{'a':1}", at(2)],
    ["a leading zero", "01", at(2)],
    ["a plus sign", "+1", at(1)],
    ["a bare point", "1.", at(2)],
    ["a bare minus", "[-]", at(2)],
    ["an open string", '{"a":"b', at(6)],
    ["an open string after a backslash", '"\\', at(1)],
    ["a control character", '"a\u0001"', at(3)],
    ["a tab in text", '"a\tb"', at(3)],
    ["an unknown escape", '"\\x41"', at(2)],
    ["a short escape", '"\\u12"', at(3)],
    ["a member without colon", '{"a" 1}', at(6)],
    ["a vertical tab as space", "\u000b1", at(1)],
    ["a no-break space", "\u00a01", at(1)],
    ["characters, not code units, before it", '["😀",x]', at(6)],
  ])("%s", (_, body, expected) => {
    expect(fault(body)).toEqual(expected);
  });

  test.each<[string, number[], string]>([
    ["a byte order mark", [0xef, 0xbb, 0xbf, 0x7b, 0x7d], "must not begin with a byte order mark"],
    ["UTF-16", [0xff, 0xfe, 0x7b, 0x00], "must be UTF-8"],
    ["a lone continuation byte", [0x22, 0x80, 0x22], "must be UTF-8"],
    ["an overlong slash", [0x22, 0xc0, 0xaf, 0x22], "must be UTF-8"],
    ["a surrogate as bytes", [0x22, 0xed, 0xa0, 0x80, 0x22], "must be UTF-8"],
  ])("%s", (_, bytes, detail) => {
    expect(fault(new Uint8Array(bytes))).toEqual(["", detail]);
  });
});

describe("numbers", () => {
  test.each<[string, boolean]>([
    ["9007199254740991", true],
    ["9007199254740992", false],
    ["9007199254740991.4", true],
    ["-9007199254740991", true],
    ["-9007199254740992", false],
    ["1e15", true],
    ["1e16", false],
    ["1e400", false],
    [`1${"0".repeat(5000)}`, false],
    ["1e-400", true],
    ["0.1e1", true],
  ])("%s", (number, accepted) => {
    expect(fault(`{"a":[0,${number}]}`)).toEqual(accepted ? "accepted" : ["/a/1", TOO_BIG]);
  });
});

describe("members", () => {
  test.each<[string, string, [string, string]]>([
    ["twice", '{"a":1,"a":1}', ["/a", "appears more than once"]],
    ["twice by an escape", '{"a":1,"\\u0061":1}', ["/a", "appears more than once"]],
    ["twice deep down", '{"x":[{"a/b":1,"a/b":2}]}', ["/x/0/a~1b", "appears more than once"]],
    ["twice by an inherited name", '{"__proto__":1,"__proto__":2}', ["/__proto__", "appears more than once"]],
    ["the first fault is named", '{"a":1e99,"a":1', ["/a", TOO_BIG]],
  ])("%s", (_, body, expected) => {
    expect(fault(body)).toEqual(expected);
  });

  test("an inherited name is a member like any other", () => {
    expect(fault('{"constructor":1,"toString":2,"__proto__":3}')).toBe("accepted");
  });
});

describe("surrogates", () => {
  test.each<[string, [string, string] | "accepted"]>([
    ['{"a":"\\ud83d\\ude00"}', "accepted"],
    ['{"a":"\\ud83d"}', ["/a", HALF]],
    ['{"a":"\\ude00\\ud83d"}', ["/a", HALF]],
    ['{"a":"\\ud83d😀"}', ["/a", HALF]],
    ['{"x":{"\\udc00":1}}', ["/x", HALF]],
  ])("%s", (body, expected) => {
    expect(fault(body)).toEqual(expected);
  });
});

describe("depth", () => {
  function nested(depth: number): string {
    return "[".repeat(depth) + "]".repeat(depth);
  }

  test("32 levels are read", () => {
    expect(fault(nested(MAX_DEPTH))).toBe("accepted");
  });

  test("the 33rd is refused by its place", () => {
    expect(fault(nested(MAX_DEPTH + 1))).toEqual(["/0".repeat(MAX_DEPTH), "is nested deeper than 32 levels"]);
  });

  test("a bomb of 200,000 levels costs no stack", () => {
    expect(fault("[".repeat(200_000))).toEqual(["/0".repeat(MAX_DEPTH), "is nested deeper than 32 levels"]);
  });
});
