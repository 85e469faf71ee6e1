/** The desk's keyboard. */
import { desk } from '$shared/desk.svelte';
import { mapState } from '$shared/map/mapState.svelte';
import { session } from '$shared/session/session.svelte';
import { meantForPage } from '$shared/ui/typing';
import { now } from '$shared/now.svelte';
import { bell } from './bell/bell.svelte';
import { detections } from '../features/detections/detections.svelte';
import { flights } from '../features/flights/flights.svelte';
import { selection } from '../features/flights/selection.svelte';
import { byId, placeOfDigit } from '../features/flights/vehicles';
import { drawings } from '../features/plotting/drawings.svelte';
import { pointers } from '../features/plotting/pointers.svelte';
import { roster } from '../features/roster/roster.svelte';

type Stroke = Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>;

/** Whether the key meant something here. */
function act(event: Stroke, target: Element): boolean {
  // A place is being chosen: nothing else is meant.
  if (['place', 'plot', 'plot-point'].includes(mapState.mode) && event.key !== 'Escape') return false;
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
      else if (mapState.mode !== 'look') mapState.mode = 'look';
      else selection.clear();
      return true;
    case 'a':
    case 'A':
      selection.all([...flights.vehicles.keys()]);
      desk.tab = 'flight';
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
    case 'f':
    case 'F':
      if (!selection.lead || desk.wall) return false;
      mapState.following = !mapState.following;
      return true;
    case 'm':
    case 'M':
      if (!bell.hears) return false;
      bell.toggle(now.ms);
      return true;
    case 'b':
    case 'B':
      if (!desk.incidentId || !session.may('task.view')) return false;
      desk.board = true;
      return true;
    case 'o':
    case 'O':
      if (!desk.incidentId || !session.may('check_in.set')) return false;
      desk.tab = 'tasks';
      desk.rollAsked = true;
      return true;
    case 's':
    case 'S':
      if (alert?.status !== 'open' || !session.may('detection.review')) return false;
      void detections.snooze(alert.id, detections.sleeps(alert.id) ? 0 : event.shiftKey ? 15 : 5).catch(() => undefined);
      return true;
    case 'v':
    case 'V':
      if (!session.may('detection.review')) return false;
      desk.falseAlarms = true;
      return true;
    case 'd':
    case 'D':
      if (!drawings.may) return false;
      desk.tab = 'plot';
      drawings.asked = true;
      return true;
    case 'k':
    case 'K':
      if (!pointers.may) return false;
      pointers.asked = true;
      return true;
    case 'n':
    case 'N':
      if (!desk.incidentId || !session.may('task.assign')) return false;
      desk.newTask = { place: null };
      return true;
    case 'p':
    case 'P':
      if (!alert || alert.position) return false;
      desk.reviewId = alert.id;
      return true;
    case 't':
    case 'T':
      if (!alert || !session.may('task.assign')) return false;
      desk.taskForId = alert.id;
      return true;
    default: {
      // With Shift the key gives another character; which key it is stays the same.
      const digit = /^(?:Digit)?(\d)$/.exec(event.shiftKey ? event.code : event.key)?.[1];
      if (!digit) return false;
      const vehicle = [...roster.vehicles].sort(byId)[placeOfDigit(digit)];
      if (!vehicle) return false;
      if (event.shiftKey) selection.toggle(vehicle.vehicle_id);
      else selection.only(vehicle.vehicle_id);
      desk.tab = 'flight';
      return true;
    }
  }
}

/** Do what a key does on the desk, for who found it by its name. */
export function pressDeskKey(key: string, shiftKey = false): void {
  act({ key, code: '', shiftKey }, document.body);
}

export function deskKeys(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (!meantForPage(event)) return;
  if (act(event, target)) event.preventDefault();
}
