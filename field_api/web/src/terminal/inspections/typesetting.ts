/** The typesetter of papers, in one place: what it is, and whether it is on this handheld. */
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

/** Null in a build without it: papers are then written and signed nowhere but at the command post. */
export const typesetter: Typesetter | null = null as Typesetter | null;
