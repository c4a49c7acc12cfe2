/**
 * The application's validator as source text: ajv standalone, compiled from the generated schema.
 *
 * Law: nothing is compiled at run time (Workers forbid it) and nothing is written by hand. The build and
 * the tests both take the module from here, under the name `virtual:application`.
 */
import Ajv from "ajv/dist/2020.js";
import { _ } from "ajv/dist/compile/codegen/index.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SCHEMA = `${ROOT}src/generated/application.schema.json`;
const NAME = "virtual:application";
const PROSE = new Set(["$schema", "title", "description"]);

/** The module: `validate` (ajv), and the `schema` it was made from without its prose. */
export async function applicationModule() {
  const schema = withoutProse(JSON.parse(readFileSync(SCHEMA, "utf8")));
  const ajv = new Ajv.default({
    strict: true,
    allowUnionTypes: true, // money is a number or a decimal string
    allErrors: true,
    messages: false, // src/sentences.ts writes them
    multipleOfPrecision: 4, // cents as doubles: see _CENT_TOLERANCE in src/lendgate/schema/base.py
    code: { source: true, esm: true, formats: _`formats` },
    formats: { date: () => true, "date-time": () => true }, // the running ones are src/dates.ts
  });
  const validator = standaloneCode.default(ajv, ajv.compile(lengthsFirst(schema)));
  const contents = `import { formats } from "./src/dates.ts";\n${validator}\nexport const schema = ${JSON.stringify(schema)};`;
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

/** For esbuild. */
export const esbuildPlugin = {
  name: NAME,
  setup(bundler) {
    bundler.onResolve({ filter: /^virtual:application$/ }, () => ({ path: NAME, namespace: NAME }));
    bundler.onLoad({ filter: /.*/, namespace: NAME }, async () => ({ contents: await applicationModule() }));
  },
};

/** For vitest. */
export const vitePlugin = {
  name: NAME,
  resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
  load: (id) => (id === `\0${NAME}` ? applicationModule() : undefined),
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
