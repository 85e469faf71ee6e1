/** Keeps the engine off the page's own thread; it starts with the first question. */
import { sha256Hex } from '../sha256';
import { Engine } from './engine';
import { COMPILER, FONTS, dropOthers, fetchKept } from './files';
import type { Answer, Question } from './protocol';

const templates = Object.fromEntries(
  Object.entries(
    import.meta.glob<string>('../../../../features/inspections/templates/*.typ', {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
  ).map(([path, text]) => [path.slice(path.lastIndexOf('/') + 1), text]),
);
const worker = self as unknown as {
  postMessage(message: Answer, transfer?: Transferable[]): void;
  onmessage: (event: MessageEvent<Question>) => void;
};

let engine: Promise<Engine> | null = null;

async function start(): Promise<Engine> {
  let loaded = 0;
  const told = (bytes: number) => {
    loaded += bytes;
    worker.postMessage({ kind: 'progress', loaded });
  };
  const wasm = await fetchKept(COMPILER, told);
  const fonts = [];
  for (const font of FONTS) fonts.push(await fetchKept(font, told));
  await dropOthers();
  return Engine.start({ wasm, fonts, templates });
}

/** One engine for all questions; one that could not start is started again by the next. */
function started(): Promise<Engine> {
  engine ??= start().catch((error: unknown) => {
    engine = null;
    throw error;
  });
  return engine;
}

worker.onmessage = async ({ data }) => {
  try {
    const here = await started();
    if (data.kind === 'prepare') {
      worker.postMessage({ kind: 'prepared', id: data.id });
      return;
    }
    const pdf = here.typeset(data.content);
    const bytes = new Uint8Array(pdf); // a copy: the engine's own memory can't be given away
    worker.postMessage(
      {
        kind: 'typeset',
        id: data.id,
        paper: {
          pdf: bytes,
          sha256: await sha256Hex(bytes),
          templateSha256: await here.templateSha256(data.content.form),
        },
      },
      [bytes.buffer],
    );
  } catch (error) {
    worker.postMessage({ kind: 'failed', id: data.id, reason: String(error) });
  }
};
