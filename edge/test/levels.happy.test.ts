/** What a limiter remembers is bounded, and survives being saved. */
import { describe, expect, test } from "vitest";
import type { Policy } from "../src/gcra.ts";
import { Levels, MAX_LEVELS } from "../src/levels.ts";

const BROKER: Policy = { name: "request-minute", counts: "broker", quota: 3, seconds: 60 };
const SESSION: Policy = { name: "session-minute", counts: "session", quota: 3, seconds: 60 };
const level = (at: number) => ({ level: 1, at });

describe("levels", () => {
  test("of the broker are one whatever the conversation, of conversations one each", () => {
    const levels = new Levels();
    levels.set(BROKER, "s-1", level(1));
    levels.set(SESSION, "s-1", level(2));
    expect([levels.of(BROKER, "s-2"), levels.of(SESSION, "s-1"), levels.of(SESSION, "s-2")]).toEqual([level(1), level(2), undefined]);
  });

  test("are read back as they were saved", () => {
    const levels = new Levels();
    levels.set(BROKER, "", level(1));
    levels.set(SESSION, "s-1", level(2));
    const again = new Levels(levels.saved());
    expect([again.of(BROKER, ""), again.of(SESSION, "s-1")]).toEqual([level(1), level(2)]);
  });

  test("saved before there were conversations are the broker's", () => {
    expect(new Levels({ "request-minute": level(7) }).of(BROKER, "")).toEqual(level(7));
  });

  test("of conversations are forgotten, the longest silent first, and the broker's never", () => {
    const levels = new Levels();
    levels.set(BROKER, "", level(0));
    for (let at = 0; at < MAX_LEVELS; at += 1) levels.set(SESSION, `s-${at}`, level(at));
    levels.set(SESSION, "s-0", level(9));
    levels.set(SESSION, "s-new", level(8));
    expect([levels.of(SESSION, "s-0"), levels.of(SESSION, "s-1"), levels.of(SESSION, "s-new")]).toEqual([level(9), undefined, level(8)]);
    expect([levels.of(BROKER, ""), Object.keys(levels.saved()).length]).toEqual([level(0), MAX_LEVELS + 1]);
  });

  test.each(["constructor", "__proto__", "request-minute"])("of a conversation called %s are like any other's", (session) => {
    const levels = new Levels();
    levels.set(SESSION, session, level(3));
    expect([levels.of(SESSION, session), levels.of(BROKER, "")]).toEqual([level(3), undefined]);
  });
});
