import { describe, expect, test } from 'vitest';
import { readCoordinates } from './coordinates';

describe('coordinates', () => {
  test.each([
    '24.94200, 102.62000',
    '24.942 102.62',
    '24.942,102.62',
    '102.62, 24.942',
    'N24.942 E102.62',
    '102.62E 24.942N',
    `24°56'31.2"N 102°37'12"E`,
    '24°56′31.2″ 102°37′12″',
    `N 24° 56' 31.2" , E 102° 37' 12"`,
    '北纬24度56分31.2秒 东经102度37分12秒',
    '东经102.62,北纬24.942',
    `24°56.52' 102°37.2'`,
  ])('%s', (typed) => {
    const place = readCoordinates(typed)!;
    expect(place.lat_deg).toBeCloseTo(24.942, 6);
    expect(place.lon_deg).toBeCloseTo(102.62, 6);
  });

  test('south and west are below nought', () => {
    expect(readCoordinates('33.5S 70.25W')).toEqual({ lat_deg: -33.5, lon_deg: -70.25 });
    expect(readCoordinates('-33.5, -70.25')).toEqual({ lat_deg: -33.5, lon_deg: -70.25 });
  });

  test.each(['', '24.9', 'a', '24.9 102.6 3', '91 181', '24 60 x', `24°61' 102°0'`, 'N24 N25', '碧鸡 24', 'N-24 E102', `24.5°30' 102°0'`])(
    '“%s” is no place',
    (typed) => expect(readCoordinates(typed)).toBeNull(),
  );

  test('what is written is read again', () => {
    for (let i = 0; i < 500; i += 1) {
      const place = { lat_deg: Math.round((Math.random() * 180 - 90) * 1e5) / 1e5, lon_deg: Math.round((Math.random() * 360 - 180) * 1e5) / 1e5 };
      expect(readCoordinates(`${place.lat_deg.toFixed(5)}, ${place.lon_deg.toFixed(5)}`)).toEqual(
        { lat_deg: place.lat_deg, lon_deg: place.lon_deg },
      );
    }
  });
});
