/** The typesetter of papers as the handheld uses it: on the device, with nothing but what is here. */
import { typesetter as onDevice } from '$shared/typeset/typesetter.svelte';
import type { PaperContent } from './wire';

export interface Typeset {
  pdf: Blob;
  sha256: string;
  templateSha256: string;
}

export interface Typesetter {
  /** Whether all it needs is on this handheld. */
  ready(): Promise<boolean>;
  typeset(content: PaperContent): Promise<Typeset>;
}

export const typesetter: Typesetter = {
  ready: () => onDevice.kept(),
  async typeset(content) {
    const { pdf, ...hashes } = await onDevice.typeset(content);
    return { ...hashes, pdf: new Blob([pdf], { type: 'application/pdf' }) };
  },
};

/** Fetch compiler and fonts onto this handheld; `progress` tells how far it is. */
export const fetchTypesetter = (): Promise<void> => onDevice.prepare();
export const fetched = (): { loaded: number; total: number } => onDevice.progress;
