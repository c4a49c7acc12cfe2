/** One good body of each shape. */
import type { JsonObject } from "../src/json.ts";
import type { Shape } from "../src/routes.ts";
import { SMALLEST } from "./gate.ts";

export const BODIES: Readonly<Record<Shape, JsonObject>> = {
  application: SMALLEST,
  document_metadata: {
    application_id: "r-1", declared_type: "pay_stub", file_name: "stub.pdf", media_type: "application/pdf", size: 52_301, sha256: "a1".repeat(32),
  },
  intake_message: { text: "I make 5k a month", message_id: "m-1" },
  intake_opening: {},
  nothing: {},
  referral_assignment: { underwriter: "underwriter-7" },
  referral_conditions: { conditions: ["Proof of insurance before closing."] },
  referral_decision: { action: "decline", reason: "Obligations are too high for the income that could be verified." },
  referral_document_requests: { documents: [{ type: "bank_statement", note: "March and April" }] },
  support_correction: { review_id: "r-1", kind: "correction", text: "The income is per month." },
  support_question: { review_id: "r-1", question: "Why was it referred?" },
};
