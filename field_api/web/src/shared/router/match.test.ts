import { describe, expect, test } from 'vitest';
import { href, match } from './match';

const table = {
  home: '/',
  incident: '/incident/:id',
  import: '/register/:name/import',
  register: '/register/:name',
  entry: '/register/:name/:id',
} as const;

describe('addresses', () => {
  test.each([
    ['/', 'home', {}],
    ['/incident/0192-a', 'incident', { id: '0192-a' }],
    ['/incident/0192-a/', 'incident', { id: '0192-a' }],
    ['/register/enterprises', 'register', { name: 'enterprises' }],
    ['/register/enterprises/import', 'import', { name: 'enterprises' }],
    ['/register/enterprises/7', 'entry', { name: 'enterprises', id: '7' }],
  ] as const)('%s is %s', (path, page, params) => {
    expect(match(table, path)).toMatchObject({ page, params });
  });

  test.each(['/incident', '/incident/a/b', '/nowhere', '/incident/%E0%A4'])('%s is no page', (path) => {
    expect(match(table, path).page).toBeNull();
  });

  test('the query is read', () => {
    const { query } = match(table, '/register/pilots', '?q=%E6%9D%8E&sort=-name');
    expect([query.get('q'), query.get('sort')]).toEqual(['李', '-name']);
  });

  test('what is written is read again, whatever the id', () => {
    for (const id of ['a', '甲 乙', 'a/b', '%', '?x=1', 'import2']) {
      const address = href(table, 'entry', { name: 'teams', id }, { q: 'a&b', none: null });
      const [path, search] = [address.split('?')[0]!, `?${address.split('?')[1]}`];
      const read = match(table, path, search);
      expect(read).toMatchObject({ page: 'entry', params: { name: 'teams', id } });
      expect([...read.query]).toEqual([['q', 'a&b']]);
    }
  });

  test('an address ends with a slash where its pattern does', () => {
    const handheld = { tasks: '/terminal/', task: '/terminal/task/:id' };
    expect(href(handheld, 'tasks')).toBe('/terminal/');
    expect(href(handheld, 'task', { id: 'a' })).toBe('/terminal/task/a');
    expect(match(handheld, '/terminal/').page).toBe('tasks');
    expect(href(table, 'home')).toBe('/');
  });

  test('a missing part is a programming error', () => {
    expect(() => href(table, 'incident')).toThrow();
    expect(() => href(table, 'nowhere')).toThrow();
  });
});
