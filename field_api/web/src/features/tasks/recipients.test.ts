import { describe, expect, test } from 'vitest';
import type { NearestTerminal } from '$shared/api/records';
import { chosenAfter, matches, recipientsOf } from './recipients';

const near = (terminal_id: string, distance_m: number) =>
  ({ terminal_id, holder: '张', team_id: 'T1', distance_m, bearing_deg: 0, busy: false, lat_deg: 0, lon_deg: 0, t_ms: 0 }) as NearestTerminal;
const terminal = (terminal_id: string) => ({ terminal_id, holder: `h-${terminal_id}`, team_id: 'T2' });

test('the nearest come first, then everybody who reported no position', () => {
  const list = recipientsOf(['HT-09', 'HT-01', 'HT-02'].map(terminal), [near('HT-02', 5), near('HT-01', 90)]);
  expect(list.map((one) => one.terminal_id)).toEqual(['HT-02', 'HT-01', 'HT-09']);
  expect(list[2]!.near).toBeNull();
});

test('a handheld is found by its id, its holder or its team', () => {
  const [one] = recipientsOf([terminal('HT-09')], []);
  for (const typed of ['ht-09', ' H-HT', 't2', '']) expect(matches(one!, typed)).toBe(true);
  expect(matches(one!, 'HT-1')).toBe(false);
});

describe('a press', () => {
  test('replaces who was only suggested', () => {
    expect(chosenAfter(['HT-02'], 'HT-05', true)).toEqual(['HT-05']);
    expect(chosenAfter(['HT-02'], 'HT-02', true)).toEqual(['HT-02']);
  });
  test('adds or takes away afterwards', () => {
    expect(chosenAfter(['HT-05'], 'HT-02', false)).toEqual(['HT-05', 'HT-02']);
    expect(chosenAfter(['HT-05', 'HT-02'], 'HT-05', false)).toEqual(['HT-02']);
  });
});
