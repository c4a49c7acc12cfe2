/** What the gate knows about one request: `schema.gate.Metadata`, for the caller and for the origin. */
import type { Principal } from "./claims.ts";
import type { Env } from "./env.ts";
import problems from "./generated/problems.json";

export interface Metadata {
  readonly request_id: string;
  readonly received_at: string;
  readonly broker_id: string;
  readonly tenant: string;
  readonly country: string | null;
  readonly colo: string | null;
  readonly schema_version: string;
  readonly policy_version: string;
  readonly edge_version: string;
}

export function metadataOf(
  request: Request,
  { tenant, broker_id }: Principal,
  requestId: string,
  receivedAt: number,
  { version, requirements }: Env,
): Metadata {
  return {
    request_id: requestId,
    received_at: new Date(receivedAt).toISOString(),
    broker_id,
    tenant,
    country: text(request.cf?.["country"]),
    colo: text(request.cf?.["colo"]),
    schema_version: problems.schema_version,
    policy_version: requirements.policy_version,
    edge_version: version,
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
