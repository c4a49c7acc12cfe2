/** The contract's vectors against the Worker's own door and validator (pytest runs them against the origin's). */
import { shapes } from "virtual:shapes";
import { describe, expect, test } from "vitest";
import { bound, limitOf, readBody } from "../src/bound.ts";
import { completeness, type Requirements } from "../src/completeness.ts";
import type { JsonObject } from "../src/json.ts";
import { normalise } from "../src/normalise.ts";
import { problem } from "../src/problem.ts";
import type { Result } from "../src/refusal.ts";
import { ROUTES, type Shape } from "../src/routes.ts";
import { validate } from "../src/validate.ts";

interface Vector {
  readonly name: string;
  readonly why: string;
  readonly body?: string;
  readonly body_base64?: string;
  readonly body_repeat?: { prefix: string; unit: string; count: number; suffix: string };
  readonly content_type?: string;
  readonly content_encoding?: string;
  readonly verdict: "accept" | "reject";
  readonly status: number;
  readonly pointers: readonly string[];
}
interface CompletenessVector {
  readonly name: string;
  readonly application: JsonObject;
  readonly requirements: Requirements;
  readonly expected: JsonObject;
}

const vectors = Object.values<Vector>({
  ...import.meta.glob("../../contract/vectors/accept/*.json", { eager: true, import: "default" }),
  ...import.meta.glob("../../contract/vectors/reject/*.json", { eager: true, import: "default" }),
});
interface BodyVectors {
  readonly shape: Shape;
  readonly vectors: readonly Vector[];
}
const bodies = Object.values<BodyVectors>(import.meta.glob("../../contract/vectors/bodies/*.json", { eager: true, import: "default" }));
const lists = Object.values<CompletenessVector>(import.meta.glob("../../contract/vectors/completeness/*.json", { eager: true, import: "default" }));

function payload({ body, body_base64, body_repeat: repeat }: Vector): Uint8Array {
  if (body_base64 !== undefined) return Uint8Array.fromBase64(body_base64);
  const text = repeat ? repeat.prefix + repeat.unit.repeat(repeat.count) + repeat.suffix : (body ?? "");
  return new TextEncoder().encode(text);
}

/** On the first route that takes the shape. */
async function judge(vector: Vector, shape: Shape = "application"): Promise<Result<JsonObject>> {
  const headers = new Headers();
  const type = vector.content_type ?? "application/json";
  if (type !== "") headers.set("content-type", type);
  if (vector.content_encoding !== undefined) headers.set("content-encoding", vector.content_encoding);
  const route = ROUTES.find(({ body }) => body === shape);
  if (route === undefined) throw new Error(`no route takes ${shape}`);
  if (route.conditional) headers.set("if-match", '"1"');
  const path = route.path.replace("{id}", "x-1");
  const request = new Request(`https://gate.test${path}`, { method: "POST", headers, body: payload(vector) });
  const bounded = bound(request);
  if (!bounded.ok) return bounded;
  const body = await readBody(request, limitOf(route));
  return body.ok ? validate(body.value, shape) : body;
}

function answered(result: Result<JsonObject>): { status: number; pointers: readonly string[] } {
  if (result.ok) return { status: 200, pointers: [] };
  const faults = result.refusal.is === "invalid" ? result.refusal.faults : [];
  return { status: problem(result.refusal, "test").status, pointers: faults.map(({ pointer }) => pointer).sort() };
}

test("the vectors are there", () => {
  expect(vectors.length, "contract/vectors is empty or not where it was").toBeGreaterThanOrEqual(120);
  expect(lists.length).toBeGreaterThan(0);
  expect(bodies.map(({ shape }) => shape).sort()).toEqual(Object.keys(shapes).filter((shape) => shape !== "application").sort());
});

describe.each(["accept", "reject"] as const)("%s", (verdict) => {
  const chosen = vectors.filter((vector) => vector.verdict === verdict);
  test.each(chosen.map((vector) => [vector.name, vector] as const))("%s", async (_, vector) => {
    expect(answered(await judge(vector))).toEqual({ status: vector.status, pointers: vector.pointers });
  });
});

describe.each(bodies.map(({ shape, vectors: own }) => [shape, own] as const))("%s", (shape, own) => {
  test.each(own.map((vector) => [vector.name, vector] as const))("%s", async (_, vector) => {
    expect(answered(await judge(vector, shape)), vector.why).toEqual({ status: vector.status, pointers: vector.pointers });
  });
});

describe("completeness", () => {
  test.each(lists.map((vector) => [vector.name, vector] as const))("%s", (_, { application, requirements, expected }) => {
    expect(completeness(normalise(application), requirements)).toEqual(expected);
  });
});
