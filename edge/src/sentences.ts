/**
 * From what ajv says to what people read: one fault a place, in the words and the order of the origin.
 *
 * Law: the sentences are those of `src/lendgate/schema/base.py` and `intake/parse.py`; change them there
 * as well. Pure.
 */
import type { Broken, Schema } from "virtual:shapes";
import { escapeToken, type Fault, isObject, type JsonValue } from "./json.ts";

/** Beyond this a caller is not helped, and a body of nothing but faults would cost. */
const MAX_FAULTS = 50;
const MAX_CONSIDERED = 1000;
/** The order in which the origin tries a value: it names the first rule that is broken. */
const RANK = [
  "additionalProperties", "required", "enum", "type", "maxItems", "minItems", "minimum", "maximum", "multipleOf",
  "minLength", "maxLength", "pattern", "format",
];

interface Place {
  readonly pointer: string;
  readonly keyword: string;
  /** Where the schema lists it, step by step: the order of the origin's errors. */
  readonly order: readonly number[];
  readonly detail: string;
}

export function faultsOf(errors: readonly Broken[], value: JsonValue, schema: Schema): Fault[] {
  const firsts = new Map<string, Place>();
  for (const error of errors.slice(0, MAX_CONSIDERED)) {
    if (error.keyword === "if") continue; // says that what it guards is wrong, which says so itself
    const place = placeOf(error, value, schema);
    const known = firsts.get(place.pointer);
    if (!known || RANK.indexOf(place.keyword) < RANK.indexOf(known.keyword)) firsts.set(place.pointer, place);
  }
  return [...firsts.values()]
    .sort((one, other) => compare(one.order, other.order))
    .slice(0, MAX_FAULTS)
    .map(({ pointer, detail }) => ({ pointer, detail }));
}

function placeOf({ keyword, instancePath, params }: Broken, root: JsonValue, schema: Schema): Place {
  const member = params.missingProperty ?? params.additionalProperty;
  const tokens = instancePath.split("/").slice(1); // names the schema knows: none needs unescaping
  if (member !== undefined) tokens.push(member);
  const order: number[] = [];
  let node: Schema | undefined = schema;
  let value: JsonValue | undefined = root;
  for (const token of tokens) {
    const names: string[] = Object.keys(node?.properties ?? {});
    order.push(node?.items ? Number(token) : names.includes(token) ? names.indexOf(token) : names.length);
    node = node?.items ?? (names.includes(token) ? node?.properties?.[token] : undefined);
    value = Array.isArray(value) ? value[Number(token)] : isObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
  }
  const pointer = tokens.map((token) => `/${escapeToken(token)}`).join("");
  return { pointer, keyword, order, detail: sentence(keyword, node ?? {}, value) };
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((step, index) => step !== other[index]);
  return at < 0 ? one.length - other.length : (one[at] ?? 0) - (other[at] ?? -1);
}

function sentence(keyword: string, node: Schema, value: JsonValue | undefined): string {
  if (keyword === "additionalProperties") return "is not a known field";
  if (keyword === "required" || value === null) return "is required";
  switch (keyword) {
    case "enum":
      return `must be one of: ${(node.enum ?? []).filter((choice) => choice !== null).join(", ")}`;
    case "type":
      return ofType(node);
    case "minItems":
      return `must have at least ${node.minItems} items`;
    case "maxItems":
      return `must have at most ${node.maxItems} items`;
    case "minimum":
      return `must be at least ${node.minimum}`;
    case "maximum":
      return `must be at most ${node.maximum}${node.maximum === 1 ? "; looks like a percentage, send 0.31 for 31%" : ""}`;
    case "multipleOf":
      return "must have at most two decimals";
    case "minLength":
      return `must have at least ${node.minLength} characters`;
    case "maxLength":
      return `must have at most ${node.maxLength} characters`;
    case "pattern":
      if (isMoney(node)) return "must be dollars such as 95000 or 95000.50";
      return isMoment(node) ? LIKE_A_MOMENT : `must look like ${node.examples?.[0]}`;
    case "format":
      return isMoment(node)
        ? "must be a moment of the calendar such as 2026-11-22T14:05:09Z"
        : "must be a day of the calendar such as 2026-11-22";
    default:
      return "is not valid";
  }
}

function typesOf({ type = [] }: Schema): readonly string[] {
  return typeof type === "string" ? [type] : type;
}

function isMoney(node: Schema): boolean {
  return typesOf(node).includes("number") && typesOf(node).includes("string");
}

function isMoment(node: Schema): boolean {
  return node.format === "date-time";
}

const LIKE_A_MOMENT = "must look like 2026-11-22T14:05:09Z";
const BY_TYPE: Record<string, string> = {
  object: "must be an object",
  array: "must be a list",
  boolean: "must be true or false",
  integer: "must be a whole number",
  number: "must be a number",
  string: "must be text",
};

function ofType(node: Schema): string {
  if (isMoney(node)) return "must be a number or a decimal string";
  if (isMoment(node)) return LIKE_A_MOMENT;
  return BY_TYPE[typesOf(node).find((type) => type !== "null") ?? ""] ?? "is not valid";
}
