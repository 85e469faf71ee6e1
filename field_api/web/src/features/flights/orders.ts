/** Which orders make sense for which aircraft now, and in a word why the others do not. */
import type { LinkState, VehicleState } from '$shared/api/live';
import type { Command, VehicleAction } from '$shared/api/records';

export const ACTIONS = ['pause', 'resume', 'return', 'land'] as const satisfies VehicleAction[];
/** What moves an aircraft: the orders of the bar. */
export type FlightAction = (typeof ACTIONS)[number];

/** Why an order makes no sense; `order.why.…` has the words. */
export type Why =
  | 'not-heard'
  | 'on-ground'
  | 'lost'
  | 'held'
  | 'not-held'
  | 'no-flight'
  | 'returning'
  | 'landing';

/** What is known of an aircraft when an order is considered. */
export interface Seen {
  state: VehicleState | undefined;
  link: LinkState | null;
  /** A take-off is ordered and has not happened yet. */
  waiting: boolean;
}

const HOLD_MODES = new Set(['BRAKE', 'HOLD']);
const RETURN_MODES = new Set(['RTL', 'SMART_RTL', 'AUTO_RTL']);
const LAND_MODES = new Set(['LAND']);

/** Why `action` makes no sense for the aircraft, null where it does. */
export function refusal(action: FlightAction, { state, link, waiting }: Seen): Why | null {
  if (!state || !link) return 'not-heard';
  // A hold on the ground cancels the waiting take-off.
  if (!state.armed) return waiting && action === 'pause' ? null : 'on-ground';
  // What is seen of it is old: a stop is never held back for that, going on is.
  if (link === 'lost') return action === 'resume' ? 'lost' : null;
  switch (action) {
    case 'pause':
      return HOLD_MODES.has(state.mode) ? 'held' : null;
    case 'resume':
      if (state.sortie_state === 'paused') return null;
      return state.sortie_id || state.sortie_state ? 'not-held' : 'no-flight';
    case 'return':
      return RETURN_MODES.has(state.mode) ? 'returning' : null;
    case 'land':
      return LAND_MODES.has(state.mode) ? 'landing' : null;
  }
}

export interface Offer {
  action: FlightAction;
  /** The aircraft that the order would be sent to. */
  to: string[];
  /** The others of the selection, by reason. */
  kept: Map<Why, string[]>;
}

/** What can be ordered to the selected aircraft. */
export function offersFor(selected: readonly string[], seenOf: (id: string) => Seen): Offer[] {
  return ACTIONS.map((action) => {
    const offer: Offer = { action, to: [], kept: new Map() };
    for (const id of selected) {
      const why = refusal(action, seenOf(id));
      if (why === null) offer.to.push(id);
      else offer.kept.set(why, [...(offer.kept.get(why) ?? []), id]);
    }
    return offer;
  });
}

export interface Order {
  vehicleId: string;
  action: VehicleAction;
}

/** Everybody down: who flies returns or lands, who waits for its take-off stays on the ground. */
export function abortOrders(
  how: 'return' | 'land',
  fleet: readonly string[],
  seenOf: (id: string) => Seen,
): Order[] {
  return fleet.flatMap((vehicleId): Order[] => {
    const seen = seenOf(vehicleId);
    // Who is on the way down goes on: it may have no battery left for the way home.
    if (seen.state?.armed && LAND_MODES.has(seen.state.mode) && how === 'return') return [];
    if (refusal(how, seen) === null) return [{ vehicleId, action: how }];
    const stays = !seen.state?.armed && refusal('pause', seen) === null;
    return stays ? [{ vehicleId, action: 'pause' }] : [];
  });
}

/** How far the newest order to everybody has come. */
export interface AbortProgress {
  all: number;
  done: string[];
  /** Not answered yet. */
  open: string[];
  failed: string[];
}

/** Told this long after it was given, and as long as anybody has not confirmed. */
const TOLD_MS = 600_000;

/** The newest order to everybody, null where there is none that matters any more. */
export function abortProgress(commands: readonly Command[], nowMs: number): AbortProgress | null {
  const given = commands.filter((command) => command.abort_id !== null);
  const newest = given.reduce<Command | null>(
    (last, command) => (last && last.issued_ms >= command.issued_ms ? last : command),
    null,
  );
  if (!newest || nowMs - newest.issued_ms > TOLD_MS) return null;
  const own = given.filter((command) => command.abort_id === newest.abort_id);
  const idsIn = (...states: Command['state'][]) =>
    own.filter(({ state }) => states.includes(state)).map(({ vehicle_id }) => vehicle_id).sort();
  return {
    all: own.length,
    done: idsIn('done'),
    open: idsIn('sent', 'accepted'),
    failed: idsIn('refused', 'failed', 'unanswered'),
  };
}

/** Modes in which the aircraft flies by our orders. */
const OUR_MODES = new Set(['AUTO', 'GUIDED', 'BRAKE', 'RTL']);

/** Whether an aircraft may be sent to another place; its node looks closer. */
export function guidable({ state, link }: Seen): boolean {
  const flies = state?.armed && state.phase !== 'ground' && OUR_MODES.has(state.mode);
  return Boolean(flies && link === 'live' && (state.sortie_id || state.sortie_state) && !state.failsafe);
}
