/** The conversation's form: its token is the caller's, its fields the body, its answer a page. */
import { beforeAll, describe, expect, test } from "vitest";
import { FakeOrigin, keySet, knock, makePair, type Pair, settings, tokenOf } from "./gate.ts";

const PAGE = '<form method="post"><input type="hidden" name="token" value=""><input name="text" value="a"></form>';
const FORM = { "content-type": "application/x-www-form-urlencoded" };
let pair: Pair;

beforeAll(async () => {
  pair = await makePair("ES256");
});

function pages(): FakeOrigin {
  return new FakeOrigin(() => new Response(PAGE, { headers: { "content-type": "text/html; charset=utf-8" } }));
}

async function send(origin: FakeOrigin, fields: Record<string, string> | string, headers: Record<string, string> = FORM): Promise<Response> {
  const body = new URLSearchParams(fields).toString();
  return knock(settings({ JWKS: keySet(pair), ORIGIN: origin }), "/intake/chat", { body, headers });
}

describe("the page's form", () => {
  test("becomes JSON without its token and without its empty fields", async () => {
    const origin = pages();
    await send(origin, { token: await tokenOf(pair, { scope: "intake" }), does: "say", session_id: "s-1", text: "ñ & <b>", product: "" });
    const [request] = origin.requests;
    expect(await request?.json()).toEqual({ does: "say", session_id: "s-1", text: "ñ & <b>" });
    expect(request?.headers.get("content-type")).toBe("application/json");
  });

  test("gets its token back in the answer's form, and in that field alone", async () => {
    const token = await tokenOf(pair, { scope: "intake" });
    const answer = await send(pages(), { token, does: "open" });
    expect([answer.status, await answer.text()]).toEqual([200, PAGE.replace('value=""', `value="${token}"`)]);
  });

  test("does not pass its token to the origin in any way", async () => {
    const origin = pages();
    const token = await tokenOf(pair, { scope: "intake" });
    await send(origin, { token, does: "open" });
    const [request] = origin.requests;
    const seen = [request?.url, ...(request?.headers.values() ?? []), await request?.text()].join("\n");
    expect(seen).not.toContain(token.split(".")[2]);
  });
});

describe("what goes wrong is told as a page", () => {
  test.each([
    ["without a token", { does: "open" }, 401, "needs an access token"],
    ["with a token that is none", { does: "open", token: "x" }, 401, "not valid"],
    ["with a field twice", "does=open&does=say", 422, "came twice"],
  ])("%s", async (_, fields, status, words) => {
    const origin = pages();
    const answer = await send(origin, fields);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "text/html; charset=utf-8"]);
    expect(await answer.text()).toContain(words);
    expect(origin.requests).toEqual([]);
  });

  test("with a field the page does not have, whose name is shown as text", async () => {
    const answer = await send(pages(), { token: await tokenOf(pair), does: "open", "<script>": "1" });
    expect(answer.status).toBe(422);
    expect(await answer.text()).not.toContain("<script>");
  });

  test("when the scope is missing", async () => {
    const answer = await send(pages(), { token: await tokenOf(pair, { scope: "validate" }), does: "open" });
    expect([answer.status, (await answer.text()).includes("lacks the scope intake")]).toEqual([403, true]);
  });

  test("in the service's own words", async () => {
    const refusing = () => Response.json({ reason: "There is no conversation of yours with that id." }, { status: 404 });
    const answer = await send(new FakeOrigin(refusing), { token: await tokenOf(pair), does: "open" });
    expect([answer.status, (await answer.text()).includes("no conversation of yours")]).toEqual([404, true]);
  });
});

describe("a JSON body at the same place", () => {
  test("is an ordinary request, whose answer no token is put into", async () => {
    const origin = pages();
    const token = await tokenOf(pair, { scope: "intake" });
    const answer = await knock(settings({ JWKS: keySet(pair), ORIGIN: origin }), "/intake/chat", { token, body: '{"does":"open"}' });
    expect(await answer.text()).toBe(PAGE);
  });
});

describe("a token that could be no header", () => {
  test.each(["a%0d%0ax-y:%20z", "a%0ab", "caf%C3%A9", "%00", "a%20b"])("%s is answered 401, as a page", async (token) => {
    const origin = new FakeOrigin();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await knock(settings({ JWKS: keySet(pair), ORIGIN: origin }), "/intake/chat", { body: `does=open&token=${token}`, headers });
    expect([answer.status, answer.headers.get("content-type"), origin.requests.length]).toEqual([401, "text/html; charset=utf-8", 0]);
  });
});

describe("the page's open files", () => {
  const FILE = { "content-type": "text/css", "cache-control": "public, max-age=300", etag: '"1"' };

  test("come from the origin, unsigned, and may be kept", async () => {
    const origin = new FakeOrigin(() => new Response("main{}", { headers: FILE }));
    const answer = await knock(settings({ JWKS: keySet(pair), ORIGIN: origin }), "/intake/chat.css", { method: "GET" });
    expect([answer.status, await answer.text(), answer.headers.get("cache-control")]).toEqual([200, "main{}", "public, max-age=300"]);
    expect(origin.requests[0]?.headers.get("signature")).toBeNull();
  });

  test("are asked for by their entity tag; nothing else of the caller's goes along", async () => {
    const origin = new FakeOrigin(() => new Response(null, { status: 304, headers: FILE }));
    const headers = { "if-none-match": '"1"', cookie: "a=b", authorization: "Bearer x" };
    const answer = await knock(settings({ JWKS: keySet(pair), ORIGIN: origin }), "/intake/chat.js", { method: "GET", headers });
    expect(answer.status).toBe(304);
    const [request] = origin.requests;
    expect([request?.headers.get("if-none-match"), request?.headers.get("cookie"), request?.headers.get("authorization")]).toEqual(['"1"', null, null]);
  });

  test("are a problem while the origin is away", async () => {
    const answer = await knock(settings({ JWKS: keySet(pair) }), "/intake/chat", { method: "GET" });
    expect(answer.status).toBe(503);
  });
});
