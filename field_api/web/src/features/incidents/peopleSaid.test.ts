import { expect, test } from 'vitest';
import { peopleSaid, written } from './peopleSaid';

test.each([
  ['三人找到,均安全', { found: 3 }],
  ['找到3人,2人受伤', { found: 3, injured: 2 }],
  ['已找到两名徒步者,仍有1人失联', { found: 2, missing: 1 }],
  ['十二名群众被救出', { found: 12 }],
  ['Three found, safe', { found: 3 }],
  ['2 hikers rescued, one injured', { found: 2, injured: 1 }],
  ['沿沟谷搜索,没有发现', {}],
  ['海拔2300米,风力3级', {}],
  ['先找到1人,后找到3人', {}],
] as const)('%s', (text, said) => expect(peopleSaid(text)).toEqual(said));

test.each(Array.from({ length: 100 }, (_, n) => n))('%d is read as it is written', (n) => {
  const d = '零一二三四五六七八九';
  const [tens, ones] = [Math.floor(n / 10), n % 10];
  const text = n < 10 ? d[n]! : `${tens > 1 ? d[tens] : ''}十${ones ? d[ones] : ''}`;
  expect(written(text)).toBe(n);
  expect(written(String(n))).toBe(n);
  expect(peopleSaid(`找到${n}人`)).toEqual({ found: n });
});
