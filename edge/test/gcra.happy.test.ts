/** The quota arithmetic: exact at every boundary, whatever the numbers. */
import { describe, expect, test } from "vitest";
import { type Level, type Policy, take, uncounted } from "../src/gcra.ts";
import { policyField, rateField, readLimits } from "../src/limits.ts";

const START = 1_800_000_000_000;

/** How many of `tries` at one moment fit, and the level they leave. */
function burst(policy: Policy, tries: number, now = START, from?: Level): [number, Level | undefined] {
  let level = from;
  let fitted = 0;
  for (let at = 0; at < tries; at += 1) {
    const verdict = take(policy, level, now);
    if (verdict.wait === 0) fitted += 1;
    level = verdict.after;
  }
  return [fitted, level];
}

describe.each([1, 3, 7, 60, 599, 600, 1000, 10_000])("%i a minute", (quota) => {
  const policy: Policy = { name: "p", counts: "broker", quota, seconds: 60 };

  test("the quota fits at once and not one more", () => {
    expect(burst(policy, quota + 5)[0]).toBe(quota);
  });

  test("a full bucket lets one in when its wait is over, and not a millisecond before", () => {
    const [, full] = burst(policy, quota);
    const { wait } = take(policy, full, START);
    expect(wait).toBe(Math.ceil(60_000 / quota));
    expect(take(policy, full, START + wait - 1).wait).toBeGreaterThan(0);
    expect(take(policy, full, START + wait).wait).toBe(0);
  });

  test("after the window the whole quota is there again", () => {
    const [, full] = burst(policy, quota);
    expect(burst(policy, quota + 1, START + 60_000, full)[0]).toBe(quota);
  });

  test("a refusal counts nothing", () => {
    const [, full] = burst(policy, quota);
    const [, beaten] = burst(policy, 1000, START, full);
    expect(beaten?.level).toBe(full?.level);
  });
});

test("remaining and reset follow each request", () => {
  const policy: Policy = { name: "p", counts: "broker", quota: 3, seconds: 60 };
  const one = take(policy, undefined, START);
  const two = take(policy, one.after, START);
  expect([one.remaining, one.reset, two.remaining, two.reset]).toEqual([2, 20_000, 1, 40_000]);
});

test("a clock that goes back gives nothing and takes nothing", () => {
  const policy: Policy = { name: "p", counts: "broker", quota: 2, seconds: 60 };
  const [, full] = burst(policy, 2);
  const earlier = take(policy, full, START - 3_600_000);
  expect([earlier.wait > 0, earlier.after]).toEqual([true, full]);
});

test("the largest quota stays exact", () => {
  const policy: Policy = { name: "p", counts: "broker", quota: 10_000_000, seconds: 86_400 };
  const weight = policy.seconds * 1000;
  const almost = { level: weight * (policy.quota - 1), at: START };
  expect(take(policy, almost, START)).toMatchObject({ wait: 0, remaining: 0 });
  expect(take(policy, { ...almost, level: almost.level + 1 }, START).wait).toBe(1);
});

describe("LIMITS", () => {
  const OLD = '"request":{"per_minute":600,"per_day":100000},"review":{"per_minute":120,"per_day":10000}';
  const quotas = (text: string) => readLimits(text)?.message.map(({ name, quota }) => `${name} ${quota}`);

  test("of before conversations stay valid: paid work has the figures of reviews, sessions their own", () => {
    expect(quotas(`{${OLD}}`)).toEqual([
      "request-minute 600", "request-day 100000", "paid-minute 120", "paid-day 10000", "session-minute 20", "session-day 500",
    ]);
  });

  test("may say both", () => {
    const more = '"paid":{"per_minute":60,"per_day":600},"session":{"per_minute":6,"per_day":66}';
    expect(quotas(`{${OLD},${more}}`)?.slice(2)).toEqual(["paid-minute 60", "paid-day 600", "session-minute 6", "session-day 66"]);
  });

  test.each(['"paid":{}', '"paid":7', '"session":{"per_minute":0,"per_day":1}', '"session":[]', '"paid":{"per_minute":1.5,"per_day":2}'])("with %s are none", (more) => {
    expect(readLimits(`{${OLD},${more}}`)).toBeNull();
  });

  test("count a conversation's messages apart and everything else by broker", () => {
    const { request, review, paid, message } = readLimits(`{${OLD}}`) ?? { request: [], review: [], paid: [], message: [] };
    expect([...request, ...review, ...paid].every(({ counts }) => counts === "broker")).toBe(true);
    expect(message.filter(({ counts }) => counts === "session").map(({ name }) => name)).toEqual(["session-minute", "session-day"]);
  });
});

describe("on the wire", () => {
  const limits = readLimits('{"request":{"per_minute":600,"per_day":100000},"review":{"per_minute":120,"per_day":10000}}');

  test("policies are structured fields", () => {
    expect(policyField(limits?.request ?? [])).toBe('"request-minute";q=600;w=60, "request-day";q=100000;w=86400');
    expect(limits?.review.map(({ name }) => name)).toEqual(["request-minute", "request-day", "review-minute", "review-day"]);
  });

  test("what is left is given by policy, and a request that did not count is not taken off", () => {
    const verdicts = (limits?.request ?? []).map((policy) => take(policy, undefined, START));
    expect(rateField(verdicts)).toBe('"request-minute";r=599;t=1, "request-day";r=99999;t=1');
    expect(rateField(verdicts.map(uncounted))).toBe('"request-minute";r=600;t=1, "request-day";r=100000;t=1');
  });
});
