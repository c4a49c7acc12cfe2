import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { vitePlugin } from "./scripts/validators.mjs";

// Small quotas, so that tests can reach them; every test has a broker of its own.
const quota = (per_minute, per_day) => ({ per_minute, per_day });
const LIMITS = JSON.stringify({ request: quota(12, 30), review: quota(3, 5), paid: quota(6, 9), session: quota(2, 4) });

// Nothing outside the checkout is written, and nobody is told.
process.env.WRANGLER_LOG_PATH ??= ".wrangler/logs";
process.env.WRANGLER_SEND_METRICS ??= "false";
process.env.ORIGIN_SIGNING_KEY ??= "bound for wrangler's sake; tests bring their own settings";

export default defineConfig({
  plugins: [
    vitePlugin,
    cloudflareTest({
      main: "src/index.ts",
      wrangler: { configPath: "wrangler.jsonc" },
      miniflare: { bindings: { LIMITS }, r2Buckets: ["DOCUMENTS"] },
    }),
  ],
  // The gate logs a line a request; one workerd serves all files.
  test: { silent: "passed-only", isolate: false },
  server: { fs: { allow: [".."] } }, // ../contract/vectors
});
