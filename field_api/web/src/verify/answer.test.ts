import { afterEach, describe, expect, test, vi } from 'vitest';
import { ask, paperId } from './answer';

const ID = '01927000-0000-7000-8000-00000000abcd';
afterEach(() => vi.unstubAllGlobals());
const answering = (answer: () => Promise<Response>) => {
  const fetched = vi.fn(answer);
  vi.stubGlobal('fetch', fetched);
  return fetched;
};

test.each([
  [`/verify/${ID}`, ID],
  [`/verify/${ID.toUpperCase()}/`, ID],
  ['/verify/', null],
  [`/verify/${ID}/more`, null],
  ['/verify/../admin', null],
])('%s holds the id %s', (path, id) => expect(paperId(path)).toBe(id));

describe('the answer', () => {
  test('of a known paper', async () => {
    const paper = { title: '现场检查记录', state: 'issued', sha256: 'a', replaced_by: null, issued_day: '2026-11-29' };
    const fetched = answering(async () => Response.json(paper));
    expect(await ask(ID)).toEqual({ kind: 'known', paper });
    expect(fetched.mock.calls[0]).toContain(`/api/v1/verify/${ID}`);
  });

  test('of an unknown one, of a post in trouble and of no network', async () => {
    answering(async () => new Response('', { status: 404 }));
    expect(await ask(ID)).toEqual({ kind: 'unknown' });
    answering(async () => new Response('', { status: 500 }));
    expect(await ask(ID)).toEqual({ kind: 'failed' });
    answering(async () => Promise.reject(new TypeError('no network')));
    expect(await ask(ID)).toEqual({ kind: 'failed' });
  });
});
