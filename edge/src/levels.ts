/**
 * How full a broker's buckets are: one a policy, and one a conversation for the policies of conversations.
 *
 * Law: bounded, whatever callers name. The conversations spoken in last are remembered; forgetting the
 * others can only cost a broker's own limits on them, never another quota of the broker's.
 */
import type { Level, Policy } from "./gcra.ts";

export type Saved = Readonly<Record<string, Level>>;
/** Kept levels of conversations: each has two. */
export const MAX_LEVELS = 1000;
const APART = "/"; // no name of a policy and no id holds one

export class Levels {
  private readonly broker = new Map<string, Level>();
  /** Spoken in last, last. */
  private readonly sessions = new Map<string, Level>();

  constructor(saved: Saved = {}) {
    for (const [key, level] of Object.entries(saved)) this.mapOf(key).set(key, level);
  }

  /** `session` is the conversation a request belongs to, `""` when it belongs to none. */
  of(policy: Policy, session: string): Level | undefined {
    const key = keyOf(policy, session);
    return this.mapOf(key).get(key);
  }

  set(policy: Policy, session: string, level: Level): void {
    const key = keyOf(policy, session);
    const map = this.mapOf(key);
    map.delete(key);
    map.set(key, level);
    const [oldest] = this.sessions.keys();
    if (this.sessions.size > MAX_LEVELS && oldest !== undefined) this.sessions.delete(oldest);
  }

  saved(): Saved {
    return Object.fromEntries([...this.broker, ...this.sessions]);
  }

  private mapOf(key: string): Map<string, Level> {
    return key.includes(APART) ? this.sessions : this.broker;
  }
}

function keyOf({ name, counts }: Policy, session: string): string {
  return counts === "session" ? `${name}${APART}${session}` : name;
}
