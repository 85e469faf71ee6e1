/** Document numbers as they are written. */
import type { NumberRange } from './api';

/** `1–3, 7`. */
export const ranges = (numbers: readonly NumberRange[]): string =>
  numbers.map(({ first, last }) => (first === last ? String(first) : `${first}–${last}`)).join(', ');
