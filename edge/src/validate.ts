/** Step 4: is the body what the route takes? Strict JSON, then the schema the origin's models publish. Pure. */
import { shapes } from "virtual:shapes";
import { type Fault, isObject, type JsonObject, parse } from "./json.ts";
import { accept, refuse, type Result } from "./refusal.ts";
import type { Shape } from "./routes.ts";
import { faultsOf } from "./sentences.ts";

export function validate(body: Uint8Array, shape: Shape): Result<JsonObject> {
  const parsed = parse(body);
  if (!parsed.ok) return invalid(shape, [parsed.fault]);
  const { value } = parsed;
  if (!isObject(value)) return invalid(shape, [{ pointer: "", detail: "must be a JSON object" }]);
  const { schema, validate: fits } = shapes[shape];
  return fits(value) ? accept(value) : invalid(shape, faultsOf(fits.errors ?? [], value, schema));
}

function invalid(shape: Shape, faults: readonly Fault[]): Result<never> {
  return refuse({ is: "invalid", shape, faults });
}
