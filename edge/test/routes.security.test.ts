/** Every route asks for its own scope, and no path is anything but what it looks like. */
import { beforeAll, describe, expect, test } from "vitest";
import { ROUTES, routesOf } from "../src/routes.ts";
import { sending } from "./bodies.ts";
import { claimsOf, FakeOrigin, json, keySet, knock, makePair, type Pair, settings, tokenOf } from "./gate.ts";

const CLOSED = ROUTES.flatMap((route) => (route.scope === null ? [] : [[`${route.method} ${route.path}`, route, route.scope] as const]));
const EVERY_SCOPE = String(claimsOf()["scope"]).split(" ");
let pair: Pair;

beforeAll(async () => {
  pair = await makePair("ES256");
});

async function knocked([, route]: (typeof CLOSED)[number], token?: string): Promise<{ answer: Response; heard: number }> {
  const origin = new FakeOrigin();
  const given = { ...(await sending(route)), ...(token === undefined ? {} : { token }) };
  const answer = await knock(settings({ JWKS: keySet(pair), ORIGIN: origin }), route.path.replaceAll("{id}", "x-1"), given);
  return { answer, heard: origin.requests.length };
}

describe.each(CLOSED)("%s", (...closed) => {
  const [, , scope] = closed;

  test("with every scope but its own is answered 403", async () => {
    const others = EVERY_SCOPE.filter((one) => one !== scope).join(" ");
    const { answer, heard } = await knocked(closed, await tokenOf(pair, { scope: others }));
    expect(await json(answer)).toMatchObject({ status: 403, reason: `The access token lacks the scope ${scope}.` });
    expect(heard).toBe(0);
  });

  test("without a token is answered 401", async () => {
    const { answer, heard } = await knocked(closed);
    expect([answer.status, heard]).toEqual([401, 0]);
  });

  test("with a stranger's signature is answered 401", async () => {
    const { answer, heard } = await knocked(closed, await tokenOf(await makePair("ES256", pair.kid)));
    expect([answer.status, heard]).toEqual([401, 0]);
  });
});

describe("If-Match", () => {
  test.each(ROUTES.filter(({ conditional }) => conditional).map((route) => [route.path, route] as const))("%s is not decided without it", async (path, route) => {
    const origin = new FakeOrigin();
    const env = settings({ JWKS: keySet(pair), ORIGIN: origin });
    const { body } = await sending(route);
    const answer = await knock(env, path.replaceAll("{id}", "x-1"), { token: await tokenOf(pair), body });
    expect(await json(answer)).toMatchObject({ status: 428, type: "urn:lendgate:problem:precondition-required", ok: false });
    expect(origin.requests).toEqual([]);
  });
});

describe("paths", () => {
  test.each([
    "/documents/", "/documents/a/content/", "/documents/a/b", "/documents/../documents", "/documents/a%2fcontent", "/Documents",
    "/documents//content", "/intake", "/intake/sessions/", "/intake/sessions/a/messages/b", "/intake/sessions/a/Submit",
    "/support/status/", "/support/status", "/support/questions/a", "/referrals/a/decline", "/referrals/a/decide/", "/referrals/a/",
    "/lending-review/a/decision/x", "/lending-review/a/notice.pdf", "/openapiXjson", "/constructor", "/__proto__/x", "", "//documents",
  ])("%j is none", (path) => {
    expect(routesOf(path)).toEqual([]);
  });

  test.each(["/documents/messages", "/support/status/status", "/intake/sessions/messages"])("%s is an id like any other", (path) => {
    expect(routesOf(path).map(({ method }) => method)).toEqual(["GET"]);
  });
});
