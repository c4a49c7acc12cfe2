/**
 * The conversation's page is a form: a browser's form becomes the JSON request the gate knows, its answer a page.
 *
 * Law: the token in the form is the caller's Authorization; it goes no further than this gate, which puts it
 * into the answer's form again. Whatever goes wrong is told to a person, as a page, in the gate's own words.
 */
import { readBody } from "./bound.ts";
import { accept, refuse, type Result } from "./refusal.ts";
import { no } from "./token.ts";

export const CHAT = "/intake/chat";
const MAX_FORM_BYTES = 131_072;
const FORM_TYPE = /^application\/x-www-form-urlencoded[ \t]*(;.*)?$/i;
/** What may stand in a header: anything else could not be sent on, let alone be a token. */
const VISIBLE = /^[\x21-\x7e]*$/;
const POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors *";

export interface Form {
  /** The same question in the gate's own terms. */
  readonly request: Request;
  readonly token: string;
}

/** Whether it is the page's form that comes. */
export function isForm(request: Request): boolean {
  if (request.method !== "POST" || !FORM_TYPE.test(request.headers.get("content-type") ?? "")) return false;
  return new URL(request.url).pathname === CHAT;
}

/** Read a form: every field at most once, the empty ones left out. */
export async function readForm(request: Request): Promise<Result<Form>> {
  const read = await readBody(request, MAX_FORM_BYTES);
  if (!read.ok) return read;
  const fields = new URLSearchParams(new TextDecoder().decode(read.value));
  const names = [...fields.keys()];
  if (new Set(names).size < names.length) return refuse({ is: "bad-request", fault: "A field of the form came twice" });
  const token = (fields.get("token") ?? "").trim();
  if (!VISIBLE.test(token)) return no("it is not a signed JWT of three base64url parts");
  fields.delete("token");
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  headers.set("content-type", "application/json");
  headers.set("accept", "text/html");
  if (token !== "") headers.set("authorization", `Bearer ${token}`);
  const body = JSON.stringify(Object.fromEntries([...fields].filter(([, value]) => value !== "")));
  return accept({ request: new Request(request, { headers, body }), token });
}

/** The answer as a page: the token in its form again, or what went wrong. */
export async function pageOf(answer: Response, token: string): Promise<Response> {
  if (answer.headers.get("content-type")?.startsWith("text/html") === true)
    return new HTMLRewriter().on('input[name="token"]', { element: (input) => void input.setAttribute("value", token) }).transform(answer);
  const { reason } = (await answer.json().catch(() => ({}))) as { reason?: string };
  const headers = new Headers(answer.headers);
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set("content-security-policy", POLICY);
  return new Response(sorry(reason ?? "It did not work; please try again."), { status: answer.status, headers });
}

function sorry(reason: string): string {
  const text = reason.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>It did not work</title><link rel="stylesheet" href="${CHAT}.css"></head>` +
    `<body><main><h1>It did not work</h1><p class="wrong" role="alert">${text}</p>` +
    "<p>Nothing you sent before is lost. Go back to try again.</p></main></body></html>"
  );
}

