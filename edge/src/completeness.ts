/**
 * What an application still lacks, from the table the policy packs give.
 *
 * Law: the same table and answer as `src/lendgate/intake/completeness.py`; what is missing is reported and
 * never refuses receipt. Pure.
 */
import table from "./generated/completeness.json";
import { isObject, type JsonObject, type JsonValue, parse } from "./json.ts";

interface Requirement {
  readonly type: string;
  readonly needed: number;
  readonly why: string;
  /** `always`, or the applications it is asked of. */
  readonly when: string;
}
export interface Requirements {
  readonly policy_version: string;
  readonly products: Readonly<
    Record<string, { readonly missing_fields: readonly string[]; readonly documents: readonly Requirement[] }>
  >;
}
/** `schema.gate.Completeness`. */
export interface Completeness {
  readonly complete: boolean;
  readonly missing_documents: readonly { type: string; needed: number; present: number; why: string }[];
  readonly missing_fields: readonly string[];
}

/** The table of the packaged packs, for a gate that is told no other. */
export const packaged: Requirements = table;

/** A lender's own table from its JSON text; `null` when it is not one. */
export function readRequirements(text: string): Requirements | null {
  const parsed = parse(new TextEncoder().encode(text));
  if (!parsed.ok || !isObject(parsed.value)) return null;
  const { policy_version, products } = parsed.value;
  const whole = typeof policy_version === "string" && isObject(products) && Object.values(products).every(isProduct);
  return whole ? (parsed.value as unknown as Requirements) : null;
}

function isProduct(value: JsonValue): boolean {
  if (!isObject(value)) return false;
  const { missing_fields, documents } = value;
  return Array.isArray(missing_fields) && Array.isArray(documents) && documents.every(isObject);
}

/** `application` is a normalised one: its product is filled in. */
export function completeness(application: JsonObject, { products }: Requirements): Completeness {
  const wanted = products[String(application["product"])] ?? { missing_fields: [], documents: [] };
  const missing_fields = wanted.missing_fields.filter((pointer) => !isPresent(application, pointer));
  const missing_documents = wanted.documents
    .filter(({ when }) => applies(when, application))
    .map(({ type, needed, why }) => ({ type, needed, present: count(application, type), why }))
    .filter(({ needed, present }) => present < needed);
  return {
    complete: missing_fields.length === 0 && missing_documents.length === 0,
    missing_documents,
    missing_fields,
  };
}

function isPresent(application: JsonObject, pointer: string): boolean {
  let value: JsonValue | undefined = application;
  for (const token of pointer.split("/").slice(1)) value = isObject(value) ? value[token] : undefined;
  return value !== undefined && value !== null;
}

function count(application: JsonObject, type: string): number {
  return listOf(application["documents"]).filter((document) => document["type"] === type).length;
}

function applies(when: string, application: JsonObject): boolean {
  switch (when) {
    case "self_employed":
      return isSelfEmployed(application);
    case "purchase":
      return application["loan_purpose"] === "Purchase";
    case "refinance":
      return application["loan_purpose"] === "Refinance";
    default:
      return true;
  }
}

/** Any present job that is self-employment, or an ownership share of a quarter or more (URLA 1b). */
function isSelfEmployed(application: JsonObject): boolean {
  return listOf(application["applicants"])
    .flatMap((applicant) => listOf(applicant["employments"]))
    .some(
      ({ status, self_employed, ownership_share }) =>
        status === "Current" && (self_employed === true || Number(ownership_share ?? 0) >= 0.25),
    );
}

function listOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
