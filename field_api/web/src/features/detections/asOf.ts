/** Alerts as they stood at a moment that is past. */
import type { Detection } from '$shared/api/records';

/** Those that had been received by then; judged ones only from when they were judged. */
export function asOf(detections: readonly Detection[], t_ms: number): Detection[] {
  return detections
    .filter((each) => each.received_ms <= t_ms)
    .map((each) => {
      const judged = each.reviewed_ms !== null && each.reviewed_ms <= t_ms;
      const placed = each.placed !== null && each.placed.t_ms > t_ms;
      return {
        ...each,
        ...(judged ? {} : { status: 'open' as const }),
        ...(placed ? { placed: null, position: null } : {}),
      };
    });
}
