/**
 * The table of routes: what is asked for, by whom, with which body, against which quota.
 *
 * Law: one row a route, the same paths and scopes as `contract/operations/` (a test compares them). A path
 * is looked up by its first segment, so that no route pays for the others.
 */
import type { LimitKind } from "./limits.ts";

export type Method = "GET" | "POST" | "PUT";
/** The JSON bodies there are, by the name of their generated schema. */
export type Shape =
  | "application" | "document_metadata" | "document_verdict" | "intake_message" | "intake_opening" | "intake_page" | "nothing" | "referral_assignment"
  | "referral_conditions" | "referral_decision" | "referral_document_requests" | "support_correction" | "support_question";
/**
 * What sending a request again does: it only asks; nothing more, as the origin knows it again; nothing more
 * where the origin honours its Idempotency-Key; or the work a second time.
 */
export type Repeat = "asks" | "harmless" | "keyed" | "never";

export interface Route {
  readonly name: string;
  readonly method: Method;
  readonly path: string;
  readonly pattern: RegExp;
  /** What an access token must allow; `null` for routes that need no caller. */
  readonly scope: string | null;
  /** A JSON body of this shape, a document's bytes, or none. */
  readonly body: Shape | "bytes" | null;
  readonly limit: LimitKind;
  readonly repeat: Repeat;
  /** Whether it must say which state it was decided on (If-Match). */
  readonly conditional: boolean;
}
type Particulars = Partial<Pick<Route, "body" | "limit" | "repeat" | "conditional">>;

const ID = "[A-Za-z0-9][A-Za-z0-9._:-]{0,63}";

function route(name: string, method: Method, path: string, scope: string | null, particulars: Particulars = {}): Route {
  const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replaceAll("{id}", ID)}$`);
  const repeat = method === "GET" ? "asks" : "never";
  return { name, method, path, pattern, scope, body: null, limit: "request", repeat, conditional: false, ...particulars };
}

function action(name: string, body: Shape): Route {
  return route(`referral-${name}`, "POST", `/referrals/{id}/${name}`, "referrals:decide", { body, conditional: true });
}

export const ROUTES: readonly Route[] = [
  route("validate", "POST", "/validate", "validate", { body: "application" }),
  route("review", "POST", "/lending-review", "review:write", { body: "application", limit: "review", repeat: "keyed" }),
  route("review-state", "GET", "/lending-review/{id}", "review:read"),
  route("review-events", "GET", "/lending-review/{id}/events", "review:read"),
  route("review-decision", "GET", "/lending-review/{id}/decision", "review:read"),
  route("review-notice", "GET", "/lending-review/{id}/notice", "review:read"),
  route("document", "POST", "/documents", "documents:write", { body: "document_metadata" }),
  route("document-content", "PUT", "/documents/{id}/content", "documents:write", { body: "bytes", limit: "paid", repeat: "harmless" }),
  route("document-state", "GET", "/documents/{id}", "documents:read"),
  route("documents", "GET", "/documents", "documents:read"),
  route("inspections", "GET", "/inspections", "documents:review"),
  route("inspection", "GET", "/inspections/{id}", "documents:review"),
  // Each look is put on record: the gate takes no second one on its own.
  route("inspection-content", "GET", "/inspections/{id}/content", "documents:review", { repeat: "harmless" }),
  route("inspection-verdict", "POST", "/inspections/{id}/verdict", "documents:decide", { body: "document_verdict", conditional: true }),
  route("intake", "POST", "/intake/sessions", "intake", { body: "intake_opening", limit: "paid" }),
  route("intake-message", "POST", "/intake/sessions/{id}/messages", "intake", { body: "intake_message", limit: "message", repeat: "harmless" }),
  route("intake-state", "GET", "/intake/sessions/{id}", "intake"),
  route("intake-events", "GET", "/intake/sessions/{id}/events", "intake"),
  route("intake-submit", "POST", "/intake/sessions/{id}/submit", "intake", { body: "nothing", limit: "review" }),
  route("intake-chat", "POST", "/intake/chat", "intake", { body: "intake_page", limit: "paid" }),
  route("intake-page", "GET", "/intake/chat", null),
  route("intake-script", "GET", "/intake/chat.js", null),
  route("intake-style", "GET", "/intake/chat.css", null),
  route("intake-embed", "GET", "/intake/embed.js", null),
  route("support-question", "POST", "/support/questions", "support", { body: "support_question", limit: "paid" }),
  route("support-status", "GET", "/support/status/{id}", "support", { limit: "status" }),
  route("support-correction", "POST", "/support/corrections", "support", { body: "support_correction" }),
  route("referrals", "GET", "/referrals", "referrals:read"),
  route("referral", "GET", "/referrals/{id}", "referrals:read"),
  action("claim", "nothing"),
  action("release", "nothing"),
  action("assign", "referral_assignment"),
  action("conditions", "referral_conditions"),
  action("document-requests", "referral_document_requests"),
  action("decide", "referral_decision"),
  route("livez", "GET", "/livez", null),
  route("readyz", "GET", "/readyz", null),
  route("openapi", "GET", "/openapi.json", null),
];

const BY_SEGMENT = Map.groupBy(ROUTES, ({ path }) => firstSegment(path));

function firstSegment(path: string): string {
  const end = path.indexOf("/", 1);
  return end < 0 ? path : path.slice(0, end);
}

/** The routes of a path, one a method; none where there is no such path. */
export function routesOf(path: string): readonly Route[] {
  return BY_SEGMENT.get(firstSegment(path))?.filter(({ pattern }) => pattern.test(path)) ?? [];
}
