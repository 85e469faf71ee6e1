import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** Features know only those before them; the shells know all, and nobody knows the shells. */
const ORDER = [
  'roster',
  'incidents',
  'coordination',
  'maps',
  'flights',
  'parameters',
  'cameras',
  'video',
  'detectors',
  'nodes',
  'footage',
  'plans',
  'plan_files',
  'plotting',
  'fire_spread',
  'detections',
  'check_ins',
  'tasks',
  'field_reports',
  'response_plans',
  'incident_reports',
  'messages',
  'view_requests',
  'timeline',
  'registers',
  'warnings',
  'handovers',
  'inspections',
  'accounts',
];

const SRC = new URL('..', import.meta.url).pathname;
const list = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? list(join(folder, entry.name)) : [join(folder, entry.name)],
  );

test('every feature imports only those before it, and no shell', () => {
  const wrong: string[] = [];
  for (const path of list(SRC).filter((each) => /\.(ts|svelte)$/.test(each))) {
    const [where, feature] = relative(SRC, path).split('/') as [string, string];
    for (const [, from] of readFileSync(path, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      const [kind, name] = relative(SRC, resolve(dirname(path), from!)).split('/') as [string, string];
      const isShell = kind === 'command' || kind === 'terminal';
      const said = `${relative(SRC, path)} imports ${from}`;
      // Catalogues are named for their types only: `typeof import(...)`.
      if (where === 'shared' && (isShell || kind === 'features') && !path.endsWith('i18n/keys.ts')) wrong.push(said);
      if (where !== 'features') continue;
      if (isShell) wrong.push(said);
      else if (kind === 'features' && ORDER.indexOf(name) > ORDER.indexOf(feature)) wrong.push(said);
    }
  }
  expect(wrong).toEqual([]);
  expect(ORDER.slice().sort()).toEqual(
    readdirSync(join(SRC, 'features'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort(),
  );
});
