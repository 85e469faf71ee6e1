/** What this person may do or open now: everything of the console that has a key or a page. */
import { desk } from '$shared/desk.svelte';
import { inBoth, language, t, type MessageKey } from '$shared/i18n/i18n.svelte';
import { mapState } from '$shared/map/mapState.svelte';
import { router } from '$shared/router/console';
import { session } from '$shared/session/session.svelte';
import { theme } from '$shared/theme.svelte';
import { ADMIN_PAGES } from '../../features/accounts/pages';
import '../../features/accounts/texts';
import { detections } from '../../features/detections/detections.svelte';
import { selection } from '../../features/flights/selection.svelte';
import { INSPECTION_PAGES } from '../../features/inspections/pages';
import '../../features/inspections/texts';
import { drawings } from '../../features/plotting/drawings.svelte';
import { pointers } from '../../features/plotting/pointers.svelte';
import '../../features/registers/texts';
import { bell } from '../bell/bell.svelte';
import { pressDeskKey } from '../keys';
import { lastDesk } from '../lastDesk.svelte';
import { seenTabs } from '../tabs';
import { together } from '../together.svelte';
import type { Find } from './finds';

/** A command under the text it has elsewhere; found by that text in either language. */
function command(key: MessageKey, go: () => void, shown: { key?: string; within?: MessageKey } = {}): Find {
  const within = shown.within ? t(shown.within) : undefined;
  return {
    group: 'command',
    id: `command ${key} ${shown.within ?? ''}`,
    names: [...inBoth(key), ...(shown.within ? inBoth(shown.within) : []), shown.key ?? ''],
    label: t(key),
    detail: within,
    key: shown.key,
    go,
  };
}

const onDesk = (run: () => void) => () => {
  lastDesk.show();
  run();
};
const byKey = (key: string, shift = false) => onDesk(() => pressDeskKey(key, shift));
const page = (name: Parameters<typeof router.href>[0]) => () => router.go(router.href(name));

function deskCommands(): Find[] {
  const alert = detections.selectedId ? detections.records.get(detections.selectedId) : undefined;
  const open = alert?.status === 'open';
  const seesAlerts = session.may('detection.view');
  const judges = seesAlerts && open;
  const when = (may: boolean, ...finds: Find[]) => (may ? finds : []);
  return [
    ...when(session.may('incident.open'), command('incident.new', onDesk(() => (desk.incidentDialog = true)))),
    ...when(seesAlerts, command('keys.next', byKey(' '), { key: 'Space' }), command('keys.previous', byKey(' ', true), { key: 'Shift+Space' })),
    ...when(judges, command('keys.review', byKey('Enter'), { key: 'Enter' })),
    ...when(Boolean(alert) && session.may('task.assign'), command('keys.task', byKey('t'), { key: 'T' })),
    ...when(judges && !alert?.position, command('keys.place', byKey('p'), { key: 'P' })),
    ...when(session.may('task.assign') && Boolean(desk.incidentId), command('keys.new-task', byKey('n'), { key: 'N' })),
    ...when(Boolean(desk.incidentId) && session.may('task.view'), command('keys.board', byKey('b'), { key: 'B' })),
    ...when(Boolean(desk.incidentId) && session.may('check_in.set'), command('keys.roll', byKey('o'), { key: 'O' })),
    ...when(session.may('detection.review'), command('keys.log', byKey('v'), { key: 'V' })),
    ...when(judges, command('keys.snooze', byKey('s'), { key: 'S' })),
    ...when(drawings.may, command('keys.draw', byKey('d'), { key: 'D' })),
    ...when(pointers.may, command('keys.point', byKey('k'), { key: 'K' })),
    ...when(bell.hears, command('keys.mute', byKey('m'), { key: 'M' })),
    ...when(
      session.may('vehicle.view'),
      command('keys.all', byKey('a'), { key: 'A' }),
      ...when(selection.lead !== null, command('keys.follow', byKey('f'), { key: 'F' })),
    ),
    ...when(session.may('flight.command'), command('keys.orders', onDesk(() => (desk.tab = 'flight')), { key: 'H G R L' })),
    ...when(session.may('video.view'), command('wall.open', byKey('F2'), { key: 'F2' })),
    command('map.measure', onDesk(() => (mapState.mode = 'measure'))),
    ...seenTabs().map((tab) => command(`tabs.${tab}`, onDesk(() => (desk.tab = tab)), { within: 'tabs.title' })),
  ];
}

function pages(): Find[] {
  const may = (needs: string) => session.may(needs);
  return [
    command('nav.desk', () => lastDesk.show(), { within: 'nav.title' }),
    ...(may('warning.view') ? [command('nav.warnings', page('warnings'), { within: 'nav.title' })] : []),
    ...INSPECTION_PAGES.filter(({ needs }) => may(needs)).map((each) =>
      command(`inspections.page.${each.page}`, page(each.page), { within: 'inspections.title' }),
    ),
    ...(may('handover.view') ? [command('handover.open', page('handovers'), { within: 'nav.title' })] : []),
    ...(may('response_plan.view') ? [command('nav.library', page('library'), { within: 'nav.title' })] : []),
    ...(may('register.view') ? [command('nav.registers', page('registers'), { within: 'nav.title' })] : []),
    ...ADMIN_PAGES.filter(({ needs }) => may(needs)).map((each) =>
      command(`admin.page.${each.page}`, page(each.page), { within: 'admin.title' }),
    ),
    ...(session.user?.role === 'guest' ? [] : [command('nav.self', page('self'), { within: 'nav.title' })]),
  ];
}

function display(): Find[] {
  return [
    command(theme.current === 'dark' ? 'display.light' : 'display.dark', () => theme.toggle()),
    ...(together.second
      ? [command('display.goes-along', () => together.toggle())]
      : [
          ...(session.may('video.view') ? [command('display.second-wall', () => together.open('wall'))] : []),
          command('display.second-map', () => together.open('map')),
        ]),
    command('keys.title', () => (desk.keys = true), { key: '?' }),
    command('palette.language', () => language.toggle()),
    command('signin.out', () => void session.signOut()),
  ];
}

export const commands = (): Find[] => [...deskCommands(), ...pages(), ...display()];
