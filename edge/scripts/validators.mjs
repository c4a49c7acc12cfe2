/**
 * The validators of every body as source text: ajv standalone, compiled from the generated schemas.
 *
 * Law: nothing is compiled at run time (Workers forbid it) and nothing is written by hand. The build and
 * the tests both take the module from here, under the name `virtual:shapes`.
 */
import Ajv from "ajv/dist/2020.js";
import { _ } from "ajv/dist/compile/codegen/index.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SHAPES = `${ROOT}src/generated/shapes/`;
const NAME = "virtual:shapes";
const PROSE = new Set(["$schema", "title", "description"]);

/** The module: `shapes`, by name, each with `validate` (ajv) and the `schema` it was made from without its prose. */
export async function shapesModule() {
  const schemas = Object.fromEntries(readdirSync(SHAPES).sort().map((file) => [file.replace(".json", ""), read(file)]));
  const names = Object.keys(schemas);
  const ajv = new Ajv.default({
    strict: true,
    allowUnionTypes: true, // money is a number or a decimal string
    allErrors: true,
    messages: false, // src/sentences.ts writes them
    multipleOfPrecision: 4, // cents as doubles: see _CENT_TOLERANCE in src/lendgate/schema/base.py
    code: { source: true, esm: true, formats: _`formats` },
    formats: { date: () => true, "date-time": () => true }, // the running ones are src/dates.ts
  });
  for (const name of names) ajv.addSchema(lengthsFirst(schemas[name]), name);
  const validators = standaloneCode.default(ajv, Object.fromEntries(names.map((name) => [`validate_${name}`, name])));
  const members = names.map((name) => `${name}: { validate: validate_${name}, schema: ${JSON.stringify(schemas[name])} }`);
  const contents = `import { formats } from "./src/dates.ts";\n${validators}\nexport const shapes = { ${members.join(",\n")} };`;
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0].text;
}

function read(file) {
  return withoutProse(JSON.parse(readFileSync(SHAPES + file, "utf8")));
}

/** For esbuild. */
export const esbuildPlugin = {
  name: NAME,
  setup(bundler) {
    bundler.onResolve({ filter: /^virtual:shapes$/ }, () => ({ path: NAME, namespace: NAME }));
    bundler.onLoad({ filter: /.*/, namespace: NAME }, async () => ({ contents: await shapesModule() }));
  },
};

/** For vitest. */
export const vitePlugin = {
  name: NAME,
  resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
  load: (id) => (id === `\0${NAME}` ? shapesModule() : undefined),
};

function withoutProse(node, naming = false) {
  if (Array.isArray(node)) return node.map((item) => withoutProse(item));
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key]) => naming || !PROSE.has(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutProse(value, key === "properties")]));
}

/** Items are looked into only where there are not too many: the origin does the same, and a flood costs nothing. */
function lengthsFirst(node) {
  if (Array.isArray(node)) return node.map(lengthsFirst);
  if (typeof node !== "object" || node === null) return node;
  const inner = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, lengthsFirst(value)]));
  if (!inner.items || !inner.maxItems) return inner;
  const { items, ...list } = inner;
  return { ...list, if: { maxItems: list.maxItems }, then: { items } };
}
