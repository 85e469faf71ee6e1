/** What of a timeline a person reads first: their own acts and what machines found, the rest folded. */
import type { TimelineEntry } from '$shared/api/records';

/** Lines that stand as one card, the first of them readable. */
export interface Card {
  /** Routine: steps of sorties, answers to orders. Shown as a count until it is opened. */
  routine: boolean;
  lines: TimelineEntry[];
}

/** One press on several aircraft is written as several lines within this time. */
const SAME_PRESS_MS = 3_000;

/** What a person caused but nobody reads: the post writes it in their name, one line a step. */
const STEPS = new Set([
  'sortie.authorised',
  'sortie.start_ordered',
  'likelihood.made',
  'application.made',
  'media.stored',
  'camera.taken',
  'camera.released',
  'message.read',
  'warning.edited',
  'warning.seen',
]);

/** What machines report that somebody must see: findings, guards in flight, clocks that ran out. */
const FOUND = /^(detection\.received|vehicle\.|task\.escalated|anomaly\.|sos\.|sortie\.(failed|start_given_up)|station\.(left|nobody_next|relief_failed|refused)|command\.(failed|refused|unanswered)|warning\.expired)/;

export const isMachine = (entry: TimelineEntry): boolean =>
  entry.actor === 'system' || entry.actor.startsWith('node:');

export function isRoutine(entry: TimelineEntry): boolean {
  return STEPS.has(entry.action) || (isMachine(entry) && !FOUND.test(entry.action));
}

/** Folds lines, given oldest first: routine ones that follow each other, and one press on many. */
export function fold(entries: readonly TimelineEntry[]): Card[] {
  const cards: Card[] = [];
  for (const entry of entries) {
    const routine = isRoutine(entry);
    const card = cards.at(-1);
    const last = card?.lines.at(-1);
    const joins =
      card && last && card.routine === routine && (routine || isSamePress(last, entry));
    if (joins) card.lines.push(entry);
    else cards.push({ routine, lines: [entry] });
  }
  return cards;
}

function isSamePress(before: TimelineEntry, next: TimelineEntry): boolean {
  return (
    before.actor === next.actor &&
    before.action === next.action &&
    before.subject !== next.subject &&
    next.t_ms - before.t_ms <= SAME_PRESS_MS
  );
}
