/** Accounts, devices and visitors; typed by hand until the OpenAPI document has them. */
import { call } from '$shared/api/client';
import type { User } from '$shared/api/records';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';

export type Role = User['role'];

export interface Account {
  id: string;
  version: number;
  username: string;
  name: string;
  role: Role;
  terminal_id: string | null;
  areas: string[];
  disabled: boolean;
  locked_until_ms: number | null;
  totp: boolean;
  created_ms: number;
  last_seen_ms: number | null;
  sessions: number;
}

export type DeviceKind = 'handheld' | 'fleet' | 'vision';

export interface Device {
  id: string;
  version: number;
  kind: DeviceKind;
  name: string;
  /** The terminal or node that it is. */
  subject_id: string;
  state: 'invited' | 'enrolled' | 'locked' | 'wiped' | 'revoked';
  enrolled_ms: number | null;
  last_seen_ms: number | null;
}

export interface Invitation {
  device: Device;
  code: string;
  expires_ms: number;
  /** The enrolment address as a QR code. */
  svg: string;
}

export interface Area {
  code: string;
  name: string;
  kind: 'district' | 'street' | 'community';
  parent: string | null;
}

export const ROLES: readonly Role[] = [
  'commander',
  'duty_officer',
  'pilot',
  'inspector',
  'reporter',
  'auditor',
  'admin',
];

export const PAGE = 200;
const seg = encodeURIComponent;

export const accounts = feed.records('account', new Collection<Account>(), { whole: false });
export const devices = feed.records('device', new Collection<Device>(), { whole: false });

/** Page in more accounts, from `before` on; whether there may be others after them. */
export async function loadAccounts(before?: string): Promise<boolean> {
  const page = await call<Account[]>('GET', '/accounts', { query: { limit: PAGE, before } });
  accounts.putAll(page);
  return page.length === PAGE;
}

/** Ids are made in the order of time: the oldest one got is where the next page begins. */
export const oldestGot = (): string | undefined => accounts.all.map(({ id }) => id).sort()[0];

/** Page until the account is there, or there are no more. */
export async function findAccount(id: string): Promise<void> {
  let more = await loadAccounts();
  while (more && !accounts.has(id)) more = await loadAccounts(oldestGot());
}

type NewAccount = Pick<Account, 'id' | 'username' | 'name' | 'role' | 'areas'> & {
  password: string;
  terminal_id?: string;
};

export const addAccount = async (body: NewAccount): Promise<Account> =>
  accounts.put(await call<Account>('POST', '/accounts', { body }));

export type AccountChange = Partial<
  Pick<Account, 'name' | 'role' | 'terminal_id' | 'areas' | 'disabled'>
>;

export const changeAccount = async ({ id, version }: Account, change: AccountChange): Promise<Account> =>
  accounts.put(await call<Account>('PATCH', `/accounts/${seg(id)}`, { body: { version, ...change } }));

/** What an order on an account answers is not relied on: the account is read again. */
async function order(id: string, path: string, body: object): Promise<void> {
  await call('POST', path, { body });
  await findAccount(id);
}

export const setPassword = (id: string, password: string) =>
  order(id, `/accounts/${seg(id)}/password`, { password });
export const endSessions = (id: string) => order(id, `/accounts/${seg(id)}/end-sessions`, {});
export const erase = (id: string, reason: string) => order(id, `/accounts/${seg(id)}/erase`, { reason });
export const unlock = ({ id, username }: Account, reason: string) =>
  order(id, `/accounts/${seg(username)}/unlock`, { reason });

export const beginTotp = (id: string): Promise<{ secret: string; uri: string; svg: string }> =>
  call('POST', `/accounts/${seg(id)}/totp`);
export const confirmTotp = (id: string, code: string): Promise<void> =>
  call('POST', `/accounts/${seg(id)}/totp/confirm`, { body: { code } });
export const removeTotp = (id: string): Promise<void> => call('DELETE', `/accounts/${seg(id)}/totp`);

export const changePassword = (old: string, fresh: string): Promise<void> =>
  call('POST', '/session/password', { body: { old, new: fresh } });

export const loadDevices = async (): Promise<void> =>
  devices.refill(await call<Device[]>('GET', '/devices'));

export async function invite(
  body: Pick<Device, 'id' | 'kind' | 'subject_id' | 'name'>,
): Promise<Invitation> {
  const invitation = await call<Invitation>('POST', '/devices', { body });
  devices.put(invitation.device);
  return invitation;
}

export async function orderDevice(
  { id }: Device,
  action: 'lock' | 'wipe' | 'revoke',
  reason: string,
): Promise<void> {
  await call('POST', `/devices/${seg(id)}/${action}`, { body: { reason } });
  await loadDevices();
}

export const addGuest = (body: {
  id: string;
  name: string;
  incident_id: string;
  hours: number;
}): Promise<{ url: string; expires_ms: number }> => call('POST', '/guests', { body });

export const loadAreas = (): Promise<Area[]> => call('GET', '/areas');

/** An SVG of the command post as a picture: whatever it holds, nothing in it runs. */
export const svgUrl = (svg: string): string => `data:image/svg+xml,${encodeURIComponent(svg)}`;
