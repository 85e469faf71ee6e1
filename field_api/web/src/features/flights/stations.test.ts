import { describe, expect, it } from 'vitest';
import type { Sortie, Station } from '$shared/api/records';
import { nextOf, reliefsOf } from './stations';

const sortie = (vehicle_id: string, state: Sortie['state']) => ({ vehicle_id, state }) as Sortie;
const station = (changes: Partial<Station>) =>
  ({
    vehicle_id: 'XS-U1',
    reliefs: ['XS-U2'],
    relief_ordered_ms: null,
    relief_due_ms: null,
    state: 'watching',
    ...changes,
  }) as Station;

describe('reliefs', () => {
  it('have an authorised sortie and nothing else to do', () => {
    const sorties = [
      sortie('XS-U1', 'paused'),
      sortie('XS-U1', 'authorised'),
      sortie('XS-U4', 'uploaded'),
      sortie('XS-U2', 'authorised'),
      sortie('XS-U3', 'authorised'),
      sortie('XS-U5', 'returned'),
    ];
    expect(reliefsOf(sorties, [])).toEqual(['XS-U2', 'XS-U3', 'XS-U4']);
    expect(reliefsOf(sorties, [station({ reliefs: ['XS-U3'] })])).toEqual(['XS-U2', 'XS-U4']);
  });
});

describe('who comes next', () => {
  it('is said with its time, and that nobody does too', () => {
    expect(nextOf(station({ relief_due_ms: 61_000 }), 1_000)).toEqual({ key: 'next', id: 'XS-U2', inS: 60 });
    expect(nextOf(station({ relief_due_ms: 500 }), 1_000).inS).toBe(0);
    expect(nextOf(station({}), 0).key).toBe('next-unknown');
    expect(nextOf(station({ relief_ordered_ms: 5 }), 0).key).toBe('coming');
    expect(nextOf(station({ reliefs: [] }), 0).key).toBe('nobody');
  });
});
