/** Every wrong place is named once, in the origin's words and order. */
import { beforeAll, describe, expect, test } from "vitest";
import { validate } from "../src/validate.ts";
import { FakeOrigin, json, keySet, knock, makePair, type Pair, settings, SMALLEST, tokenOf } from "./gate.ts";

type Faults = [pointer: string, detail: string][];

function faults(application: unknown): Faults {
  const result = validate(new TextEncoder().encode(JSON.stringify(application)), "application");
  if (result.ok || result.refusal.is !== "invalid") return [];
  return result.refusal.faults.map(({ pointer, detail }) => [pointer, detail]);
}

describe("sentences", () => {
  test.each<[string, object, Faults]>([
    ["not a number", { income: "lots" }, [["/income", "must be dollars such as 95000 or 95000.50"]]],
    ["not money", { income: true }, [["/income", "must be a number or a decimal string"]]],
    ["a third decimal", { income: 1.005 }, [["/income", "must have at most two decimals"]]],
    ["below", { income: -0.01 }, [["/income", "must be at least 0"]]],
    ["above", { income: 1e9 }, [["/income", "must be at most 999999999.99"]]],
    ["a percentage", { debt_to_income: 31 }, [["/debt_to_income", "must be at most 1; looks like a percentage, send 0.31 for 31%"]]],
    ["text for a number", { debt_to_income: "0.31" }, [["/debt_to_income", "must be a number"]]],
    ["a number for text", { applicant_id: 7 }, [["/applicant_id", "must be text"]]],
    ["no text", { applicant_id: "" }, [["/applicant_id", "must have at least 1 characters"]]],
    ["long text", { applicant_id: "a".repeat(65) }, [["/applicant_id", "must have at most 64 characters"]]],
    ["a strange key", { applicant_id: "-" }, [["/applicant_id", "must look like A123"]]],
    ["null", { applicant_id: null }, [["/applicant_id", "is required"]]],
    ["another word", { product: "car" }, [["/product", "must be one of: personal_loan, mortgage"]]],
    ["a number for a word", { product: 3 }, [["/product", "must be one of: personal_loan, mortgage"]]],
    ["a fraction", { term_months: 1.5 }, [["/term_months", "must be a whole number"]]],
    ["an unknown field", { "a/b~c": 1 }, [["/a~1b~0c", "is not a known field"]]],
    ["an unknown field that is null", { x: null }, [["/x", "is not a known field"]]],
    ["an inherited name", JSON.parse('{"__proto__":1}') as object, [["/__proto__", "is not a known field"]]],
    ["a list for an object", { property: [] }, [["/property", "must be an object"]]],
    ["an object for a list", { documents: {} }, [["/documents", "must be a list"]]],
    ["an empty list", { applicants: [] }, [["/applicants", "must have at least 1 items"]]],
    ["null in a list", { applicants: [null] }, [["/applicants/0", "is required"]]],
    ["not a boolean", { applicants: [{ declarations: { foreclosure: 0 } }] }, [["/applicants/0/declarations/foreclosure", "must be true or false"]]],
    ["no such day", { applicants: [{ birth_date: "2026-02-30" }] }, [["/applicants/0/birth_date", "must be a day of the calendar such as 2026-11-22"]]],
    ["not a day", { applicants: [{ birth_date: "yesterday" }] }, [["/applicants/0/birth_date", "must look like 2026-11-22"]]],
    ["no such moment", { documents: [{ type: "w2", received_at: "2026-02-30T00:00:00Z" }] }, [["/documents/0/received_at", "must be a moment of the calendar such as 2026-11-22T14:05:09Z"]]],
    ["not a moment", { documents: [{ type: "w2", received_at: 5 }] }, [["/documents/0/received_at", "must look like 2026-11-22T14:05:09Z"]]],
    ["a nested member missing", { housing_expense: {} }, [["/housing_expense/principal_and_interest", "is required"]]],
  ])("%s", (_, changes, expected) => {
    expect(faults({ ...SMALLEST, ...changes })).toEqual(expected);
  });
});

test("an overlong list is named alone", () => {
  expect(faults({ ...SMALLEST, documents: Array(101).fill({ type: "x" }) })).toEqual([["/documents", "must have at most 100 items"]]);
});

test("places come in the order of the schema, unknown ones last", () => {
  expect(faults({ zz: 1, income: true, applicants: [{ aa: 1, role: "x" }] }).map(([pointer]) => pointer)).toEqual([
    "/applicant_id", "/income", "/debt_to_income", "/applicants/0/role", "/applicants/0/aa", "/zz",
  ]);
});

test("fifty errors are enough", () => {
  expect(faults(Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`x${at}`, 1]))).length).toBe(50);
});

test("the faults of one body do not show up for the next", () => {
  expect(faults({}).length).toBe(3);
  expect(faults(SMALLEST)).toEqual([]);
});

describe("through the gate", () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await makePair("ES256");
  });

  test.each<[string, string, string]>([
    ['{"applicant_id":"A1","income":"NaN"}', "/income must be dollars such as 95000 or 95000.50 (and 1 more).", "/income"],
    ["[]", "The body must be a JSON object.", ""],
    ["", "The body is empty.", ""],
    ['{"applicant_id":NaN}', "The body is not JSON: unexpected text at character 17.", ""],
    ['{"income":1,"income":2}', "/income appears more than once.", "/income"],
  ])("%s is a clear problem and the origin hears nothing", async (body, reason, pointer) => {
    const origin = new FakeOrigin();
    const env = settings({ JWKS: keySet(pair), ORIGIN: origin });
    const answer = await knock(env, "/lending-review", { token: await tokenOf(pair), body });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const problem = await json(answer);
    expect(problem).toMatchObject({ status: 422, ok: false, reason, detail: reason, request_id: answer.headers.get("x-request-id") });
    expect(problem["errors"]).toContainEqual(expect.objectContaining({ pointer }));
    expect(origin.requests).toEqual([]);
  });
});
