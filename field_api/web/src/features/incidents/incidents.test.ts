import { expect, test } from 'vitest';
import type { Incident } from '$shared/api/records';
import { fits, type Sought } from './choosing';
import { correctable, correction, overtaken, rebased } from './correcting';

const incident = (changes: Partial<Incident> = {}) =>
  ({ id: 'a', version: 3, kind: 'fire', state: 'open', title: 'West Slope 西坡', text: 'smoke', lat_deg: 24.9, lon_deg: 102.6, ...changes }) as Incident;
const sought = (changes: Partial<Sought> = {}): Sought => ({ q: '', kind: '', state: '', ...changes });

test('an incident is found by a part of its title, its kind and its state', () => {
  expect(fits(incident(), sought())).toBe(true);
  expect(fits(incident(), sought({ q: ' west ' }))).toBe(true);
  expect(fits(incident(), sought({ q: '西坡', kind: 'fire', state: 'open' }))).toBe(true);
  expect(fits(incident(), sought({ q: 'east' }))).toBe(false);
  expect(fits(incident(), sought({ kind: 'flood' }))).toBe(false);
  expect(fits(incident(), sought({ state: 'closed' }))).toBe(false);
});

test('only what differs is sent, a place as both of its numbers', () => {
  const base = correctable(incident());
  expect(correction(base, { ...base, title: ' West Slope 西坡 ' }, 3)).toBeNull();
  expect(correction(base, { ...base, text: '' }, 3)).toEqual({ version: 3, text: '' });
  expect(correction(base, { ...base, lat_deg: 24.8 }, 4)).toEqual({ version: 4, lat_deg: 24.8, lon_deg: 102.6 });
});

test('a count by others is no correction by others', () => {
  const base = correctable(incident());
  expect(overtaken(base, incident({ version: 4, people_found: 2 }))).toBe(false);
  expect(overtaken(base, incident({ version: 4, title: 'East slope' }))).toBe(true);
});

test('saving over what others wrote leaves what one did not touch as theirs', () => {
  const base = correctable(incident());
  const theirs = correctable(incident({ title: 'East slope', text: 'more smoke' }));
  expect(rebased(base, { ...base, text: 'fire' }, theirs)).toEqual({ ...theirs, text: 'fire' });
});
