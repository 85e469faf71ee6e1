import { describe, expect, it } from 'vitest';
import type { NumberBlock } from './api';
import { accounts, ranges } from './numbers';

const block = (given: Partial<NumberBlock>): NumberBlock => ({
  id: 'a', version: 1, area: '530112', office_id: 'bureau', form: 'RECORD', year: 2026, first: 1, last: 5,
  prefix: '(西)应急检记〔2026〕', suffix: '号', terminal_id: 'HT-01', device_id: 'd', drawn_ms: 1, drawn_by: 'x',
  used: [], returned_ms: null, returned_reason: '', ...given,
});

describe('the account of numbers', () => {
  it('knows of each number whether it is used, given back or still out', () => {
    const [account] = accounts([
      block({ used: [1, 2, 3] }),
      block({ id: 'b', first: 6, last: 10, used: [6], returned_ms: 5, terminal_id: 'HT-02' }),
    ]);
    expect(account).toMatchObject({ last: 10, used: 4, returned: 4, out: 2 });
    expect(account!.used + account!.returned + account!.out).toBe(10);
    expect(account!.holders).toEqual([{ terminal_id: 'HT-01', numbers: '4–5', drawn_ms: 1 }]);
  });

  it('writes numbers as ranges', () => {
    expect(ranges([7, 2, 1, 3])).toBe('1–3, 7');
    expect(ranges([])).toBe('');
  });
});
