/** What the gate logs: one line a request, and nothing that was secret or personal. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { json, keySet, knock, makePair, settings, SECRET, tokenOf, FakeOrigin } from "./gate.ts";

const PERSONAL = { applicant_id: "PERSON-42", income: 123456.78, debt_to_income: 0.31 };

afterEach(() => {
  vi.restoreAllMocks();
});

function logged(): () => string[] {
  const spies = [vi.spyOn(console, "log"), vi.spyOn(console, "error"), vi.spyOn(console, "warn")];
  return () => spies.flatMap((spy) => spy.mock.calls.map((call) => call.map(String).join(" ")));
}

test("one JSON line names the request and its outcome", async () => {
  const lines = logged();
  const pair = await makePair("ES256");
  const env = settings({ JWKS: keySet(pair) });
  const answer = await knock(env, "/validate", { token: await tokenOf(pair, { broker_id: "b-log" }), body: JSON.stringify(PERSONAL) });
  const [line = "", ...more] = lines();
  expect(more).toEqual([]);
  expect(JSON.parse(line)).toEqual({
    method: "POST", route: "validate", status: 200, request_id: answer.headers.get("x-request-id"), tenant: "acme", broker: "b-log",
    ms: expect.any(Number) as number,
  });
});

describe("never logged", () => {
  test.each(["/validate", "/lending-review", "/nowhere?token=PERSON-42"])("%s", async (path) => {
    const lines = logged();
    const pair = await makePair("ES256");
    const token = await tokenOf(pair, { sub: "person@example.test" });
    await knock(settings({ JWKS: keySet(pair), ORIGIN: new FakeOrigin() }), path, { token, body: JSON.stringify(PERSONAL) });
    const text = lines().join("\n");
    for (const secret of ["PERSON-42", "123456", "person@", token.slice(0, 20), SECRET.toBase64({ alphabet: "base64url" }).slice(0, 20)])
      expect(text).not.toContain(secret);
  });

  test("the message of something unexpected, neither in the log nor in the answer", async () => {
    const lines = logged();
    const broken = new Proxy(settings(), { get: () => { throw new TypeError("PERSON-42"); } });
    const answer = await knock(broken, "/validate", { body: JSON.stringify(PERSONAL) });
    expect(await json(answer)).toMatchObject({ status: 500, type: "urn:lendgate:problem:internal", ok: false });
    expect(lines().join("\n")).not.toContain("PERSON-42");
    expect(lines().some((line) => line.includes("unexpected"))).toBe(true);
  });
});
