/** What page and worker say to each other. */

/** Content of a paper (`PaperContent`), as the templates read it. */
export interface Content {
  form: string;
}

export interface TypesetPaper {
  pdf: Uint8Array<ArrayBuffer>;
  sha256: string;
  templateSha256: string;
}

export type Question =
  | { kind: 'prepare'; id: number }
  | { kind: 'typeset'; id: number; content: Content };

export type Answer =
  | { kind: 'progress'; loaded: number }
  | { kind: 'prepared'; id: number }
  | { kind: 'typeset'; id: number; paper: TypesetPaper }
  | { kind: 'failed'; id: number; reason: string };
