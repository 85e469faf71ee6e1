/** The command console's addresses: people send these to each other, so they don't change lightly. */
import { Router } from './router.svelte';

export const ADDRESSES = {
  home: '/',
  incident: '/incident/:id',
  parameters: '/aircraft/:id/parameters',
  registers: '/registers',
  'register-import': '/register/:name/import',
  'register-new': '/register/:name/new',
  register: '/register/:name',
  'register-entry': '/register/:name/:id',
  warnings: '/warnings',
  library: '/response-plans',
  handovers: '/handovers',
  inspections: '/inspections',
  'year-plan': '/inspections/plan',
  approvals: '/inspections/approvals',
  due: '/inspections/due',
  numbers: '/inspections/numbers',
  coverage: '/inspections/coverage',
  inspection: '/inspection/:id',
  admin: '/admin/accounts',
  account: '/admin/accounts/:id',
  devices: '/admin/devices',
  install: '/admin/install',
  guests: '/admin/guests',
  audit: '/audit',
  self: '/account',
  guest: '/guest',
} as const;

export const router = new Router(ADDRESSES);
