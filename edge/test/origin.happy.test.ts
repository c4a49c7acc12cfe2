/** The way to an origin behind Cloudflare Access: its service token goes with every request. */
import { afterEach, expect, test, vi } from "vitest";
import { Origin } from "../src/origin.ts";

afterEach(() => vi.restoreAllMocks());

test("the service token is sent with requests and with probes, over whatever the caller sent", async () => {
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(new Response("ok")));
  const origin = new Origin("https://origin.test", null, { "cf-access-client-id": "id", "cf-access-client-secret": "secret" });
  await origin.fetch("/lending-review", { headers: { "cf-access-client-id": "forged", accept: "application/json" } });
  await origin.alive();
  for (const [, init] of spy.mock.calls) {
    const headers = new Headers(init?.headers);
    expect([headers.get("cf-access-client-id"), headers.get("cf-access-client-secret")]).toEqual(["id", "secret"]);
  }
  expect(spy).toHaveBeenCalledTimes(2);
});

test("without a service token no such header is sent", async () => {
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(new Response("ok")));
  await new Origin("https://origin.test", null).fetch("/livez", {});
  expect(new Headers(spy.mock.calls[0]?.[1]?.headers).has("cf-access-client-id")).toBe(false);
});
