// A small Worker for the tests of workerd's supervision: it shows what it was given.
import { DurableObject } from "cloudflare:workers";

export class BrokerLimiter extends DurableObject {
  async count() {
    const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return count;
  }
}

const routes = {
  "/text": (_request, env) => Response.json({ text: env.TEXT, limits: env.LIMITS, secret: env.SECRET }),
  "/headers": (request) => Response.json({ headers: Object.fromEntries(request.headers), cf: request.cf ?? null }),
  "/count": async (_request, env) => new Response(await env.LIMITER.getByName("one").count()),
  "/origin": (request, env) => env.ORIGIN.fetch("http://origin/asked", request),
  "/out": async (request) => {
    const answer = await fetch(new URL(request.url).searchParams.get("url"));
    return new Response(`${answer.status} ${await answer.text()}`);
  },
};

export default {
  fetch(request, env) {
    return routes[new URL(request.url).pathname](request, env);
  },
};
