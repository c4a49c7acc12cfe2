/**
 * The application as the gate gives it back: defaults filled in, `null` left out, the rest as sent.
 *
 * Law: pure; only for values that validated. Monitoring data is not part of an application, so it is not
 * given back.
 */
import { type Schema, shapes } from "virtual:shapes";
import { isObject, type JsonObject, type JsonValue } from "./json.ts";

export function normalise(submission: JsonObject): JsonObject {
  const { monitoring: _, ...application } = submission;
  return objectOf(application, shapes.application.schema);
}

function objectOf(value: JsonObject, { properties = {} }: Schema): JsonObject {
  const whole: JsonObject = {};
  for (const name in properties) {
    const node = properties[name] ?? {};
    const member = value[name] ?? node.default;
    if (member !== undefined) whole[name] = valueOf(member, node);
  }
  return whole;
}

function valueOf(value: JsonValue, node: Schema): JsonValue {
  if (Array.isArray(value)) return value.map((item) => valueOf(item, node.items ?? {}));
  return isObject(value) ? objectOf(value, node) : value;
}
