import { afterEach, expect, test, vi } from 'vitest';
import { addTexts, language, t, type MessageKey } from './i18n.svelte';

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
addTexts({ 'test.devices': '{count} 台终端' }, { 'test.devices': '{count} {count|handheld|handhelds} here' });
const said = (count: number) => t('test.devices' as MessageKey, { count });
afterEach(() => language.set('zh-CN'));

test('one handheld, several handhelds, none of them in Chinese', () => {
  expect([said(1), said(2)]).toEqual(['1 台终端', '2 台终端']);
  language.set('en');
  expect([0, 1, 2].map(said)).toEqual(['0 handhelds here', '1 handheld here', '2 handhelds here']);
  expect(t('test.devices' as MessageKey)).toBe('{count} {count|handheld|handhelds} here');
});
