/** Step 4: is it an application? Strict JSON, then the schema the origin's models publish. Pure. */
import { schema, validate as fits } from "virtual:application";
import { isObject, type JsonObject, parse } from "./json.ts";
import { accept, refuse, type Result } from "./refusal.ts";
import { faultsOf } from "./sentences.ts";

export function validate(body: Uint8Array): Result<JsonObject> {
  const parsed = parse(body);
  if (!parsed.ok) return refuse({ is: "invalid", faults: [parsed.fault] });
  const { value } = parsed;
  if (!isObject(value)) return refuse({ is: "invalid", faults: [{ pointer: "", detail: "must be a JSON object" }] });
  if (fits(value)) return accept(value);
  return refuse({ is: "invalid", faults: faultsOf(fits.errors ?? [], value, schema) });
}
