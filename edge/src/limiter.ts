/**
 * One broker's quotas: a Durable Object that counts in memory.
 *
 * Law: one call a request, and no write a request. The levels are saved by an alarm a few seconds after
 * they changed, so that an eviction forgets nothing and a crash forgets at most those seconds.
 */
import { DurableObject } from "cloudflare:workers";
import { take, uncounted } from "./gcra.ts";
import { Levels, type Saved } from "./levels.ts";
import { type LimitKind, type Limits, rateField, readLimits, seconds } from "./limits.ts";
import type { UncheckedEnv } from "./env.ts";

const SAVE_AFTER_MS = 5000;
const LEVELS = "levels";

export class BrokerLimiter extends DurableObject<UncheckedEnv> {
  private readonly limits: Limits;
  private levels = new Levels();
  private saving = false;

  constructor(ctx: DurableObjectState, env: UncheckedEnv) {
    super(ctx, env);
    const limits = readLimits(String(env["LIMITS"]));
    if (limits === null) throw new Error("LIMITS is not valid"); // the gate refuses before it calls
    this.limits = limits;
    void ctx.blockConcurrencyWhile(async () => {
      this.levels = new Levels(await ctx.storage.get<Saved>(LEVELS));
    });
  }

  /** `/<kind>` or `/message/<session>`: 204 when it fits every quota, 429 (and nothing counted) when not. */
  override fetch(request: Request): Response {
    const [, , , kind, session = ""] = request.url.split("/");
    const now = Date.now();
    const verdicts = this.limits[kind as LimitKind].map((policy) => take(policy, this.levels.of(policy, session), now));
    const wait = Math.max(...verdicts.map((verdict) => verdict.wait));
    if (wait > 0) {
      const headers = { ratelimit: rateField(verdicts.map(uncounted)), "retry-after": String(seconds(wait)) };
      return new Response(null, { status: 429, headers });
    }
    for (const { policy, after } of verdicts) this.levels.set(policy, session, after);
    this.saveLater(now);
    return new Response(null, { status: 204, headers: { ratelimit: rateField(verdicts) } });
  }

  override async alarm(): Promise<void> {
    this.saving = false;
    await this.ctx.storage.put(LEVELS, this.levels.saved());
  }

  private saveLater(now: number): void {
    if (this.saving) return;
    this.saving = true;
    // Unconfirmed: the answer need not wait for the disk.
    void this.ctx.storage.setAlarm(now + SAVE_AFTER_MS, { allowUnconfirmed: true });
  }
}
