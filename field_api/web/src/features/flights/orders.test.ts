import { describe, expect, test } from 'vitest';
import type { VehicleState } from '$shared/api/live';
import type { Command } from '$shared/api/records';
import { abortOrders, abortProgress, ACTIONS, offersFor, refusal, type Seen } from './orders';

const seen = (state: Partial<VehicleState> = {}, rest: Partial<Seen> = {}): Seen => ({
  state: { armed: true, mode: 'AUTO', sortie_id: 's', sortie_state: 'flying', ...state } as VehicleState,
  link: 'live',
  waiting: false,
  ...rest,
});
const verdicts = (each: Seen) => ACTIONS.map((action) => refusal(action, each));

describe('which orders make sense', () => {
  test.each([
    ['never heard', seen({}, { state: undefined, link: null }), ['not-heard', 'not-heard', 'not-heard', 'not-heard']],
    ['on the ground', seen({ armed: false }), ['on-ground', 'on-ground', 'on-ground', 'on-ground']],
    ['waiting for its take-off', seen({ armed: false }, { waiting: true }), [null, 'on-ground', 'on-ground', 'on-ground']],
    ['on its lanes', seen(), [null, 'not-held', null, null]],
    ['held', seen({ mode: 'BRAKE', sortie_state: 'paused' }), ['held', null, null, null]],
    ['held by its pilot’s sticks', seen({ mode: 'LOITER', sortie_state: 'paused' }), [null, null, null, null]],
    ['on its way home', seen({ mode: 'RTL', sortie_state: 'returning' }), [null, 'not-held', 'returning', null]],
    ['landing', seen({ mode: 'LAND', sortie_state: 'returning' }), [null, 'not-held', null, 'landing']],
    ['flown by hand', seen({ mode: 'STABILIZE', sortie_id: null, sortie_state: null }), [null, 'no-flight', null, null]],
  ] as const)('%s', (_, each, wanted) => {
    expect(verdicts(each)).toEqual(wanted);
  });

  test('a lost aircraft may always be told to stop, never to go on', () => {
    const lost = { link: 'lost' } as const;
    expect(verdicts(seen({ mode: 'RTL', sortie_state: 'paused' }, lost))).toEqual([null, 'lost', null, null]);
    expect(verdicts(seen({ mode: 'LAND' }, lost))).toEqual([null, 'lost', null, null]);
  });
});

const fleet: Record<string, Seen> = {
  U1: seen(),
  U2: seen({ mode: 'RTL', sortie_state: 'returning' }),
  U3: seen({ armed: false }),
  U4: seen({ armed: false }, { waiting: true }),
  U5: seen({}, { state: undefined, link: null }),
  U6: seen({ mode: 'LAND', sortie_state: 'returning' }),
};
const seenOf = (id: string) => fleet[id]!;

test('of a selection the order goes to whom it makes sense for, the others are named with the reason', () => {
  const [pause, resume, home] = offersFor(['U1', 'U2', 'U3'], seenOf);
  expect(pause!.to).toEqual(['U1', 'U2']);
  expect([...pause!.kept]).toEqual([['on-ground', ['U3']]]);
  expect(resume!.to).toEqual([]);
  expect([...resume!.kept]).toEqual([['not-held', ['U1', 'U2']], ['on-ground', ['U3']]]);
  expect(home!.to).toEqual(['U1']);
  expect(offersFor([], seenOf).every((offer) => offer.to.length === 0)).toBe(true);
});

test('abort: who flies comes home, who waits for its take-off stays, who is landing is left alone', () => {
  expect(abortOrders('return', Object.keys(fleet), seenOf)).toEqual([
    { vehicleId: 'U1', action: 'return' },
    { vehicleId: 'U4', action: 'pause' },
  ]);
  expect(abortOrders('land', Object.keys(fleet), seenOf)).toEqual([
    { vehicleId: 'U1', action: 'land' },
    { vehicleId: 'U2', action: 'land' },
    { vehicleId: 'U4', action: 'pause' },
  ]);
});

test('of the newest abort it is told who has not confirmed', () => {
  const order = (vehicle_id: string, state: Command['state'], abort_id: string | null, issued_ms: number) =>
    ({ vehicle_id, state, abort_id, issued_ms }) as Command;
  const commands = [
    order('U1', 'done', 'old', 100),
    order('U1', 'done', 'new', 200),
    order('U3', 'accepted', 'new', 200),
    order('U2', 'sent', 'new', 200),
    order('U4', 'unanswered', 'new', 200),
    order('U1', 'sent', null, 300),
  ];
  expect(abortProgress(commands, 1000)).toEqual({ all: 4, done: ['U1'], open: ['U2', 'U3'], failed: ['U4'] });
  expect(abortProgress(commands, 3_600_000)).toBeNull();
  expect(abortProgress([], 0)).toBeNull();
});
