/**
 * One broker's object: a Durable Object that counts in memory, and keeps what the broker asked for lately.
 *
 * Law: one call a request, and no write a request. The levels are saved by an alarm a few seconds after
 * they changed, so that an eviction forgets nothing and a crash forgets at most those seconds. Kept answers
 * are in memory alone.
 */
import { DurableObject } from "cloudflare:workers";
import { take, uncounted } from "./gcra.ts";
import { type Copy, Kept } from "./kept.ts";
import { Levels, type Saved } from "./levels.ts";
import { type LimitKind, type Limits, rateField, readLimits, seconds } from "./limits.ts";
import type { UncheckedEnv } from "./env.ts";

const SAVE_AFTER_MS = 5000;
const LEVELS = "levels";

export class BrokerLimiter extends DurableObject<UncheckedEnv> {
  private readonly limits: Limits;
  private readonly kept = new Kept();
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

  /** `/<kind>/<conversation or review>` counts a request; PUT `/kept/<review>` leaves an answer here. */
  override async fetch(request: Request): Promise<Response> {
    const [, , , kind = "", subject = ""] = request.url.split("/");
    return request.method === "PUT" ? this.keep(subject, request) : this.count(kind as LimitKind, subject);
  }

  override async alarm(): Promise<void> {
    this.saving = false;
    await this.ctx.storage.put(LEVELS, this.levels.saved());
  }

  /** 204, or 200 with what is kept, when it fits every quota; 429 (and nothing counted) when not. */
  private count(kind: LimitKind, subject: string): Response {
    const now = Date.now();
    const verdicts = this.limits[kind].map((policy) => take(policy, this.levels.of(policy, subject), now));
    const wait = Math.max(...verdicts.map((verdict) => verdict.wait));
    if (wait > 0) {
      const headers = { ratelimit: rateField(verdicts.map(uncounted)), "retry-after": String(seconds(wait)) };
      return new Response(null, { status: 429, headers });
    }
    for (const { policy, after } of verdicts) this.levels.set(policy, subject, after);
    this.saveLater(now);
    return answered(rateField(verdicts), kind === "status" ? this.kept.get(subject, now) : null);
  }

  private async keep(subject: string, request: Request): Promise<Response> {
    const copy = { etag: request.headers.get("etag") ?? "", body: await request.text() };
    this.kept.keep(subject, copy, Number(request.headers.get("seconds")), Date.now());
    return new Response(null, { status: 204 });
  }

  private saveLater(now: number): void {
    if (this.saving) return;
    this.saving = true;
    // Unconfirmed: the answer need not wait for the disk.
    void this.ctx.storage.setAlarm(now + SAVE_AFTER_MS, { allowUnconfirmed: true });
  }
}

function answered(ratelimit: string, copy: Copy | null): Response {
  if (copy === null) return new Response(null, { status: 204, headers: { ratelimit } });
  return new Response(copy.body, { headers: { ratelimit, etag: copy.etag } });
}
