/**
 * Typesets papers on this device. Nothing of it is loaded before it is asked for; afterwards it
 * works without a network.
 */
import type { Answer, Content, Question, TypesetPaper } from './protocol';

type Waiting = { done: (paper: TypesetPaper | null) => void; failed: (error: Error) => void };
type Asked = { kind: 'prepare' } | { kind: 'typeset'; content: Content };

class Typesetter {
  /** Compiler and fonts are here and run. */
  ready = $state(false);
  /** Bytes of compiler and fonts that are here, of `total`; 0 of 0 before anybody asked. */
  progress = $state({ loaded: 0, total: 0 });

  #worker: Worker | null = null;
  #waiting = new Map<number, Waiting>();
  #next = 1;

  /** Fetch compiler and fonts, or find them on the device: do it before leaving the office. */
  async prepare(): Promise<void> {
    await this.#ask({ kind: 'prepare' });
  }

  /** The PDF of a paper, with its hash and that of its template. Throws where it can't be set. */
  async typeset(content: Content): Promise<TypesetPaper> {
    const paper = await this.#ask({ kind: 'typeset', content });
    if (!paper) throw new Error('the typesetter gave no paper');
    return paper;
  }

  /** Whether all that is needed is kept on this device, told without loading it. */
  async kept(): Promise<boolean> {
    const { ALL, isKept } = await import('./files');
    return (await Promise.all(ALL.map(isKept))).every(Boolean);
  }

  async #ask(asked: Asked): Promise<TypesetPaper | null> {
    if (!this.progress.total) {
      const { TOTAL_BYTES } = await import('./files');
      this.progress = { loaded: 0, total: TOTAL_BYTES };
    }
    const id = this.#next++;
    const worker = (this.#worker ??= this.#open());
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed });
      // A plain copy: the content may be a reactive one of the page.
      const question: Question = { ...(JSON.parse(JSON.stringify(asked)) as Asked), id };
      worker.postMessage(question);
    });
  }

  #open(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'typeset' });
    worker.onmessage = (event: MessageEvent<Answer>) => this.#hear(event.data);
    // It died (no memory, or its script could not be loaded): the next question opens another.
    worker.onerror = (event) => {
      worker.terminate();
      this.#worker = null;
      this.ready = false;
      const error = new Error(event.message || 'the typesetter could not be started');
      for (const { failed } of this.#waiting.values()) failed(error);
      this.#waiting.clear();
    };
    return worker;
  }

  #hear(answer: Answer): void {
    if (answer.kind === 'progress') {
      // A second try after a broken download begins anew.
      this.progress = { ...this.progress, loaded: Math.min(answer.loaded, this.progress.total) };
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === 'failed') {
      waiting?.failed(new Error(answer.reason));
      return;
    }
    this.ready = true;
    waiting?.done(answer.kind === 'typeset' ? answer.paper : null);
  }
}

export const typesetter = new Typesetter();
