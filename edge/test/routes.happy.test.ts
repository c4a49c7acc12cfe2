/** Every route of the table: found by its path, let through with its scope, its body as it was sent. */
import { shapes } from "virtual:shapes";
import { beforeAll, describe, expect, test } from "vitest";
import { ROUTES, routesOf } from "../src/routes.ts";
import { sending } from "./bodies.ts";
import { FakeOrigin, json, keySet, knock, makePair, type Pair, settings, tokenOf } from "./gate.ts";

const FORWARDED = ROUTES.filter(({ scope, name }) => scope !== null && name !== "validate");
let pair: Pair;

beforeAll(async () => {
  pair = await makePair("ES256");
});

function textOf(body: string | Uint8Array | null): string {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : (body ?? "");
}

test.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))("%s is found", (_, route) => {
  expect(routesOf(route.path.replaceAll("{id}", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"))).toContain(route);
});

test("no path is two routes of one method", () => {
  const keys = ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(keys).size).toBe(keys.length);
});

test("every body the table names has a validator, and every validator a route", () => {
  const named = ROUTES.flatMap(({ body }) => (body === null || body === "bytes" ? [] : body));
  expect([...new Set(named)].sort()).toEqual(Object.keys(shapes).sort());
});

test.each(FORWARDED.map((route) => [`${route.method} ${route.path}`, route] as const))("%s goes on with its scope alone", async (_, route) => {
  const origin = new FakeOrigin(() => Response.json({ id: "x" }, { status: 202, headers: { etag: '"4"' } }));
  const env = settings({ JWKS: keySet(pair), ORIGIN: origin });
  const path = route.path.replaceAll("{id}", "x-1");
  const given = await sending(route);
  const answer = await knock(env, path, { ...given, token: await tokenOf(pair, { scope: route.scope ?? "" }) });
  expect([answer.status, answer.headers.get("etag"), await json(answer)]).toEqual([202, '"4"', { id: "x" }]);
  const [request] = origin.requests;
  expect([request?.method, request?.url, await request?.text()]).toEqual([route.method, `http://origin${path}`, textOf(given.body)]);
  expect(request?.headers.get("if-match")).toBe(route.conditional ? '"3"' : null);
});

describe("two methods on one path", () => {
  test("are both named to whoever uses a third", async () => {
    const answer = await knock(settings(), "/documents", { method: "DELETE" });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST, GET"]);
  });
});
