/** For tests: typeset the contents of a JSON file (a list) and print the hash of each PDF. */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(import.meta.url);
const load = async (path) => (await runnerImport(here(path), { configFile: false, logLevel: 'error' })).module;
const { Engine } = await load('./engine.ts');
const { sha256Hex } = await load('../sha256.ts');

// As the page's security policy has it: code from strings is forbidden.
globalThis.Function = function () {
  throw new EvalError('code from a string');
};

const templates = here('../../../../features/inspections/templates/');
const fonts = here('../../../../core/documents/fonts/');
const engine = await Engine.start({
  wasm: readFileSync(require.resolve('@myriaddreamin/typst-ts-web-compiler/wasm')),
  fonts: readdirSync(fonts).filter((name) => name.endsWith('.ttf')).sort()
    .map((name) => new Uint8Array(readFileSync(fonts + name))),
  templates: Object.fromEntries(
    readdirSync(templates).map((name) => [name, readFileSync(templates + name, 'utf-8')]),
  ),
});
const answers = [];
for (const content of JSON.parse(readFileSync(process.argv[2], 'utf-8'))) {
  answers.push({
    sha256: await sha256Hex(engine.typeset(content)),
    template_sha256: await engine.templateSha256(content.form),
  });
}
console.log(JSON.stringify(answers));
