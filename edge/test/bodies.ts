/** One good body of each shape, and a document. */
import type { JsonObject } from "../src/json.ts";
import type { Route, Shape } from "../src/routes.ts";
import { contentDigest } from "../src/sign.ts";
import { SMALLEST } from "./gate.ts";

export const BODIES: Readonly<Record<Shape, JsonObject>> = {
  application: SMALLEST,
  document_metadata: {
    application_id: "r-1", declared_type: "pay_stub", file_name: "stub.pdf", media_type: "application/pdf", size: 52_301, sha256: "a1".repeat(32),
  },
  document_verdict: { action: "accept", reason: "Net pay stands at the foot of the stub.", document: 1, fields: [{ name: "net_current", value: "2,310.55" }] },
  intake_message: { text: "I make 5k a month", message_id: "m-1" },
  intake_opening: {},
  intake_page: { does: "say", session_id: "s-1", text: "I make 5k a month", message_id: "m-1" },
  nothing: {},
  referral_assignment: { underwriter: "underwriter-7" },
  referral_conditions: { conditions: ["Proof of insurance before closing."] },
  referral_decision: { action: "decline", reason: "Obligations are too high for the income that could be verified." },
  referral_document_requests: { documents: [{ type: "bank_statement", note: "March and April" }] },
  support_correction: { review_id: "r-1", kind: "correction", text: "The income is per month." },
  support_question: { review_id: "r-1", question: "Why was it referred?" },
};

export const DOCUMENT = new TextEncoder().encode("%PDF-1.7 a document");

/** The headers that announce a document. */
export async function announced(bytes: Uint8Array, changes: Record<string, string> = {}): Promise<Record<string, string>> {
  const type = { "content-type": "application/pdf", "content-length": String(bytes.length) };
  return { ...type, "content-digest": await contentDigest(bytes), ...changes };
}

/** A body as a connection brings it: these parts, and then its end, a break or nothing more. */
export function arriving(parts: readonly Uint8Array[], then: "ends" | "breaks" | "pauses" = "ends"): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const sent = async () => {
    for (const part of parts) if (part.length > 0) await writer.write(part);
    if (then === "ends") await writer.close();
    if (then === "breaks") await writer.abort(new Error("gone"));
  };
  sent().catch(() => null); // whoever reads may stop
  return readable;
}

/** What a good request of a route is sent with. */
export async function sending({ body, conditional, method }: Route): Promise<{ method: string; body: string | Uint8Array | null; headers: Record<string, string> }> {
  const headers: Record<string, string> = conditional ? { "if-match": '"3"' } : {};
  if (body === "bytes") return { method, body: DOCUMENT, headers: { ...headers, ...(await announced(DOCUMENT)) } };
  return { method, headers, body: body === null ? null : ` ${JSON.stringify(BODIES[body])}\n` };
}
