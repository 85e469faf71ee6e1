/**
 * Sets a paper with the same Typst engine, templates and fonts as the command post: the same
 * content gives the same bytes. Knows neither worker nor cache: runs in Node for tests too.
 */
import initCompiler, { TypstCompilerBuilder, type TypstCompiler } from '@myriaddreamin/typst-ts-web-compiler';
import { sha256Hex } from '../sha256';

export interface EngineFiles {
  wasm: BufferSource;
  fonts: Uint8Array[];
  /** File name, e.g. `record.typ`, to its text. */
  templates: Record<string, string>;
}

/** What every template imports: part of its hash. */
const SHARED = ['layout.typ', 'values.typ'];

export class Engine {
  #compiler: TypstCompiler;
  #templates: Record<string, string>;

  private constructor(compiler: TypstCompiler, templates: Record<string, string>) {
    this.#compiler = compiler;
    this.#templates = templates;
  }

  static async start(files: EngineFiles): Promise<Engine> {
    await initCompiler({ module_or_path: files.wasm });
    const builder = withoutEval(() => new TypstCompilerBuilder());
    const none = () => undefined;
    await builder.set_access_model({}, none, () => false, (path: string) => path, none);
    await builder.set_package_registry({}, none);
    for (const font of files.fonts) await builder.add_raw_font(font);
    const compiler = await builder.build();
    for (const [name, text] of Object.entries(files.templates)) compiler.add_source(`/${name}`, text);
    return new Engine(compiler, files.templates);
  }

  /** The PDF of a paper. Throws with the engine's words where it can't be set. */
  typeset(content: { form: string }): Uint8Array {
    const template = this.#templateOf(content.form);
    const inputs = [['data', JSON.stringify(content)]];
    const answer = this.#compiler.compile(`/${template}`, inputs, 'pdf', 1) as
      | Uint8Array
      | { result?: Uint8Array; diagnostics?: unknown[] };
    // What one paper needed must not pile up on a handheld.
    this.#compiler.reset();
    const pdf = answer instanceof Uint8Array ? answer : answer.result;
    if (!pdf) throw new Error(`${content.form} can't be typeset: ${JSON.stringify(answer)}`);
    return pdf;
  }

  /** The hash of all that shapes a form's papers: its template and the shared ones. */
  async templateSha256(form: string): Promise<string> {
    const parts = [this.#templateOf(form), ...SHARED].map((name) => `${name}\0${this.#templates[name]}\0`);
    return sha256Hex(new TextEncoder().encode(parts.join('')));
  }

  #templateOf(form: string): string {
    const name = `${form.toLowerCase()}.typ`;
    if (!(name in this.#templates)) throw new Error(`no form is called ${form}`);
    return name;
  }
}

/**
 * The builder makes its stand-ins for "no files, no packages" by `new Function`, which the page's
 * security policy forbids. They are replaced right after, so any function will do.
 */
function withoutEval<T>(make: () => T): T {
  const real = globalThis.Function;
  globalThis.Function = function () {
    return () => undefined;
  } as unknown as FunctionConstructor;
  try {
    return make();
  } finally {
    globalThis.Function = real;
  }
}
