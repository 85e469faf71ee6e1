/** The desk's keyboard. */
import { desk } from '$shared/desk.svelte';
import { mapState } from '$shared/map/mapState.svelte';
import { session } from '$shared/session/session.svelte';
import { detections } from '../features/detections/detections.svelte';
import { flights } from '../features/flights/flights.svelte';
import { roster } from '../features/roster/roster.svelte';

/** Where a letter is a letter. */
const TYPED_INTO =
  'textarea, select, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="file"])';

/** Whether the key meant something here. */
function act(event: KeyboardEvent, target: HTMLElement): boolean {
  const alert = detections.selectedId ? detections.records.get(detections.selectedId) : undefined;
  switch (event.key) {
    case 'F2':
      desk.wall = !desk.wall;
      return true;
    case '?':
      desk.keys = true;
      return true;
    case 'Escape':
      if (desk.wall) desk.wall = false;
      else mapState.mode = 'look';
      return true;
    case ' ':
      if (target.closest('button, [role="button"], [role="radio"], [role="tab"], a, input')) return false;
      detections.next(event.shiftKey ? -1 : 1);
      return true;
    case 'c':
    case 'C':
    case 'x':
    case 'X':
    case 'Enter':
      if (event.key === 'Enter' && target.closest('button, a')) return false;
      if (alert?.status !== 'open') return false;
      desk.reviewId = alert.id;
      return true;
    case 't':
    case 'T':
      if (!alert || !session.may('task.assign')) return false;
      desk.taskForId = alert.id;
      return true;
    default: {
      if (!/^[1-9]$/.test(event.key)) return false;
      const vehicle = roster.vehicles[Number(event.key) - 1];
      if (!vehicle) return false;
      flights.selectedId = vehicle.vehicle_id;
      desk.tab = 'flight';
      return true;
    }
  }
}

export function deskKeys(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (target.closest(`${TYPED_INTO}, .modal`)) return;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (act(event, target)) event.preventDefault();
}
