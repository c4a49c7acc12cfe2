/** POST /validate: the gate's yes, in the shape of schema.gate.Validated, without asking the origin. */
import { beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../src/json.ts";
import { normalise } from "../src/normalise.ts";
import validated from "../../contract/schemas/validated.json";
import { FakeOrigin, json, keySet, knock, makePair, type Pair, settings, SMALLEST, tokenOf } from "./gate.ts";

let pair: Pair;

beforeAll(async () => {
  pair = await makePair("ES256");
});

async function ask(application: unknown, origin = new FakeOrigin(), changes = {}): Promise<JsonObject> {
  const env = settings({ JWKS: keySet(pair), ORIGIN: origin, ...changes });
  const answer = await knock(env, "/validate", { token: await tokenOf(pair), body: JSON.stringify(application) });
  expect(answer.status).toBe(200);
  return json(answer);
}

test("the smallest application is a whole one, and the origin hears nothing of it", async () => {
  const origin = new FakeOrigin();
  const answer = await ask(SMALLEST, origin);
  expect(answer).toMatchObject({ ok: true, application: { ...SMALLEST, product: "personal_loan" } });
  expect(origin.requests).toEqual([]);
});

test("the answer and its metadata have exactly the members that the contract publishes", async () => {
  const answer = await ask(SMALLEST);
  expect(Object.keys(answer).sort()).toEqual(Object.keys(validated.properties).sort());
  expect(Object.keys(answer["metadata"] ?? {}).sort()).toEqual(Object.keys(validated.$defs.Metadata.properties).sort());
  expect(Object.keys(answer["completeness"] ?? {}).sort()).toEqual(Object.keys(validated.$defs.Completeness.properties).sort());
});

test("a mortgage that lacks documents is received, and told what it lacks", async () => {
  const answer = await ask({ ...SMALLEST, product: "mortgage", loan_purpose: "Purchase", documents: [{ type: "bank_statement" }] });
  const { complete, missing_documents, missing_fields } = answer["completeness"] as JsonObject;
  expect([complete, missing_fields]).toEqual([false, ["/amount_requested", "/property/value"]]);
  expect(missing_documents).toContainEqual(expect.objectContaining({ type: "bank_statement", needed: 2, present: 1 }));
  expect(missing_documents).toContainEqual(expect.objectContaining({ type: "purchase_contract", needed: 1, present: 0 }));
});

test("a lender's own completeness table takes the place of the packaged one", async () => {
  const own = { missing_fields: ["/term_months"], documents: [] };
  const REQUIREMENTS = JSON.stringify({ policy_version: "own-1", products: { personal_loan: own, mortgage: own } });
  const { metadata, completeness } = await ask(SMALLEST, new FakeOrigin(), { REQUIREMENTS });
  expect(metadata).toMatchObject({ policy_version: "own-1" });
  expect(completeness).toEqual({ complete: false, missing_documents: [], missing_fields: ["/term_months"] });
});

describe("normalising", () => {
  test("fills in defaults at every depth", () => {
    const job = { employer: "Acme", status: "Current" };
    expect(normalise({ ...SMALLEST, applicants: [{ employments: [job] }], property: {} })).toEqual({
      ...SMALLEST,
      product: "personal_loan",
      applicants: [{ role: "primary", employments: [{ ...job, classification: "Primary", self_employed: false }] }],
      property: { units: 1 },
    });
  });

  test("leaves null out, in favour of the default where there is one", () => {
    const sent = { ...SMALLEST, product: null, external_ref: null, property: { units: null, value: null } };
    expect(normalise(sent)).toEqual({ ...SMALLEST, product: "personal_loan", property: { units: 1 } });
  });

  test("keeps values as sent, money as text too", () => {
    expect(normalise({ ...SMALLEST, income: "95000.50", employment_years: 0, documents: [] })).toMatchObject({
      income: "95000.50", employment_years: 0, documents: [],
    });
  });

  test("does not give monitoring data back", () => {
    expect(normalise({ ...SMALLEST, monitoring: { applicants: [{ age: 40 }] } })).not.toHaveProperty("monitoring");
  });

  test("does not touch what it was given", () => {
    const sent = Object.freeze({ ...SMALLEST, external_ref: null });
    expect(normalise(sent)).not.toBe(sent);
    expect(sent.external_ref).toBeNull();
  });
});
