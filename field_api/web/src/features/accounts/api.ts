/** Accounts, devices and visitors. */
import { ask, http } from '$shared/api/client';
import type { components } from '$shared/api/schema';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';

type Schemas = components['schemas'];
export type Role = Schemas['Role'];
export type Account = Schemas['AccountView'];
export type Device = Schemas['DeviceView'];
export type DeviceKind = Schemas['DeviceKind'];
export type Invitation = Schemas['Invitation'];
export type GuestInvitation = Schemas['GuestInvitation'];
export type Area = Schemas['AreaView'];

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

export const accounts = feed.records('account', new Collection<Account>(), { whole: false });
export const devices = feed.records('device', new Collection<Device>(), { whole: false });

async function pageOf(before?: string): Promise<Account[]> {
  const query = { limit: PAGE, ...(before ? { before } : {}) };
  const page = await ask(http.GET('/api/v1/accounts', { params: { query } }));
  accounts.putAll(page);
  return page;
}

/** Page in more accounts, from `before` on; whether there may be others after them. */
export const loadAccounts = async (before?: string): Promise<boolean> =>
  (await pageOf(before)).length === PAGE;

/** Ids are made in the order of time: the oldest one got is where the next page begins. */
export const oldestGot = (): string | undefined => accounts.all.map(({ id }) => id).sort()[0];

/** Read an account anew: page until it has come, or there are no more. */
export async function findAccount(id: string): Promise<void> {
  let page = await pageOf();
  while (page.length === PAGE && !page.some((account) => account.id === id)) {
    page = await pageOf(page.at(-1)!.id);
  }
}

const one = (account_id: string) => ({ params: { path: { account_id } } });

type NewAccount = Pick<Account, 'id' | 'username' | 'name' | 'role' | 'areas'> & {
  password: string;
  terminal_id?: string;
};

export const addAccount = async (body: NewAccount): Promise<Account> =>
  accounts.put(await ask(http.POST('/api/v1/accounts', { body })));

export type AccountChange = Partial<
  Pick<Account, 'name' | 'role' | 'terminal_id' | 'areas' | 'disabled'>
>;

export async function changeAccount({ id, version }: Account, change: AccountChange): Promise<Account> {
  const body = { version, ...change };
  return accounts.put(await ask(http.PATCH('/api/v1/accounts/{account_id}', { ...one(id), body })));
}

export async function setPassword(id: string, password: string): Promise<void> {
  const path = '/api/v1/accounts/{account_id}/password';
  await ask(http.POST(path, { ...one(id), body: { password } }));
  await findAccount(id); // its sessions have ended
}

export async function endSessions(id: string): Promise<void> {
  await ask(http.POST('/api/v1/accounts/{account_id}/end-sessions', one(id)));
  await findAccount(id);
}

export async function erase(id: string, reason: string): Promise<void> {
  const path = '/api/v1/accounts/{account_id}/erase';
  accounts.put(await ask(http.POST(path, { ...one(id), body: { reason } })));
}

export async function unlock({ id, username }: Account, reason: string): Promise<void> {
  const params = { path: { username } };
  await ask(http.POST('/api/v1/accounts/{username}/unlock', { params, body: { reason } }));
  await findAccount(id);
}

export const beginTotp = (id: string): Promise<Schemas['TotpSecret']> =>
  ask(http.POST('/api/v1/accounts/{account_id}/totp', one(id)));

export async function confirmTotp(id: string, code: string): Promise<void> {
  const path = '/api/v1/accounts/{account_id}/totp/confirm';
  await ask(http.POST(path, { ...one(id), body: { code } }));
}

export async function removeTotp(id: string): Promise<void> {
  accounts.put(await ask(http.DELETE('/api/v1/accounts/{account_id}/totp', one(id))));
}

export async function changePassword(old: string, fresh: string): Promise<void> {
  await ask(http.POST('/api/v1/session/password', { body: { old, new: fresh } }));
}

export const loadDevices = async (): Promise<void> =>
  devices.refill(await ask(http.GET('/api/v1/devices')));

export async function invite(body: Schemas['InviteDevice']): Promise<Invitation> {
  const invitation = await ask(http.POST('/api/v1/devices', { body }));
  devices.put(invitation.device);
  return invitation;
}

export type DeviceOrder = 'lock' | 'unlock' | 'wipe' | 'revoke';

export async function orderDevice({ id }: Device, order: DeviceOrder, reason: string): Promise<void> {
  const params = { path: { device_id: id } };
  devices.put(await ask(http.POST(`/api/v1/devices/{device_id}/${order}`, { params, body: { reason } })));
}

export const addGuest = (body: Schemas['InviteGuest']): Promise<GuestInvitation> =>
  ask(http.POST('/api/v1/guests', { body }));

export const loadAreas = (): Promise<Area[]> => ask(http.GET('/api/v1/areas'));

/** An SVG of the command post as a picture: whatever it holds, nothing in it runs. */
export const svgUrl = (svg: string): string => `data:image/svg+xml,${encodeURIComponent(svg)}`;
