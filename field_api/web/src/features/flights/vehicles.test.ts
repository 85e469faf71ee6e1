import { describe, expect, test } from 'vitest';
import type { VehicleState } from '$shared/api/live';
import { ageMs, linkOf, ordersFor, type VehicleEntry } from './vehicles';

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

describe('orders', () => {
  test('only an armed vehicle takes orders, and a held one can go on', () => {
    expect(ordersFor(undefined)).toEqual([]);
    expect(ordersFor(entry({ armed: false }).state)).toEqual([]);
    expect(ordersFor(entry({}).state)).toEqual(['pause', 'return', 'land']);
    expect(ordersFor(entry({ sortie_state: 'paused' }).state)).toEqual(['resume', 'return', 'land']);
  });
});
