/** The pages beside the desk, each loaded when it is opened. */
import type { Component } from 'svelte';
import type { ADDRESSES } from '$shared/router/console';

type Page = keyof typeof ADDRESSES;
type Load = () => Promise<{ default: Component }>;

export const PAGES: Partial<Record<Page, Load>> = {
  parameters: () => import('../features/parameters/ParametersPage.svelte'),
  registers: () => import('../features/registers/RegistersPage.svelte'),
  register: () => import('../features/registers/RegisterPage.svelte'),
  'register-new': () => import('../features/registers/EntryPage.svelte'),
  'register-entry': () => import('../features/registers/EntryPage.svelte'),
  'register-import': () => import('../features/registers/ImportPage.svelte'),
  warnings: () => import('../features/warnings/WarningsPage.svelte'),
  library: () => import('../features/response_plans/LibraryPage.svelte'),
  handovers: () => import('../features/handovers/HandoversPage.svelte'),
  inspections: () => import('../features/inspections/BoardPage.svelte'),
  'year-plan': () => import('../features/inspections/YearPlanPage.svelte'),
  approvals: () => import('../features/inspections/ApprovalsPage.svelte'),
  due: () => import('../features/inspections/DuePage.svelte'),
  numbers: () => import('../features/inspections/NumbersPage.svelte'),
  coverage: () => import('../features/inspections/CoveragePage.svelte'),
  inspection: () => import('../features/inspections/DossierPage.svelte'),
  admin: () => import('../features/accounts/AccountsPage.svelte'),
  account: () => import('../features/accounts/AccountPage.svelte'),
  devices: () => import('../features/accounts/DevicesPage.svelte'),
  install: () => import('../features/accounts/InstallPage.svelte'),
  guests: () => import('../features/accounts/GuestsPage.svelte'),
  audit: () => import('../features/accounts/AuditPage.svelte'),
  self: () => import('../features/accounts/SelfPage.svelte'),
};

/** The desk shows these; every other address is no page. */
export const isDesk = (page: string | null): boolean => page === 'home' || page === 'incident';
