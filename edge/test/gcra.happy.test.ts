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
  const policy = { name: "p", quota, seconds: 60 };

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
  const policy = { name: "p", quota: 3, seconds: 60 };
  const one = take(policy, undefined, START);
  const two = take(policy, one.after, START);
  expect([one.remaining, one.reset, two.remaining, two.reset]).toEqual([2, 20_000, 1, 40_000]);
});

test("a clock that goes back gives nothing and takes nothing", () => {
  const policy = { name: "p", quota: 2, seconds: 60 };
  const [, full] = burst(policy, 2);
  const earlier = take(policy, full, START - 3_600_000);
  expect([earlier.wait > 0, earlier.after]).toEqual([true, full]);
});

test("the largest quota stays exact", () => {
  const policy = { name: "p", quota: 10_000_000, seconds: 86_400 };
  const weight = policy.seconds * 1000;
  const almost = { level: weight * (policy.quota - 1), at: START };
  expect(take(policy, almost, START)).toMatchObject({ wait: 0, remaining: 0 });
  expect(take(policy, { ...almost, level: almost.level + 1 }, START).wait).toBe(1);
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
