import { expect, test } from 'vitest';
import type { VehicleState } from '$shared/api/live';
import { keepState, stateAt } from './pastStates';

test('figures of a picture are those of its own moment', () => {
  for (let t_ms = 0; t_ms <= 10_000; t_ms += 40) keepState({ vehicle_id: 'U1', t_ms } as VehicleState);
  expect(stateAt('U1', 9_512)!.t_ms).toBe(9_520);
  expect(stateAt('U1', 99_000)!.t_ms).toBe(10_000);
  // Older than is kept: the oldest, not none.
  expect(stateAt('U1', 0)!.t_ms).toBe(4_000);
  expect(stateAt('U2', 9_512)).toBeUndefined();
});
