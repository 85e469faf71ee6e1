/** The tabs of the desk's right panel, and who sees which. */
import { RIGHT_TABS, type RightTab } from '$shared/desk.svelte';
import { session } from '$shared/session/session.svelte';

const NEEDS: Readonly<Record<RightTab, readonly string[]>> = {
  flight: ['vehicle.view'],
  search: ['plan.view'],
  plot: ['drawing.view'],
  tasks: ['task.view', 'task.own'],
  messages: ['message.view'],
  reports: ['field_report.view'],
  views: ['view_request.view'],
  duties: ['incident_report.view'],
};

export const seesTab = (tab: RightTab): boolean => NEEDS[tab].some((permission) => session.may(permission));
export const seenTabs = (): RightTab[] => RIGHT_TABS.filter(seesTab);
