/** Which items must go one after the other: those about the same dossier. */
import type { Work } from './database';

/**
 * The dossier an item belongs to, null for what stands alone. An inspection with its hazards and
 * papers is one dossier: a paper that is issued offline needs the hazards found before it.
 */
export function dossierOf(work: Work): string | null {
  if (work.op === 'task.report' || work.op === 'report.quick' || work.op === 'message.send' || work.op === 'numbers.return' || work.op === 'warning.seen') return null;
  if (work.op === 'drawing.make' || work.op === 'pointer.make') return null;
  if (work.op === 'view.ask' || work.op === 'view.withdraw') return work.target || work.body.id;
  if (work.op === 'task.move') return work.target;
  if (work.op === 'recording.begin' || work.op === 'recording.piece' || work.op === 'recording.end') return work.target || work.body.id;
  if (work.op === 'sos.raise' || work.op === 'sos.cancel') return work.target || work.body.id;
  if (work.op === 'check_in.say' || work.op === 'roll.answer') return work.target;
  return work.dossier ?? (work.target || work.body.id);
}
