declare namespace Cloudflare {
  /** What wrangler.jsonc binds, as far as tests ask for it. */
  interface Env {
    readonly LIMITER: DurableObjectNamespace<import("../src/limiter.ts").BrokerLimiter>;
    readonly LIMITS: string;
    /** Bound by vitest.config.mjs. */
    readonly DOCUMENTS: R2Bucket;
  }
}
