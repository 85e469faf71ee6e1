/** Kinds of drawings: how each is drawn, in the order in which they are offered. */
import type { Drawing } from '$shared/api/records';

export type Kind = Drawing['kind'];
export type Shape = Drawing['shape'];
export type Form = Shape['form'];

/** The usual form first; the command post refuses others. */
export const FORMS: Record<Kind, readonly Form[]> = {
  fire_line: ['area', 'line'],
  fire_spot: ['point'],
  firebreak: ['line'],
  escape_route: ['line'],
  route: ['line'],
  zone: ['area'],
  staging: ['point', 'area'],
  command_post: ['point'],
  water: ['point'],
  landing: ['point'],
  place: ['point', 'area'],
  text: ['point'],
};

export const KINDS = Object.keys(FORMS) as Kind[];

/** What is seen burning: it has a time, and says how it was seen. */
export const isFire = (kind: Kind): boolean => kind === 'fire_line' || kind === 'fire_spot';

export const SOURCES = ['drone', 'walked', 'hand', 'file'] as const;
