/** The four statutory levels (突发事件应对法 63): colour, and for who can't tell colours a shape. */
import type { Warning } from '../api/records';

export const LEVELS = ['red', 'orange', 'yellow', 'blue'] as const;
export type Level = (typeof LEVELS)[number];

const SHAPES: Record<Level, string> = { red: '■', orange: '▲', yellow: '◆', blue: '●' };
/** The same on dark and light: a filled chip with black text. */
const COLOURS: Record<Level, string> = { red: '#ff3b3b', orange: '#ff9a1f', yellow: '#ffe84d', blue: '#4da3ff' };

export const shapeOf = (level: Level | null): string => (level ? SHAPES[level] : '○');
export const colourOf = (level: Level | null): string => (level ? COLOURS[level] : '#c5d0dd');
const rank = (level: Level | null): number => (level ? LEVELS.indexOf(level) : LEVELS.length);

/** Red and orange: the law asks for people to be moved and called up (突发事件应对法 67). */
export const isSevere = ({ level, drill }: Pick<Warning, 'level' | 'drill'>): boolean =>
  !drill && (level === 'red' || level === 'orange');

/** What holds at a moment, by the clock: nobody has to hear that it has expired. */
export const holds = ({ state, expires_ms }: Pick<Warning, 'state' | 'expires_ms'>, nowMs: number): boolean =>
  state === 'in_force' && (expires_ms === null || nowMs < expires_ms);

/** The gravest first, drills after what is real; among equals the newest. */
export const byGravity = (a: Warning, b: Warning): number =>
  Number(a.drill) - Number(b.drill) || rank(a.level) - rank(b.level) || b.sent_ms - a.sent_ms;
