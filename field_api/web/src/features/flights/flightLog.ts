/** What an aircraft did, said and was told, as one list. */
import type { VehicleEvent } from '$shared/api/live';
import type { TimelineEntry } from '$shared/api/records';

export interface LogLine {
  id: string;
  t_ms: number;
  severity: VehicleEvent['severity'];
  text_zh: string;
  text_en: string;
}

const BAD = /\.(failed|refused|unanswered|start_given_up)$/;

/**
 * Newest first. Of the incident's timeline: its sorties' steps, the orders to it and their answers.
 * What it said itself stands in `events`, more of it than on the timeline.
 */
export function flightLog(
  vehicleId: string,
  events: readonly VehicleEvent[],
  timeline: readonly TimelineEntry[],
  limit: number,
): LogLine[] {
  const said = events.filter((event) => event.vehicle_id === vehicleId);
  const done = timeline
    .filter(({ refs }) => refs.vehicle_id === vehicleId)
    .map((entry): LogLine => ({
      id: `timeline ${entry.seq}`,
      // The node's own time, where it gave one: it may have been out of reach.
      t_ms: Number(entry.refs.t_ms) || entry.t_ms,
      severity: BAD.test(entry.action) ? 'warning' : 'info',
      text_zh: entry.text_zh,
      text_en: entry.text_en,
    }));
  return [...said, ...done].sort((a, b) => b.t_ms - a.t_ms).slice(0, limit);
}
