import { describe, expect, test } from 'vitest';
import type { VehicleState } from '$shared/api/live';
import type { Flown, Sortie } from '$shared/api/records';
import { ageMs, airborneSince, byId, digitOf, linkOf, placeOfDigit, type VehicleEntry } from './vehicles';

const entry = (state: Partial<VehicleState>): VehicleEntry => ({
  state: { link: 'live', telemetry_age_ms: 0, armed: true, sortie_state: 'flying', ...state } as VehicleState,
  receivedMs: 10_000,
});

describe('how fresh a vehicle is (O8)', () => {
  test.each([
    [0, 'live'],
    [2999, 'live'],
    [3000, 'stale'],
    [4999, 'stale'],
    [5000, 'lost'],
  ] as const)('%d ms after its last message it is %s', (after, link) => {
    expect(linkOf(entry({}), 10_000 + after)).toBe(link);
  });

  test('the age that the fleet node reports counts too', () => {
    expect(ageMs(entry({ telemetry_age_ms: 2500 }), 10_600)).toBe(3100);
    expect(linkOf(entry({ telemetry_age_ms: 2500 }), 10_600)).toBe('stale');
  });

  test('what the fleet node calls lost is lost', () => {
    expect(linkOf(entry({ link: 'lost' }), 10_000)).toBe('lost');
  });
});

test('aircraft stand in the order people count them, ten of them have a key', () => {
  const ids = ['XS-U10', 'XS-U2', 'XS-U1'].map((vehicle_id) => ({ vehicle_id }));
  expect(ids.sort(byId).map((each) => each.vehicle_id)).toEqual(['XS-U1', 'XS-U2', 'XS-U10']);
  expect([0, 8, 9, 10].map(digitOf)).toEqual(['1', '9', '0', null]);
  expect(['1', '9', '0'].map(placeOfDigit)).toEqual([0, 8, 9]);
});

test('time in the air counts from the first point of the track, or from the state that says so', () => {
  const sorties = [
    { id: 'a', state: 'flying', state_t_ms: 500 },
    { id: 'b', state: 'returning', state_t_ms: 900 },
    { id: 'c', state: 'starting', state_t_ms: 100 },
  ] as Sortie[];
  const flown = [
    { sortie_id: 'b', points: [[0, 0, 0, 300]] },
    { sortie_id: 'b', points: [[0, 0, 0, 200]] },
    { sortie_id: 'a', points: [] },
  ] as unknown as Flown[];
  expect([...airborneSince(sorties, flown)]).toEqual([['a', 500], ['b', 200]]);
});
