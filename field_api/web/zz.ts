import { typesetter } from './src/shared/typeset/typesetter.svelte';
(globalThis as any).typesetter = typesetter;
import { mount } from 'svelte';
import PaperView from './src/shared/paper/PaperView.svelte';
import SignaturePad from './src/shared/paper/SignaturePad.svelte';
(globalThis as any).showPaper = (pdf: Uint8Array<ArrayBuffer>, sha256: string) =>
  mount(PaperView, { target: document.getElementById('app')!, props: { pdf: new Blob([pdf], { type: 'application/pdf' }), sha256, name: 'paper' } });
(globalThis as any).showPad = () => { const got: unknown[] = []; (globalThis as any).got = got;
  mount(SignaturePad, { target: document.getElementById('app')!, props: { strokes: [], label: 'pad', testid: 'pad', onchange: (s: unknown) => got.push(JSON.parse(JSON.stringify(s))) } }); };
