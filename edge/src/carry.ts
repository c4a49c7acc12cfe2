/**
 * Steps 4 and 5 for a caller who may: what was sent is validated, and then answered here or carried on.
 *
 * Law: a body is read only after its sender is known and counted.
 */
import { type Bounded, limitOf, readBody, traceparent } from "./bound.ts";
import type { Principal } from "./claims.ts";
import { completeness } from "./completeness.ts";
import type { Env } from "./env.ts";
import { forward } from "./forward.ts";
import type { JsonObject } from "./json.ts";
import type { Counted } from "./limit.ts";
import type { Metadata } from "./metadata.ts";
import { normalise } from "./normalise.ts";
import { accept, type Result } from "./refusal.ts";
import type { Route } from "./routes.ts";
import { contentDigest } from "./sign.ts";
import { status } from "./status.ts";
import { upload } from "./upload.ts";
import { validate } from "./validate.ts";

/** A request within its sender's rights and quotas. */
export interface Admitted {
  readonly bounded: Bounded;
  readonly principal: Principal;
  readonly counted: Counted;
  readonly metadata: Metadata;
}

const NOTHING = new Uint8Array();
/** RFC 9530 of no bytes at all. */
const DIGEST_OF_NOTHING = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";

/** `common` are the headers of every answer. */
export async function carry(
  request: Request,
  { bounded, principal, counted, metadata }: Admitted,
  env: Env,
  common: Readonly<Record<string, string>>,
): Promise<Result<Response>> {
  const { route, content } = bounded;
  const forwarded = { bounded, principal, metadata, traceparent: traceparent(request.headers.get("traceparent")) };
  if (content !== null && request.body !== null)
    return upload(request.body, content, { ...forwarded, digest: content.field }, env, common);
  if (route.limit === "status")
    return status(request.headers.get("if-none-match"), { ...forwarded, digest: DIGEST_OF_NOTHING }, counted, env, common);
  const sent = await bodyOf(request, route);
  if (!sent.ok) return sent;
  const { bytes, value } = sent.value;
  if (route.name === "validate") return accept(validated(value, metadata, env, common));
  const digest = bytes.length === 0 ? DIGEST_OF_NOTHING : await contentDigest(bytes);
  return forward({ ...forwarded, digest }, bytes, env, common);
}

interface Sent {
  readonly bytes: Uint8Array;
  readonly value: JsonObject;
}

/** A JSON body as it came and as it reads; nothing of either where the route takes none. */
async function bodyOf(request: Request, route: Route): Promise<Result<Sent>> {
  if (route.body === null || route.body === "bytes") return accept({ bytes: NOTHING, value: {} });
  const read = await readBody(request, limitOf(route));
  if (!read.ok) return read;
  const valid = validate(read.value, route.body);
  return valid.ok ? accept({ bytes: read.value, value: valid.value }) : valid;
}

/** The gate's yes: `schema.gate.Validated`. */
function validated(
  submission: JsonObject,
  metadata: Metadata,
  { requirements }: Env,
  common: Readonly<Record<string, string>>,
): Response {
  const application = normalise(submission);
  const answer = { ok: true, application, metadata, completeness: completeness(application, requirements) };
  return new Response(JSON.stringify(answer), { headers: { ...common, "content-type": "application/json" } });
}
