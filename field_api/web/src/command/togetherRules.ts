/** What windows of one console say to each other, and what each does about it. */
export interface Chosen {
  incidentId: string | null;
  /** The aircraft that is looked at. */
  lead: string | null;
}

/** The first tells what is chosen; the second asks for it when it opens. */
export type Said = { userId: string } & (({ kind: 'chosen' } & Chosen) | { kind: 'asked' });

export interface Here {
  userId: string;
  second: boolean;
  goesAlong: boolean;
}

/** `tell` where one is asked, what to show where one goes along, null where nothing is to be done. */
export function heard(said: Said, here: Here): 'tell' | Chosen | null {
  if (!here.userId || said.userId !== here.userId) return null;
  if (said.kind === 'asked') return here.second ? null : 'tell';
  if (!here.second || !here.goesAlong) return null;
  return { incidentId: said.incidentId, lead: said.lead };
}
