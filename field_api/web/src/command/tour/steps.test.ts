import { describe, expect, test } from 'vitest';
import { beside, STEPS } from './steps';

const page = { width: 1366, height: 768 };
const card = { width: 320, height: 150 };

describe('the card of the tour', () => {
  test('stands below a button of the top bar, inside the page', () => {
    expect(beside({ left: 1300, top: 10, width: 40, height: 30 }, card, page)).toEqual({ left: 1366 - 320 - 12, top: 52 });
  });
  test('stands above what lies at the bottom', () => {
    expect(beside({ left: 0, top: 660, width: 1366, height: 108 }, card, page).top).toBe(660 - 12 - 150);
  });
  test('stands inside what fills the page', () => {
    expect(beside({ left: 0, top: 0, width: 1366, height: 768 }, card, page).top).toBe(12);
  });
});

test('the tour is short', () => expect(STEPS.length).toBeLessThanOrEqual(6));
