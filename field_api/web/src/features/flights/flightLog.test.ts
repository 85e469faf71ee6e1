import { expect, test } from 'vitest';
import type { VehicleEvent } from '$shared/api/live';
import type { TimelineEntry } from '$shared/api/records';
import { flightLog } from './flightLog';

const event = (id: string, vehicle_id: string, t_ms: number) =>
  ({ id, vehicle_id, t_ms, severity: 'caution', text_zh: '风大', text_en: 'wind' }) as VehicleEvent;
const line = (seq: number, action: string, refs: Record<string, string>, t_ms = 10) =>
  ({ seq, action, refs, t_ms, text_zh: action, text_en: action }) as unknown as TimelineEntry;

test('steps, orders and words of one aircraft stand in one list by their own times', () => {
  const log = flightLog(
    'U1',
    [event('e1', 'U1', 40), event('e2', 'U2', 41)],
    [
      line(1, 'sortie.flying', { vehicle_id: 'U1', t_ms: '30' }, 90),
      line(2, 'command.refused', { vehicle_id: 'U1' }, 50),
      line(3, 'sortie.flying', { vehicle_id: 'U2' }, 60),
      line(4, 'incident.opened', {}, 5),
    ],
    10,
  );
  expect(log.map(({ id, t_ms, severity }) => [id, t_ms, severity])).toEqual([
    ['timeline 2', 50, 'warning'],
    ['e1', 40, 'caution'],
    ['timeline 1', 30, 'info'],
  ]);
});

test('of many lines the newest are shown', () => {
  const many = Array.from({ length: 30 }, (_, t_ms) => event(`e${t_ms}`, 'U1', t_ms));
  expect(flightLog('U1', many, [], 3).map(({ t_ms }) => t_ms)).toEqual([29, 28, 27]);
});
