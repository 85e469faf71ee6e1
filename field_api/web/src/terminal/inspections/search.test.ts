import { describe, expect, test } from 'vitest';
import { EnterpriseIndex } from './search';
import type { Enterprise } from './wire';

const enterprise = (name: string, more: Partial<Enterprise> = {}) => ({ id: name, version: 1, name, address: null, credit_code: null, contact: null, representative: null, phone: null, ...more }) as Enterprise;

describe('finding an enterprise', () => {
  const index = new EnterpriseIndex([
    enterprise('云南西山水泥厂', { address: '昆明市西山区春雨路 88 号' }),
    enterprise('昆明长水木业有限公司', { credit_code: '91530112MA6K0X1A2B' }),
    enterprise('西山加油站'),
  ]);
  const names = (typed: string) => index.find(typed).map(({ name }) => name);

  test.each([
    ['西山', ['西山加油站', '云南西山水泥厂']],
    ['春雨路', ['云南西山水泥厂']],
    ['xsj', ['西山加油站']],
    ['xssn', ['云南西山水泥厂']],
    ['kmcs', ['昆明长水木业有限公司']],
    ['kmzs', ['昆明长水木业有限公司']],
    ['ma6k0x', ['昆明长水木业有限公司']],
    ['没有', []],
  ])('%s', (typed, want) => {
    expect(names(typed)).toEqual(want);
  });
});
