/** Where strict reading accepts, it reads what JSON.parse reads; where JSON.parse refuses, so does it. */
import { describe, expect, test } from "vitest";
import { parse } from "../src/json.ts";

/** mulberry32: the same bodies in every run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PIECES = [
  "{", "}", "[", "]", ",", ":", '"a"', '"b"', '"\\u00e9"', '"\\n"', '"😀"', '"', "\\", "0", "-1", "1.5", "2e-3", "1E-2", "01", ".5",
  "true", "false", "null", " ", "\n", "\t", "\u0000", "nul", '{"a":', '"c":[', "[1,", "]}",
];

function value(random: () => number, depth: number): unknown {
  const kind = Math.floor(random() * (depth > 4 ? 4 : 6));
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return Math.round((random() - 0.5) * 1e6) / 100;
  if (kind === 3) return ["", "a", "é", "😀", 'q"uote', "back\\slash", "line\nbreak", "\u0007"][Math.floor(random() * 8)];
  const items = Array.from({ length: Math.floor(random() * 5) }, () => value(random, depth + 1));
  return kind === 4 ? items : Object.fromEntries(items.map((item, at) => [`${"~/é_"[at % 4]}${at}`, item]));
}

function plainly(text: string): unknown {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return "not JSON";
  }
}

function strictly(text: string): unknown {
  const parsed = parse(new TextEncoder().encode(text));
  return parsed.ok ? { value: parsed.value } : "not JSON";
}

describe("against JSON.parse", () => {
  test("2,000 random values, plain and indented", () => {
    const random = chance(1);
    for (let round = 0; round < 2000; round += 1) {
      const text = JSON.stringify(value(random, 0), null, round % 2 === 0 ? 0 : 2);
      expect(strictly(text), text).toEqual(plainly(text));
    }
  });

  test("20,000 random rows of tokens, most of them not JSON", () => {
    const random = chance(2);
    for (let round = 0; round < 20_000; round += 1) {
      const length = 1 + Math.floor(random() * 8);
      const text = Array.from({ length }, () => PIECES[Math.floor(random() * PIECES.length)]).join("");
      const expected = plainly(text);
      if (strictly(text) === "not JSON" && expected !== "not JSON") expect(text).toMatch(/"a".*"a"|"b".*"b"|"c".*"c"/s); // twice
      else expect(strictly(text), text).toEqual(expected);
    }
  });
});
