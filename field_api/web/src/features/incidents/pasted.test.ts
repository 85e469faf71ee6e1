import { expect, test } from 'vitest';
import { pastedPlace } from './pasted';

test.each([
  '24.9415, 102.6185',
  '102.6185,24.9415',
  '24.9415 102.6185',
  'N24.9415° E102.6185°',
  '纬度24.9415,经度102.6185',
])('%s', (text) => expect(pastedPlace(text)).toEqual({ lat_deg: 24.9415, lon_deg: 102.6185 }));

test.each(['', '西坡', '24.9415', '2.1, 102.6', '24.9415, 24.9416', "24°56'29\" 102°37'06\"", '24.9, 102.6, 2100'])('%s is none', (text) =>
  expect(pastedPlace(text)).toBeNull(),
);
