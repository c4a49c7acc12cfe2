/**
 * Build the Worker: one ES module that plain workerd runs, the same bytes on every machine.
 *
 *     node scripts/build.mjs            write dist/ and the copy inside the Python package
 *     node scripts/build.mjs --check    exit 1 when the committed copy is not what the source builds
 */
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { esbuildPlugin } from "./validators.mjs";

const EDGE = fileURLToPath(new URL("..", import.meta.url));
const DIST = `${EDGE}dist/`;
const PACKAGED = fileURLToPath(new URL("../../src/lendgate/cloudflare/bundle/", import.meta.url));

async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: EDGE,
    entryPoints: ["src/index.ts"],
    bundle: true,
    format: "esm",
    target: "es2024",
    minify: true,
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    legalComments: "none",
    logLevel: "warning",
    plugins: [esbuildPlugin],
    tsconfigRaw: {}, // nothing outside this file decides what is built
    write: false,
  });
  return outputFiles[0].contents;
}

async function packaged() {
  const script = await bundle();
  const digest = createHash("sha256").update(script).digest("hex");
  return {
    "gate.js": Buffer.from(script),
    "gate.js.sha256": Buffer.from(`${digest}  gate.js\n`),
    "wrangler.jsonc": readFileSync(`${EDGE}wrangler.jsonc`),
  };
}

function committed(name) {
  try {
    return readFileSync(PACKAGED + name);
  } catch {
    return null;
  }
}

const files = Object.entries(await packaged());
if (process.argv.includes("--check")) {
  const drifted = files.filter(([name, content]) => !committed(name)?.equals(content)).map(([name]) => name);
  if (drifted.length > 0) {
    console.error(`src/lendgate/cloudflare/bundle/ is not what edge/ builds (${drifted.join(", ")}): run \`make edge\``);
    process.exit(1);
  }
} else {
  mkdirSync(DIST, { recursive: true });
  mkdirSync(PACKAGED, { recursive: true });
  for (const [name, content] of files) writeFileSync(PACKAGED + name, content);
  writeFileSync(`${DIST}gate.js`, files[0][1]);
  console.log(`built gate.js, ${files[0][1].length} bytes`);
}
